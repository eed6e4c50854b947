"""The page behind a sign-in link. It reads the code from behind `#`, uses it up, and goes to the front page.

Fetching the page uses nothing up, and no server, proxy or log ever sees the code but in the body of the one request
that does.
"""

import base64
import hashlib

from fastapi import APIRouter
from starlette.responses import HTMLResponse

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color: #1b2733; }
button { font: inherit; padding: .3rem 1rem } code { background: #eef2f5; padding: 0 .3em; border-radius: 3px }
@media (prefers-color-scheme: dark) { body { background: #12181e; color: #dde5ec } a { color: #8ac6ff }
code { background: #23303b } }
"""

SCRIPT = """
"use strict";
const says = document.getElementById("says");
const leave = document.getElementById("leave");
const code = new URLSearchParams(location.hash.slice(1)).get("code");
history.replaceState(null, "", "/sign-in");

async function signIn() {
  const answer = await fetch("/api/v1/sign-in", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }),
  });
  if (!answer.ok) {
    const problem = await answer.json();
    says.textContent = problem.detail + " " + (problem.hint || "");
  } else if ((await fetch("/api/v1/me")).ok) {
    location.replace("/");
  } else {
    says.textContent = "The browser kept no session: open the link over https, or at http://127.0.0.1 on the machine.";
  }
}

async function offerToLeave() {
  const answer = await fetch("/api/v1/me");
  if (!answer.ok) {
    says.textContent = "Nobody is signed in here. masterflow user sign-in-link EMAIL makes a link.";
    return;
  }
  const me = await answer.json();
  says.textContent = "You are signed in as " + me.email + ".";
  leave.hidden = false;
  leave.addEventListener("click", async () => {
    const done = await fetch("/api/v1/sign-out", { method: "POST", headers: { "Masterflow-CSRF": me.csrf } });
    leave.hidden = done.ok;
    says.textContent = done.ok ? "You are signed out." : "That did not work. Load the page again.";
  });
}

(code ? signIn() : offerToLeave()).catch(() => {
  says.textContent = "The server does not answer. Try again shortly; the link is good for 15 minutes.";
});
"""

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in to Masterflow</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>STYLE</style></head>
<body>
<h1>Masterflow</h1>
<p id="says" role="status">One moment…</p>
<noscript><p>This page needs JavaScript to read the link; tokens work without it.</p></noscript>
<p><button id="leave" hidden>Sign out</button> <a href="/">Front page</a></p>
<script>SCRIPT</script>
</body>
</html>
"""


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'sha256-{_digest(SCRIPT)}'; style-src 'sha256-{_digest(STYLE)}'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}
_PAGE = PAGE.replace("STYLE", STYLE).replace("SCRIPT", SCRIPT)

router = APIRouter(include_in_schema=False)


@router.get("/sign-in", response_class=HTMLResponse)
async def sign_in_page() -> HTMLResponse:
    """The page itself; it is the same for everybody."""
    return HTMLResponse(_PAGE, headers=HEADERS)
