"""Debian's Chromium, driven by Playwright.

In:    nothing; `chromium` in PATH.
Out:   how it is launched; a page that somebody is signed in on.
Fails: as Playwright does, with what it saw.
"""

from __future__ import annotations

import shutil
from typing import Any

from playwright.async_api import Page

from tests.web.town import PASSWORD

# As root in a container, with nobody to talk to but us.
LAUNCH: dict[str, Any] = {
    "executable_path": shutil.which("chromium") or "/usr/bin/chromium",
    "headless": True,
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}


async def sign_in(page: Page, url: str, email: str, password: str = PASSWORD) -> None:
    """As a person does."""
    await page.goto(f"{url}/sign-in")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(lambda address: "sign-in" not in address)
