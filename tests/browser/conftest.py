"""A browser that opens pages from disk and records what they do. `make browser-test` installs it."""

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")  # its event loop must not outlive these tests
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed; see make browser-test")
    if not CHROMIUM.exists():
        pytest.skip("there is no Chromium; see make browser-test")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS, headless=True)
        yield browser
        browser.close()


class Opened:
    """A page in a browser without a network, what it asked for and what went wrong."""

    def __init__(self, context, path, clock):
        self.page = context.new_page()
        self.complaints, self.requests = [], []
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        if clock:
            self.page.clock.install(time="2030-01-01")
        self.page.goto(path.as_uri())
        if clock:
            self.page.clock.pause_at("2030-01-02")  # from here on, time passes only where a test says so
        self.address = path.as_uri()

    def asked_for(self):
        """What it loaded that does not lie in it."""
        return [url for url in self.requests if not url.startswith("data:") and url != self.address]

    def shown_grids(self):
        """The step of each grid that can be seen."""
        return [int(one.get_attribute("data-step")) for one in self.page.locator("[data-grids] img:visible").all()]

    def captions(self):
        return self.page.locator("[data-grids] > figcaption").all_inner_texts()


@pytest.fixture
def opened(chromium):
    """Open a page, on a screen so wide, light or dark. Without its own clock, time passes as it does."""
    contexts = []

    def open_page(path, *, width=1280, scheme="light", clock=True):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        contexts.append(context)
        return Opened(context, path, clock)

    yield open_page
    for context in contexts:
        context.close()
