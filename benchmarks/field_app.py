"""The phone app in a real Chromium: bytes to load, seconds to start offline, memory at recording.

    ./script/up                                      # in another window: the example bank
    .venv/bin/python -m benchmarks.field_app --login field1 [--at http://127.0.0.1:8000]
        [--minutes 60] [--throttle 4] [--rounds 7]

Signs in as an agent who has a visit today in the example bank, binds a phone, and measures
    bytes    of the built app, gzipped: what the first page asks for, and all of it
    start    from nothing to the PIN on the screen, and from the PIN to the day, without a network,
             with the processor held back; the median, and its ratio to the start at full speed
    memory   of the page's process and of its script heap while a visit is recorded with picture
             and sound from Chromium's own test camera, without a network (the tools that drive the
             browser keep whatever it sends in the same process): a line a minute, and the growth
The last visit of the day is taken as far as the consent to record and left there. Exit 1 when one
of the three limits (600 KB, 2 s, 150 MB) is not held.
"""

from __future__ import annotations

import argparse
import gzip
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Geolocation, sync_playwright
from tests.browser.kit import ARGUMENTS, CHROMIUM, PHONE, Desk
from tests.browser.phone import PIN, Phone

ROOT = Path(__file__).parents[1]
FIRST_KB, START_SECONDS, MEMORY_MB = 600, 2.0, 150
LOOK = ("en-US", "en")
ASKED = re.compile(r'(?:src|href)="/field/([^"]+\.(?:js|css))"')
PLACE: Geolocation = {"latitude": 31.23, "longitude": 121.47, "accuracy": 10}


def main() -> int:
    """Measure all three, print them, say whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--at", default="http://127.0.0.1:8000")
    parser.add_argument("--login", default="field1")
    parser.add_argument("--password", default="open-the-door-kindly")
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--throttle", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    held = [first_bytes() <= FIRST_KB]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        phone = bound(browser, chosen.at, chosen.login, chosen.password)
        held.append(starts(phone, rounds=chosen.rounds, throttle=chosen.throttle) <= START_SECONDS)
        if chosen.minutes:
            held.append(recording(browser, phone, minutes=chosen.minutes) <= MEMORY_MB)
        browser.close()
    return 0 if all(held) else 1


def first_bytes() -> float:
    """Kilobytes, gzipped, that the first page asks for."""
    dist = ROOT / "field" / "dist"
    page = (dist / "index.html").read_text("utf-8")
    first = [dist / "index.html", *(dist / name for name in ASKED.findall(page))]
    everything = [
        each for each in dist.rglob("*") if each.is_file() and each.suffix not in {".gz", ".br"}
    ]
    kilobytes = [
        sum(len(gzip.compress(each.read_bytes(), 6)) for each in files) / 1024
        for files in (first, everything)
    ]
    print(f"bytes   first page {kilobytes[0]:.0f} KB, everything {kilobytes[1]:.0f} KB, gzipped")
    return kilobytes[0]


def bound(browser: Browser, address: str, login: str, password: str) -> Phone:
    """A phone of that agent, with the day on it and the app kept."""
    context = browser.new_context(
        locale=LOOK[0],
        viewport=PHONE,
        geolocation=PLACE,
        permissions=["geolocation", "camera", "microphone"],
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{address}/accounts/login/?next=/field/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.click("main [type=submit]")
    page.wait_for_url("**/field/**")
    phone = Phone(Desk(page, address), context, LOOK[1], "bench")
    phone.bind()
    phone.sent()
    phone.kept()
    return phone


def starts(phone: Phone, *, rounds: int, throttle: float) -> float:
    """Seconds from nothing to the PIN on the screen, without a network and held back."""
    phone.offline()
    full = [start(phone, 1) for _round in range(rounds)]
    slow = [start(phone, throttle) for _round in range(rounds)]
    phone.offline(False)
    medians: list[float] = [statistics.median(each) for each in zip(*slow, strict=True)]
    ratio = medians[0] / statistics.median(shown for shown, _opened in full)
    print(
        f"start   {medians[0]:.2f} s to the PIN, {medians[1]:.2f} s more to the day, offline, "
        f"1/{throttle:g} speed; {ratio:.1f} times the start at full speed"
    )
    return medians[0]


def start(phone: Phone, throttle: float) -> tuple[float, float]:
    """A new page of the kept app: seconds to the PIN, and from its last digit to the day."""
    phone.desk.page.close()
    page = phone.context.new_page()
    phone.desk.page = page
    session = phone.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
    began = time.perf_counter()
    page.goto(f"{phone.desk.address}/field/", wait_until="commit")
    pin = page.get_by_label(phone.words("account.pin"), exact=True)
    pin.wait_for()
    shown = time.perf_counter() - began
    pin.fill(PIN)
    began = time.perf_counter()
    phone.press("account.open")
    page.get_by_role("navigation").first.wait_for()
    return shown, time.perf_counter() - began


def recording(browser: Browser, phone: Phone, *, minutes: int) -> float:
    """The most megabytes the page's process held while it recorded, less before it began."""
    phone.offline()
    to_consent(phone)
    session = phone.context.new_cdp_session(phone.desk.page)
    session.send("Performance.enable")
    system = browser.new_browser_cdp_session()
    before = max(renderers(system))
    phone.press("visit.record.yes_video")
    phone.sees("recording.running")
    seen: list[tuple[float, float]] = []
    for minute in range(1, minutes + 1):
        phone.desk.page.wait_for_timeout(60_000)
        seen.append((max(renderers(system)), heap(session)))
        print(
            f"  minute {minute:3}: page {seen[-1][0]:.0f} MB, script {seen[-1][1]:.1f} MB",
            flush=True,
        )
    phone.context.close()
    pages = [page for page, _script in seen]
    later = pages[len(pages) // 2 :]
    growth = statistics.linear_regression(range(len(later)), later).slope if later[1:] else 0.0
    print(
        f"memory  {max(pages):.0f} MB at most in {minutes} minutes ({before:.0f} MB before), "
        f"script {max(script for _page, script in seen):.1f} MB, growth in the second half "
        f"{growth * 60:.1f} MB an hour"
    )
    return max(pages)


def to_consent(phone: Phone) -> None:
    """The last visit of the day, as far as the consent to record."""
    page = phone.desk.page
    stop = page.locator("a[href$='/stop']").last.get_attribute("href") or ""
    phone.walk(stop.removeprefix("/field").removesuffix("/stop"))
    phone.press("visit.way.go")
    page.locator("input[type=password]").fill(PIN)
    phone.press("visit.arrive.check_pin")
    phone.press("visit.arrive.do")
    phone.press("visit.clear.ring")
    page.get_by_label(phone.words("visit.identity.not_wanted")).check()
    phone.press("visit.identity.do")
    phone.press("visit.who.borrower")
    phone.press("visit.said")


def renderers(system: CDPSession) -> list[float]:
    """Megabytes that belong to each page process alone."""
    found: list[dict[str, Any]] = system.send("SystemInfo.getProcessInfo")["processInfo"]
    return [private(each["id"]) for each in found if each["type"] == "renderer"]


def private(process: int) -> float:
    """Megabytes of a process that no other shares (Linux: smaps_rollup)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("Private_")]
    return sum(kilobytes) / 1024


def heap(session: CDPSession) -> float:
    """Megabytes of script objects after what is no longer used has gone."""
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return (
        float(next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize")) / 2**20
    )


if __name__ == "__main__":
    sys.exit(main())
