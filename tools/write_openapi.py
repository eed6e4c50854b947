"""Write the OpenAPI document from the code, for what is generated from it.

usage: write_openapi.py FILE
"""

import json
import sys
from pathlib import Path

from masterflow.api.app import describe_api


def main() -> int:
    Path(sys.argv[1]).write_text(json.dumps(describe_api(), sort_keys=True), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
