"""The phone app in the browser kit: a phone in somebody's hand, at a place, on or off the network.

    phone = open_phone(agent, locale="en-US", at=(31.24, 121.47))
    phone.bind(pin="271828")
    phone.press("visit.way.go")          # a button, by the key of its words in field/src/i18n
    phone.check("arrive")                # axe, no sideways scrolling, a picture if wanted

Words are read from the app's own files, so that one test speaks every language. With the variable
DOORSTEP_TEST_SHOTS pictures of every checked screen are put into that folder.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator

from tests.browser.kit import Desk

FIELD = Path(__file__).parents[2] / "field"
SHOTS = os.environ.get("DOORSTEP_TEST_SHOTS", "")
PIN = "271828"
OFFLINE = "ERR_INTERNET_DISCONNECTED"
READY = "() => navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller)"


@cache
def words_of(language: str) -> dict[str, Any]:
    """The app's words in a language, by area."""
    folder = FIELD / "src" / "i18n" / language
    return {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}


@dataclass
class Phone:
    """A phone and what is on its screen."""

    desk: Desk
    context: BrowserContext
    language: str
    name: str
    shots: int = 0

    def words(self, key: str, **filled: object) -> str:
        """The words of a key like `visit.way.go`, with what is filled in."""
        found: Any = words_of(self.language)
        for part in key.split("."):
            found = found[part]
        return re.sub(r"\{(\w+)\}", lambda each: str(filled[each[1]]), str(found))

    def button(self, key: str, **filled: object) -> Locator:
        """A button or link by its words."""
        words = self.words(key, **filled)
        page = self.desk.page
        named = page.get_by_role("button", name=words, exact=True)
        return named.or_(page.get_by_role("link", name=words, exact=True)).first

    def press(self, key: str, **filled: object) -> None:
        """Tap it as soon as it can be tapped."""
        self.button(key, **filled).click()

    def sees(self, key: str, **filled: object) -> None:
        """Wait until these words stand somewhere on the screen."""
        self.desk.page.get_by_text(self.words(key, **filled)).first.wait_for()

    def step(self, title: str) -> None:
        """Wait for the screen of a step by its title."""
        self.desk.page.get_by_role("heading", level=1, name=title, exact=True).wait_for()

    def open(self, path: str) -> None:
        """Open a page of the app as its address; the network must be there or the app kept."""
        self.desk.page.goto(f"{self.desk.address}/field{path}")

    def walk(self, path: str) -> None:
        """Go to a page inside the running app."""
        self.desk.page.evaluate(
            """path => { history.pushState({}, "", "/field" + path);
                         dispatchEvent(new PopStateEvent("popstate", { state: {} })) }""",
            path,
        )

    def bind(self, pin: str = PIN) -> None:
        """Give the phone to whoever is signed in, and set their PIN."""
        self.open("/")
        self.press("account.bind")
        page = self.desk.page
        page.get_by_label(self.words("account.pin"), exact=True).fill(pin)
        page.get_by_label(self.words("account.pin_again"), exact=True).fill(pin)
        self.press("account.pin_keep")
        page.get_by_role("navigation").first.wait_for()

    def unlock(self, pin: str = PIN) -> None:
        """Open it with the PIN."""
        self.desk.page.get_by_label(self.words("account.pin"), exact=True).fill(pin)
        self.press("account.open")

    def kept(self) -> None:
        """Wait until the app is kept on the phone and starts without a network."""
        self.desk.page.wait_for_function(READY)

    def offline(self, gone: bool = True) -> None:
        """Take the network away, or give it back."""
        if gone:
            self.desk.forgive(OFFLINE)
        self.context.set_offline(gone)

    def look(self) -> None:
        """Take the phone out again: it asks the office what is new."""
        self.desk.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def sent(self) -> None:
        """Wait until nothing waits on the phone any more."""
        words = self.words("app.sync.done")
        self.desk.page.get_by_role("link", name=words).wait_for(timeout=90_000)

    def sign(self, place: int = 0) -> None:
        """Draw something into a signature field."""
        canvas = self.desk.page.locator("canvas").nth(place)
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        mouse = self.desk.page.mouse
        mouse.move(box["x"] + 30, box["y"] + 40)
        mouse.down()
        for x, y in ((80, 90), (130, 30), (180, 95)):
            mouse.move(box["x"] + x, box["y"] + y, steps=4)
        mouse.up()

    def check(self, name: str) -> None:
        """The screen as it stands is clean; a picture of it where pictures are wanted."""
        if SHOTS:
            self.shots += 1
            file = f"{self.language}-{self.name}-{self.shots:02}-{name}.png"
            self.desk.page.screenshot(path=str(Path(SHOTS) / file), full_page=True)
        self.desk.check()
