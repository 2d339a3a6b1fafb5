"""The settings: safe where it is live, and never silently other than what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.security.live import LIVE, run_python, settings_of


def test_live_mode_sends_cookies_over_tls_only_and_hides_them_from_scripts(tmp_path: Path) -> None:
    names = [
        f"{cookie}_COOKIE_{trait}"
        for cookie in ("SESSION", "CSRF")
        for trait in ("SECURE", "HTTPONLY", "NAME")
    ]
    assert settings_of(names, home=tmp_path, environment=LIVE) == {
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "__Host-doorstep",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_NAME": "__Host-csrf",
    }


def test_live_mode_insists_on_tls_and_a_second_factor(tmp_path: Path) -> None:
    assert settings_of(
        [
            "DEBUG",
            "SECURE_SSL_REDIRECT",
            "SECURE_HSTS_SECONDS",
            "SECURE_HSTS_INCLUDE_SUBDOMAINS",
            "SECOND_FACTOR_REQUIRED",
            "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN",
            "SECURE_PROXY_SSL_HEADER",
        ],
        home=tmp_path,
        environment=LIVE,
    ) == {
        "DEBUG": False,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECOND_FACTOR_REQUIRED": True,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
        "SECURE_PROXY_SSL_HEADER": None,
    }


def test_forwarded_headers_are_believed_only_behind_a_named_proxy(tmp_path: Path) -> None:
    behind = settings_of(
        ["SECURE_PROXY_SSL_HEADER", "ALLAUTH_TRUSTED_PROXY_COUNT"],
        home=tmp_path,
        environment={**LIVE, "DOORSTEP_PROXY_TLS": "1"},
    )
    assert behind == {
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
    }


def test_django_has_nothing_to_say_against_the_live_settings(tmp_path: Path) -> None:
    source = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'doorstep.settings'\n"
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(['', 'check', '--deploy', '--fail-level', 'WARNING'])"
    )
    run = run_python(source, home=tmp_path, environment=LIVE)
    assert run.returncode == 0, run.stderr


def test_demo_mode_makes_its_own_key_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    first, second = (settings_of(["SECRET_KEY"], home=tmp_path, environment={}) for _ in range(2))
    assert first == second
    assert len(first["SECRET_KEY"]) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_only_demo_mode_lets_a_password_alone_in(tmp_path: Path) -> None:
    wanted = ["MODE", "SECOND_FACTOR_REQUIRED"]
    demo = settings_of(wanted, home=tmp_path, environment={})
    trial = settings_of(wanted, home=tmp_path, environment={"DOORSTEP_MODE": "lender"})
    assert demo == {"MODE": "demo", "SECOND_FACTOR_REQUIRED": False}
    assert trial == {"MODE": "lender", "SECOND_FACTOR_REQUIRED": True}


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"DOORSTEP_MODE": "production"}, "DOORSTEP_MODE"),
        ({"DOORSTEP_MODE": "live"}, "DOORSTEP_SECRET_KEY"),
        ({**LIVE, "DOORSTEP_SECRET_KEY": "short"}, "DOORSTEP_SECRET_KEY"),
        ({**LIVE, "DOORSTEP_HOSTS": ""}, "DOORSTEP_HOSTS"),
        ({**LIVE, "DOORSTEP_HOSTS": "*"}, "DOORSTEP_HOSTS"),
        ({**LIVE, "DOORSTEP_EVIDENCE_KEYS": ""}, "DOORSTEP_EVIDENCE_KEYS"),
        ({**LIVE, "DOORSTEP_SEAL": ""}, "DOORSTEP_SEAL"),
        ({"DOORSTEP_PROXY_TLS": "maybe"}, "DOORSTEP_PROXY_TLS"),
        ({"DOORSTEP_MAP": "https://tiles.example/all.png"}, "DOORSTEP_MAP"),
        ({"DOORSTEP_MAP": "nowhere.pmtiles"}, "DOORSTEP_MAP"),
        ({"DOORSTEP_UPLOAD_MOST_MB": "0"}, "DOORSTEP_UPLOAD_MOST_MB"),
        ({"DOORSTEP_UPLOAD_MOST_MB": "2 GB"}, "DOORSTEP_UPLOAD_MOST_MB"),
        ({"DOORSTEP_LOG_LEVEL": "LOUD"}, "DOORSTEP_LOG_LEVEL"),
        ({"DOORSTEP_TIME_ZONE": "Asia/Beijing"}, "DOORSTEP_TIME_ZONE"),
        ({"DOORSTEP_ORIGINS": "desk.example"}, "DOORSTEP_ORIGINS"),
        ({"DATABASE_URL": "mysql://root:secret@db/book"}, "DATABASE_URL"),
        ({"DOORSTEP_MOED": "live"}, "DOORSTEP_MOED"),
        ({"DOORSTEP_HOME": "/dev/null/state"}, "DOORSTEP_HOME"),
    ],
)
def test_a_bad_value_is_refused_with_the_name_of_its_variable(
    tmp_path: Path, environment: dict[str, str], variable: str
) -> None:
    run = run_python("import doorstep.settings", home=tmp_path, environment=environment)
    assert run.returncode != 0
    last = run.stderr.strip().splitlines()[-1]
    assert "InputError" in last
    assert f"environment variable {variable}" in last
    assert "secret@" not in run.stderr


def test_pages_may_load_pictures_from_the_named_tile_service_and_no_other(tmp_path: Path) -> None:
    named = {"DOORSTEP_MAP": "https://tiles.bank.example:8443/{z}/{x}/{y}.png"}
    found = settings_of(["CONTENT_SECURITY_POLICY"], home=tmp_path, environment=named)
    policy = found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert policy["connect-src"] == ["'self'", "https://tiles.bank.example:8443"]
    assert policy["script-src"] == ["'self'"]
