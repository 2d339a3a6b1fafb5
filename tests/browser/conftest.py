"""Fixtures of the browser kit; what they give is described in `kit.py`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Protocol

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright
from pytest_django.live_server_helper import LiveServer

from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.browser.kit import ARGUMENTS, CHROMIUM, WIDE, Desk
from tests.factories import make_staff

# Playwright runs an event loop in this thread; the tests' own queries beside it are meant.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class OpenDesk(Protocol):
    """How tests call `open_desk`."""

    def __call__(
        self,
        role: Role | None = None,
        *,
        staff: Staff | None = None,
        locale: str = "zh-CN",
        size: ViewportSize = WIDE,
        theme: str = "light",
    ) -> Desk: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs Chromium, and runs after all others: from the first one on,
    Playwright's event loop runs in this thread, and no other loop may start beside it."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the machine."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM} (set CHROMIUM to name another)")
    if not (settings.ASSETS / "manifest.json").exists():
        pytest.skip("the office's assets are not built: npm --prefix office_ui run build")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_desk(chromium: Browser, live_server: LiveServer) -> Iterator[OpenDesk]:
    """Opens desks; at the end of the test nothing may have gone wrong on any of them."""
    contexts: list[BrowserContext] = []
    desks: list[Desk] = []

    def open_desk(
        role: Role | None = None,
        *,
        staff: Staff | None = None,
        locale: str = "zh-CN",
        size: ViewportSize = WIDE,
        theme: str = "light",
    ) -> Desk:
        context = chromium.new_context(
            locale=locale,
            viewport=size,
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(45_000)
        contexts.append(context)
        if staff is None and role is not None:
            staff = make_staff(role)
        if staff is not None:
            context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": _session_of(staff),
                        "url": live_server.url,
                    }
                ]
            )
        desk = Desk(page=context.new_page(), address=live_server.url)
        desks.append(desk)
        return desk

    yield open_desk
    problems = [problem for desk in desks for problem in desk.unforgiven()]
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


def _session_of(staff: Staff) -> str:
    client = Client()
    client.force_login(staff, backend=BACKEND)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
