"""Chromium, as all that drives a browser here starts it."""

import shutil

from playwright.sync_api import Browser, Playwright

# A distribution's own; Playwright would download one.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright, *flags: str) -> Browser:
    """A headless Chromium that asks nobody on the Internet."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    return playwright.chromium.launch(executable_path=found, args=[*FLAGS, *flags])
