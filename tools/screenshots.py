"""Write a picture of every page, wide and narrow, light and dark, from a server with the bundled estate.

usage: screenshots.py FOLDER [NAME ...]     with names only those pages
"""

import asyncio
import sys
import tempfile
from itertools import product
from pathlib import Path

from tests.e2e.browser import Scheme, chromium, visiting
from tests.e2e.places import LEAD, Stage, set_stage
from tests.e2e.server import Server, running

WIDTHS = (1440, 390)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
HEIGHT = 900


async def _picture(server: Server, stage: Stage, folder: Path, names: list[str]) -> None:
    places = [place for place in stage.places if not names or place.name in names]
    async with chromium() as browser:
        for width, scheme in product(WIDTHS, SCHEMES):
            link = await server.link(stage.tenant, LEAD)
            async with visiting(browser, link, width=width, height=HEIGHT, scheme=scheme) as lead:
                for place in places:
                    await lead.visit(place.path)
                    await lead.page.screenshot(path=folder / f"{place.name}-{width}-{scheme}.png")
                for complaint in lead.complaints:
                    print(complaint, file=sys.stderr)
    print(f"{len(places) * len(WIDTHS) * len(SCHEMES)} pictures in {folder}")


def main() -> int:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="masterflow-pictures-") as data:
        Path(data).chmod(0o755)
        with running(Path(data)) as server:
            asyncio.run(_picture(server, asyncio.run(set_stage(server)), folder, sys.argv[2:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
