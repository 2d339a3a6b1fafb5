"""Setting up a second factor and signing in with it, in a real browser."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from playwright.sync_api import expect

from doorstep.workforce.roles import Role
from tests.browser.conftest import OpenDesk
from tests.browser.kit import PHONE, Desk
from tests.factories import make_staff

PASSWORD = "a quiet morning 7"


def sign_in(desk: Desk) -> None:
    desk.go("/accounts/login/")
    desk.page.fill("[name=login]", "lin")
    desk.page.fill("[name=password]", PASSWORD)
    desk.page.click("main [type=submit]")
    desk.page.wait_for_url(lambda address: not address.endswith("/login/"))


def confirmed(desk: Desk, path: str) -> None:
    """Open a page that asks for the password once more."""
    desk.go(path)
    expect(desk.page.get_by_role("link", name="Forgot")).to_have_count(0)
    desk.check()
    desk.page.fill("main [name=password]", PASSWORD)
    desk.page.click("main [type=submit]")
    desk.page.wait_for_url(f"**{path}")


def code(secret: str) -> str:
    """The six digits an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_an_authenticator_app_is_set_up_and_asked_for(open_desk: OpenDesk) -> None:
    make_staff(Role.DESK_AGENT, username="lin", password=PASSWORD)
    desk = open_desk(locale="en-GB")
    sign_in(desk)
    confirmed(desk, "/accounts/2fa/totp/activate/")
    expect(desk.page.locator("img.qr")).to_be_visible()
    desk.check()
    secret = desk.page.input_value("#authenticator_secret")
    desk.page.fill("main [name=code]", code(secret))
    desk.page.click("main [type=submit]")
    expect(desk.page.locator("#recovery_codes")).to_be_visible()
    desk.check()

    again = open_desk(locale="zh-CN", size=PHONE, theme="dark")
    sign_in(again)
    expect(again.page.locator("main [name=code]")).to_be_visible()
    again.check()
    cache.clear()  # a code counts once: without this the test would wait for the next half minute
    again.page.fill("main [name=code]", code(secret))
    again.page.locator("main [type=submit]").first.click()
    expect(again.page.locator("h1")).to_have_text("今日")


def test_the_page_of_security_keys_runs_without_inline_script(open_desk: OpenDesk) -> None:
    make_staff(Role.DESK_AGENT, username="lin", password=PASSWORD)
    desk = open_desk(locale="zh-CN")
    sign_in(desk)
    confirmed(desk, "/accounts/2fa/webauthn/add/")
    expect(desk.page.locator("#mfa_webauthn_add")).to_be_visible()
    desk.check()


def test_a_passkey_signs_in_alone(open_desk: OpenDesk) -> None:
    make_staff(Role.FIELD_AGENT, username="lin", password=PASSWORD)
    desk = open_desk(locale="zh-CN", size=PHONE)
    keys = desk.page.context.new_cdp_session(desk.page)
    keys.send("WebAuthn.enable")
    keys.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(desk)
    confirmed(desk, "/accounts/2fa/webauthn/add/")
    desk.page.fill("main [name=name]", "phone")
    desk.page.check("main [name=passwordless]")
    desk.page.click("#mfa_webauthn_add")
    desk.page.wait_for_url(lambda address: not address.endswith("/webauthn/add/"))
    desk.page.context.clear_cookies()

    desk.go("/accounts/login/")
    desk.check()
    desk.page.click("#passkey_login")
    expect(desk.page.locator("h1")).to_have_text("今日")
