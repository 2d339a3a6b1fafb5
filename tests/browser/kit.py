"""The browser kit: real pages in a real Chromium, strict about everything it sees.

A test asks for the fixture `open_desk` (in `conftest.py` beside this) and gets a signed-in page:

    def test_the_worklist_opens_a_case(open_desk):
        make_cases(count=3)                                   # rows first, then the desk
        desk = open_desk(Role.COLLECTIONS_MANAGER)            # or staff=make_staff(...), or no role
        desk.go("/cases/")                                    # waits until htmx and charts are done
        desk.page.get_by_role("link", name="欧***").first.click()
        desk.check()                                          # axe: no violation at all

`open_desk` takes `locale="zh-CN"` or `"en-GB"`, `size=WIDE` (1280 x 800) or `PHONE` (390 x 844),
and `theme="light"` or `"dark"`. `LOOKS` lists the combinations every page should be checked in.

The desk notes console errors and warnings, uncaught errors, violations of the content security
policy and answers of 400 and above; any of them fails the test at its end. A test that provokes one
on purpose says so first: `desk.forgive("404")`.

Chromium comes from the machine (/usr/bin/chromium, or the variable CHROMIUM) and the assets from
`npm --prefix office_ui run build`; without either, browser tests are skipped and say why.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page, Response, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
LOOKS = [
    ("zh-CN", WIDE, "light"),
    ("zh-CN", PHONE, "dark"),
    ("en-GB", WIDE, "dark"),
    ("en-GB", PHONE, "light"),
]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--use-angle=swiftshader",  # maps are drawn with WebGL, and there is no graphics card
    "--enable-unsafe-swiftshader",
    "--use-fake-device-for-media-stream",  # the phone app records a beeping test picture
    "--use-fake-ui-for-media-stream",
]
WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`POLICY ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
WIDER = """() => Math.max(...[document.documentElement, document.querySelector("main")]
  .map((part) => part.scrollWidth - part.clientWidth))
"""
SETTLED = """() =>
  !document.querySelector(
    ".htmx-request, [data-chart]:not([data-drawn=yes]), [data-map]:not([data-drawn=yes])")
"""


@dataclass
class Desk:
    """A page of the office in one look, and everything that went wrong on it."""

    page: Page
    address: str
    problems: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(WATCH_POLICY)
        self.page.on("console", self._console)
        self.page.on("pageerror", self._error)
        self.page.on("response", self._response)

    def go(self, path: str) -> Response:
        """Open a page of the office and wait until it stands still."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        self.settle()
        return answer

    def settle(self) -> None:
        """Wait until nothing loads and every chart and map is drawn."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_function(SETTLED)

    def check(self) -> None:
        """Axe finds nothing on the page as it stands, and it does not scroll sideways."""
        found = Axe().run(self.page).response["violations"]
        assert not found, "\n".join(
            f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"][:4]
        )
        wider = self.page.evaluate(WIDER)
        assert wider <= 0, f"{self.page.url} is {wider} px wider than the screen"

    def forgive(self, words: str) -> None:
        """Problems that hold these words are meant."""
        self.forgiven.append(words)

    def unforgiven(self) -> list[str]:
        """What went wrong and was not meant."""
        return [
            problem
            for problem in self.problems
            if not any(words in problem for words in self.forgiven)
        ]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console {message.type}: {message.text} ({self.page.url})")

    def _error(self, error: Error) -> None:
        self.problems.append(f"uncaught: {error} ({self.page.url})")

    def _response(self, answer: Response) -> None:
        if answer.status >= 400:
            self.problems.append(f"answer {answer.status}: {answer.url}")
