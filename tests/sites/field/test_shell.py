"""The phone app's files: the same for everybody, asked for anew only where a mended app begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from doorstep.sites.field.shell import MAY, PhoneFiles


@pytest.fixture
def built(tmp_path: Path, settings: Settings) -> Path:
    """A phone app of three files."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>app</title>", "utf-8")
    (tmp_path / "sw.js").write_text("// worker", "utf-8")
    (tmp_path / "assets" / "main-AbCd_123.js").write_text("let a", "utf-8")
    settings.PHONE = tmp_path
    return tmp_path


def answered(path: str, *, method: str = "GET") -> HttpResponse:
    """What the middleware answers; 418 where it passes a request on."""

    def beyond(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=418)

    request = RequestFactory().generic(method, path, headers={"Accept-Language": "en"})
    answer = PhoneFiles(beyond)(request)
    if answer.streaming:
        read = HttpResponse(b"".join(answer), status=answer.status_code, headers=answer.headers)
        answer.file_to_stream.close()  # type: ignore[attr-defined]
        return read
    return answer


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/field/", "/field/index.html", "/field/visit/7", "/field/x/"])
def test_every_place_in_the_app_is_its_shell(path: str) -> None:
    answer = answered(path)
    assert answer.status_code == 200
    assert answer.content == b"<title>app</title>"
    assert answer["Cache-Control"] == "no-cache"
    assert "Accept-Language" not in answer.get("Vary", "")
    assert answer["Permissions-Policy"] == MAY


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/field/api/me/", "/field/gone.js", "/", "/v/"])
def test_what_is_not_the_app_s_passes_on(path: str) -> None:
    assert answered(path).status_code == 418


@pytest.mark.usefixtures("built")
def test_nothing_is_sent_to_the_shell() -> None:
    assert answered("/field/visit/7", method="POST").status_code == 418


@pytest.mark.usefixtures("built")
def test_the_worker_is_asked_for_anew_and_the_rest_is_kept() -> None:
    assert answered("/field/sw.js")["Cache-Control"] == "no-cache"
    assert "immutable" in answered("/field/assets/main-AbCd_123.js")["Cache-Control"]


def test_a_missing_app_says_what_to_do(client: Client, tmp_path: Path, settings: Settings) -> None:
    settings.PHONE = tmp_path / "nowhere"
    answer = client.get("/field/")
    assert answer.status_code == 503
    assert b"./script/setup" in answer.content


@pytest.mark.usefixtures("built")
def test_the_camera_s_picture_may_be_shown_in_the_app_alone() -> None:
    def inside(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    policies = [
        CSPMiddleware(PhoneFiles(inside))(RequestFactory().get(path))["Content-Security-Policy"]
        for path in ("/field/visit/7", "/field/index.html", "/")
    ]
    for policy in policies[:2]:
        assert "media-src 'self' blob:" in policy
        assert "img-src 'self' data: blob:" in policy
    assert "blob:" not in policies[2]
    assert all("'unsafe" not in policy for policy in policies)


def test_the_whole_app_is_less_than_600_kb_on_the_way() -> None:
    folder = Path(settings.PHONE)
    if not (folder / "index.html").exists():
        pytest.skip("the phone app is not built: npm --prefix field run build")
    packed = [path.stat().st_size for path in folder.glob("assets/*.gz")]
    plain = [path.stat().st_size for path in folder.iterdir() if path.is_file()]
    assert len(packed) > 10
    assert sum(packed) + sum(plain) < 600_000
