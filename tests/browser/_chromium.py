"""Chromium, as all that drives a browser here starts it."""

import shutil

from playwright.sync_api import Browser, Playwright

# A distribution's own; Playwright would download one.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# The same engine without windows and toolbars: a sixth of the processor's time less.
SHELL = "chromium-headless-shell"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright, *flags: str, with_prompts: bool = False) -> Browser:
    """Start a headless Chromium that asks nobody on the Internet.

    Args:
        playwright: Playwright.
        flags: More flags of Chromium's command line.
        with_prompts: Start the whole browser, which has permissions that a user is asked for.

    """
    names = CHROMIUM if with_prompts else (SHELL, *CHROMIUM)
    found = next(filter(None, map(shutil.which, names)), None)
    return playwright.chromium.launch(executable_path=found, args=[*FLAGS, *flags])
