"""Who may ask the embedded store for what, and for how long."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from local.objectstore import local_endpoint, running
from storage.endpoint import Endpoint
from storage.objects import Objects
from tests.local.signed import address, ask, presigned, send, signed

KEY = "user/games/a.mp4"
BODY = b"0123456789"


@dataclass
class Clock:
    """The true time, and how far the server's is from it."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def endpoint(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    folder = tmp_path_factory.mktemp("objectstore")
    with running(folder, local_endpoint(folder, 0), clock=clock) as there:
        yield there


@pytest.fixture(autouse=True)
def one_object(endpoint: Endpoint, clock: Clock) -> None:
    clock.ahead_s = 0.0
    assert ask(endpoint, "PUT", KEY, body=BODY).status == 200


def test_who_signs_is_answered(endpoint: Endpoint):
    assert ask(endpoint, "GET", KEY).body == BODY
    assert send("GET", presigned(endpoint, "GET", address(endpoint, KEY), 60)).body == BODY


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "POST"])
def test_who_does_not_sign_is_refused(endpoint: Endpoint, method: str):
    for query in ("", "uploads", "list-type=2"):
        refused = send(method, address(endpoint, KEY, query), body=b"x" if method == "PUT" else b"")
        assert refused.status == 403
        assert KEY.encode() not in refused.body
    assert ask(endpoint, "GET", KEY).body == BODY


def test_another_secret_or_name_is_refused(endpoint: Endpoint):
    assert ask(replace(endpoint, secret_access_key="a guess"), "GET", KEY).code == "SignatureDoesNotMatch"
    assert ask(replace(endpoint, access_key_id="someone"), "GET", KEY).code == "InvalidAccessKeyId"


TAMPERED = {
    "another key": lambda url: url.replace("a.mp4", "b.mp4"),
    "a key above": lambda url: url.replace("user/games", "user/games/../games"),
    "another case": lambda url: url.replace("user/", "User/"),
    "a longer life": lambda url: url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
    "a later date": lambda url: url.replace("X-Amz-Date=20", "X-Amz-Date=21"),
    "another region": lambda url: url.replace("auto", "us-east-1"),
    "another type": lambda url: url.replace("video", "text"),
    "another name": lambda url: url.replace("inline", "attachment"),
    "more asked": lambda url: f"{url}&response-cache-control=public",
    "the life twice": lambda url: f"{url}&X-Amz-Expires=60",
    "an unknown part": lambda url: f"{url}&X-Amz-Other=1",
    "no signature": lambda url: url[: url.index("&X-Amz-Signature")],
    "an empty signature": lambda url: url[: url.index("X-Amz-Signature=") + len("X-Amz-Signature=")],
    "a shorter signature": lambda url: url[:-1],
    "another signature": lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
    "no algorithm": lambda url: url.replace("X-Amz-Algorithm=AWS4-HMAC-SHA256&", ""),
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_address_is_refused(endpoint: Endpoint, change):
    query = "response-content-type=video%2Fmp4&response-content-disposition=inline"
    url = presigned(endpoint, "GET", address(endpoint, KEY, query), 60)
    assert send("GET", url).headers["content-type"] == "video/mp4"
    assert change(url) != url
    refused = send("GET", change(url))
    assert refused.status in {400, 403}
    assert refused.code in {"SignatureDoesNotMatch", "AccessDenied", "AuthorizationQueryParametersError"}


@pytest.mark.parametrize("name", ["authorization", "x-amz-date", "x-amz-content-sha256", "range", "if-match"])
def test_a_tampered_header_is_refused(endpoint: Endpoint, name: str):
    url = address(endpoint, KEY)
    extra = {"if-match": '"x"'} if name == "if-match" else {}
    headers = {
        header.lower(): value for header, value in signed(endpoint, "GET", url, {"range": "bytes=0-1", **extra}).items()
    }
    last = headers[name][-1]
    headers[name] = headers[name][:-1] + ("1" if last != "1" else "2")
    assert send("GET", url, headers).status in {400, 403}


def test_an_address_is_for_one_method(endpoint: Endpoint):
    url = presigned(endpoint, "GET", address(endpoint, KEY), 60)
    for method in ("PUT", "DELETE", "POST"):
        assert send(method, url, body=b"x").code == "SignatureDoesNotMatch"
    assert ask(endpoint, "GET", KEY).body == BODY


def test_nothing_that_s3_acts_upon_can_be_added_to_an_address(endpoint: Endpoint):
    url = presigned(endpoint, "PUT", address(endpoint, "user/new"), 60)
    refused = send("PUT", url, {"x-amz-copy-source": f"/{endpoint.bucket}/{KEY}"})
    assert (refused.status, refused.code) == (403, "AccessDenied")


def test_an_address_is_for_one_host(endpoint: Endpoint):
    url = presigned(endpoint, "GET", address(endpoint, KEY), 60)
    assert send("GET", url, {"host": "elsewhere.example"}).code == "SignatureDoesNotMatch"


def test_an_address_is_good_until_it_expires(endpoint: Endpoint, clock: Clock):
    url = presigned(endpoint, "GET", address(endpoint, KEY), 60)
    assert [send("GET", url).status for _ in range(2)] == [200, 200]  # replayed as often as one likes, until then
    clock.ahead_s = 30
    assert send("GET", url).status == 200
    for ahead_s in (60, 61, 3600, 1e9):
        clock.ahead_s = ahead_s
        refused = send("GET", url)
        assert (refused.status, refused.code) == (403, "AccessDenied")
        assert b"expired" in refused.body
    clock.ahead_s = -3600  # the server's clock jumps back: the address seems to come from the future
    assert send("GET", url).status == 403


@pytest.mark.parametrize("life_s", [0, -1, 7 * 24 * 3600 + 1, 10**12])
def test_an_address_lives_seven_days_at_most(endpoint: Endpoint, life_s: int):
    refused = send("GET", presigned(endpoint, "GET", address(endpoint, KEY), life_s))
    assert (refused.status, refused.code) == (400, "AuthorizationQueryParametersError")
    assert send("GET", presigned(endpoint, "GET", address(endpoint, KEY), 7 * 24 * 3600)).status == 200


@pytest.mark.parametrize("ahead_s", [-16 * 60, 16 * 60, 1e8])
def test_a_signed_header_is_good_for_a_quarter_of_an_hour(endpoint: Endpoint, clock: Clock, ahead_s: float):
    url = address(endpoint, KEY)
    headers = signed(endpoint, "GET", url)
    for fine_s in (-14 * 60, 0, 14 * 60):
        clock.ahead_s = fine_s
        assert send("GET", url, headers).status == 200
    clock.ahead_s = ahead_s
    assert send("GET", url, headers).code == "RequestTimeTooSkewed"


def test_a_signed_body_is_the_one_that_arrives(endpoint: Endpoint):
    url = address(endpoint, "user/other")
    headers = signed(endpoint, "PUT", url, body=b"what was signed")
    refused = send("PUT", url, headers, b"what was sent..")
    assert (refused.status, refused.code) == (400, "XAmzContentSHA256Mismatch")
    assert ask(endpoint, "HEAD", "user/other").status == 404


def test_a_part_that_is_replayed_after_the_end_changes_nothing(endpoint: Endpoint):
    objects = Objects(endpoint)
    upload = objects.begin_upload("user/up", "video/mp4")
    url = objects.presign_part("user/up", upload, 1, len(BODY), 60)
    assert send("PUT", url, body=BODY).status == 200
    assert send("PUT", url, body=b"9876543210").status == 200  # until it is completed it can be sent again
    objects.complete_upload("user/up", upload, objects.parts("user/up", upload))
    assert send("PUT", url, body=BODY).code == "NoSuchUpload"
    assert objects.read("user/up") == b"9876543210"
    objects.close()


def test_a_part_is_as_long_as_its_address_says(endpoint: Endpoint):
    objects = Objects(endpoint)
    upload = objects.begin_upload("user/up2", "video/mp4")
    url = objects.presign_part("user/up2", upload, 1, len(BODY), 60)
    for body in (b"", BODY[:-1], BODY + b"x"):
        assert send("PUT", url, {"content-length": str(len(body))}, body).code == "SignatureDoesNotMatch"
    for other in (url.replace("partNumber=1", "partNumber=2"), url.replace(upload, "0" * len(upload))):
        assert send("PUT", other, body=BODY).code == "SignatureDoesNotMatch"
    assert objects.parts("user/up2", upload) == []
    objects.close()


def test_no_log_line_holds_an_address(endpoint: Endpoint, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    url = presigned(endpoint, "GET", address(endpoint, KEY), 60)
    assert send("GET", url).status == 200
    assert send("GET", url[:-1]).status == 403
    logged = [record.name for record in caplog.records if "X-Amz" in record.getMessage()]
    assert set(logged) <= {"botocore.auth"}  # the client that signs, in this process too


def test_the_secret_of_an_installation_is_its_own(tmp_path: Path):
    first, again, other = (local_endpoint(tmp_path / name, 9000) for name in ("a", "a", "b"))
    assert first == again
    assert first.secret_access_key != other.secret_access_key
    assert len(first.secret_access_key) == 64
    assert first.secret_access_key not in repr(first)
    assert [path.stat().st_mode & 0o077 for path in (tmp_path / "a").iterdir()] == [0]
