"""The embedded store over HTTP: ranges, conditions, browsers, bodies that lie, a disk that is full."""

from __future__ import annotations

import hashlib
import http.client
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from botocore.exceptions import ClientError

from local.objectstore import Rules, local_endpoint, running
from reel.errors import BadField, StorageFull, StoreUnavailable
from storage.endpoint import Endpoint
from storage.objects import Objects
from tests.local.signed import Answered, address, ask, presigned, send, send_on, signed
from tests.storage.stores import embedded, emptied

BODY = b"0123456789"
KEY = "user/temp/uploads/a"
ORIGIN = "http://localhost:5173"
MIB = 2**20


@dataclass(frozen=True)
class Served:
    folder: Path
    endpoint: Endpoint
    objects: Objects

    @property
    def blobs(self) -> list[Path]:
        return [path for path in (self.folder / "blobs").rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("objectstore")
    with running(folder, local_endpoint(folder, 0), Rules(origins=(ORIGIN,))) as there:
        objects = Objects(there)
        yield Served(folder, there, objects)
        objects.close()


@pytest.fixture
def served(shared: Served) -> Served:
    emptied(shared.objects)
    return shared


# Reading


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-9", (0, 10)),
        ("bytes=3-5", (3, 6)),
        ("bytes=5-", (5, 10)),
        ("bytes=2-100000", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-100", (0, 10)),
        ("bytes=9-9", (9, 10)),
    ],
)
def test_a_range_is_answered_with_these_bytes(served: Served, header: str, wanted: tuple[int, int]):
    served.objects.put("a", BODY)
    answer = ask(served.endpoint, "GET", "a", headers={"range": header})
    start, stop = wanted
    assert answer.status == 206
    assert answer.body == BODY[start:stop]
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/10"
    assert answer.headers["content-length"] == str(stop - start)
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("header", ["bytes=5-3", "bytes=0-1,4-5", "items=0-1", "bytes=-", "bytes=a-b", "bytes", ""])
def test_what_is_no_range_gets_the_whole(served: Served, header: str):
    served.objects.put("a", BODY)
    answer = ask(served.endpoint, "GET", "a", headers={"range": header})
    assert (answer.status, answer.body) == (200, BODY)


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=99999999999999999999-", "bytes=-0"])
def test_a_range_outside_is_refused(served: Served, header: str):
    served.objects.put("a", BODY)
    answer = ask(served.endpoint, "GET", "a", headers={"range": header})
    assert (answer.status, answer.code) == (416, "InvalidRange")
    assert answer.headers["content-range"] == "bytes */10"


def test_a_range_goes_across_parts(served: Served):
    body = b"".join(bytes([number]) * 5 * MIB for number in range(3)) + b"tail"
    uploaded(served.objects, KEY, [body[: 5 * MIB], body[5 * MIB : 10 * MIB], body[10 * MIB : 15 * MIB], b"tail"])
    for start, stop in [(0, len(body)), (5 * MIB - 1, 5 * MIB + 1), (5 * MIB, 10 * MIB), (MIB, 15 * MIB + 2)]:
        assert served.objects.read_range(KEY, start, stop) == body[start:stop]


def test_the_rest_of_another_object_is_not_given(served: Served):
    served.objects.put("a", BODY)
    etag = served.objects.head("a").etag
    for known, status in ((etag, 206), ('"other"', 200)):
        answer = ask(served.endpoint, "GET", "a", headers={"range": "bytes=5-", "if-range": known})
        assert (answer.status, answer.body) == (status, BODY[5:] if status == 206 else BODY)


def test_head_says_what_get_says(served: Served):
    served.objects.put("a", BODY)
    got, head = ask(served.endpoint, "GET", "a"), ask(served.endpoint, "HEAD", "a")
    assert {**got.headers, "date": ""} == {**head.headers, "date": ""}
    assert (head.status, head.body) == (200, b"")
    assert ask(served.endpoint, "HEAD", "b").status == 404


def test_conditions_of_reads(served: Served):
    served.objects.put("a", BODY)
    etag = served.objects.head("a").etag
    for method in ("GET", "HEAD"):
        statuses = [
            ask(served.endpoint, method, "a", headers=headers).status
            for headers in (
                {"if-none-match": etag},
                {"if-none-match": f'"x", {etag}'},
                {"if-none-match": '"x"'},
                {"if-match": etag},
                {"if-match": "*"},
                {"if-match": '"x"'},
            )
        ]
        assert statuses == [304, 304, 200, 200, 200, 412]


def test_an_object_that_is_overwritten_is_read_to_its_end(served: Served):
    old = bytes(range(256)) * (8 * MIB // 256)
    served.objects.put("a", old)
    url = presigned(served.endpoint, "GET", address(served.endpoint, "a"), 60)
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", url.removeprefix(f"http://{urlsplit(url).netloc}"))
    answer = connection.getresponse()
    begun = answer.read(10)
    served.objects.put("a", b"new")
    served.objects.delete("a")
    assert served.blobs == []
    assert begun + answer.read() == old
    connection.close()


def test_what_was_replaced_takes_no_room(served: Served):
    for body in (b"1", b"2", b"3"):
        served.objects.put("a", body)
    assert [path.read_bytes() for path in served.blobs] == [b"3"]
    served.objects.delete("a")
    assert served.blobs == []


# Browsers


def preflight(served: Served, origin: str | None) -> Answered:
    headers = {"access-control-request-method": "PUT"} | ({} if origin is None else {"origin": origin})
    return send("OPTIONS", address(served.endpoint, "a"), headers)


def test_a_browser_may_read_and_send_parts_from_the_editor_alone(served: Served):
    allowed = preflight(served, ORIGIN)
    assert allowed.status == 204
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert {"GET", "HEAD", "PUT"} == set(allowed.headers["access-control-allow-methods"].split(", "))
    assert "content-type" in allowed.headers["access-control-allow-headers"]
    for origin in (None, "http://localhost:5174", "https://localhost:5173", "null", f"{ORIGIN}.evil.example", "*"):
        refused = preflight(served, origin)
        assert refused.status == 403
        assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(("key", "status"), [("a", 200), ("b", 404)])
def test_a_browser_is_told_the_etag_and_the_refusal(served: Served, key: str, status: int):
    served.objects.put("a", BODY)
    url = presigned(served.endpoint, "GET", address(served.endpoint, key), 60)
    answer = send("GET", url, {"origin": ORIGIN})
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-expose-headers"] == "ETag"
    assert answer.headers["vary"] == "origin"
    assert "access-control-allow-origin" not in send("GET", url, {"origin": "http://elsewhere.example"}).headers


# Bodies


def raw(endpoint: Endpoint) -> socket.socket:
    there = urlsplit(endpoint.url)
    return socket.create_connection((there.hostname or "", there.port or 0), timeout=30)


def head_of(endpoint: Endpoint, key: str, length: int, headers: dict[str, str]) -> bytes:
    url = presigned(endpoint, "PUT", address(endpoint, key), 60)
    every = {"host": urlsplit(url).netloc, "content-length": str(length), **headers}
    lines = [f"PUT {url.removeprefix(endpoint.url)} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def all_of(connection: socket.socket) -> bytes:
    pieces = b""
    while piece := connection.recv(65536):
        pieces += piece
    return pieces


def test_who_waits_for_100_and_is_refused_is_hung_up_on(served: Served):
    served.objects.put("a", BODY)
    with raw(served.endpoint) as connection:
        connection.sendall(head_of(served.endpoint, "a", 3, {"expect": "100-continue", "if-none-match": "*"}))
        answer = all_of(connection)  # returns at all only because the other side closes
    assert answer.startswith(b"HTTP/1.1 412 ")
    assert b"connection: close" in answer.lower()
    assert b"100 Continue" not in answer
    assert served.objects.read("a") == BODY


def test_who_waits_for_100_is_told_to_go_on(served: Served):
    with raw(served.endpoint) as connection:
        connection.sendall(head_of(served.endpoint, "a", 3, {"expect": "100-continue", "connection": "close"}))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"new")
        assert all_of(connection).startswith(b"HTTP/1.1 200 ")
    assert served.objects.read("a") == b"new"


def test_after_a_refusal_the_connection_is_at_the_next_request(served: Served):
    served.objects.put("a", BODY)
    connection = http.client.HTTPConnection(urlsplit(served.endpoint.url).netloc)
    url, body = address(served.endpoint, "a"), b"x" * (3 * MIB)
    refused = send_on(connection, "PUT", url, signed(served.endpoint, "PUT", url, {"if-none-match": "*"}, body), body)
    assert refused.status == 412
    assert send_on(connection, "GET", url, signed(served.endpoint, "GET", url)).body == BODY
    connection.close()


@pytest.mark.parametrize("sent", [b"", b"01234", b"x" * (2 * MIB)])
def test_a_body_that_breaks_off_is_no_object(served: Served, sent: bytes):
    with raw(served.endpoint) as connection:
        connection.sendall(head_of(served.endpoint, "a", len(sent) + 1, {}) + sent)
        connection.shutdown(socket.SHUT_WR)
        all_of(connection)
    assert not served.objects.exists("a")
    assert eventually(lambda: served.blobs == [])


def test_what_follows_a_body_is_no_part_of_it(served: Served):
    with raw(served.endpoint) as connection:
        connection.sendall(head_of(served.endpoint, "a", 3, {}) + b"new and more\r\n\r\n")
        answer = all_of(connection)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 400 " in answer
    assert served.objects.read("a") == b"new"


def test_a_body_without_a_length_is_refused(served: Served):
    url = presigned(served.endpoint, "PUT", address(served.endpoint, "a"), 60)
    refused = send("PUT", url, {"transfer-encoding": "chunked"}, b"3\r\nnew\r\n0\r\n\r\n")
    assert (refused.status, refused.code) == (411, "MissingContentLength")
    assert not served.objects.exists("a")


def test_a_body_is_checked_against_its_md5(served: Served):
    right, wrong = b64encode(hashlib.md5(BODY).digest()).decode(), "AAAAAAAAAAAAAAAAAAAAAA=="
    codes = [
        ask(served.endpoint, "PUT", "a", headers={"content-md5": md5}, body=BODY).code for md5 in (wrong, "no", "")
    ]
    assert codes == ["BadDigest", "InvalidDigest", "InvalidDigest"]
    assert served.blobs == []
    assert ask(served.endpoint, "PUT", "a", headers={"content-md5": right}, body=BODY).status == 200


def test_bodies_in_signed_pieces_are_refused(served: Served):
    body = b"3;chunk-signature=0\r\nnew\r\n0;chunk-signature=0\r\n\r\n"
    piecewise = {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}
    url = address(served.endpoint, "a")
    headers = {**signed(served.endpoint, "PUT", url), "X-Amz-Content-SHA256": piecewise["x-amz-content-sha256"]}
    assert send("PUT", url, headers, body).status == 501
    assert ask(served.endpoint, "PUT", "a", headers={"content-encoding": "aws-chunked"}, body=body).status == 501
    assert not served.objects.exists("a")


@pytest.mark.parametrize(
    ("method", "query", "headers"),
    [
        ("PUT", "", {"x-amz-copy-source": "/b/a"}),
        ("PUT", "", {"x-amz-meta-name": "x"}),
        ("PUT", "", {"x-amz-checksum-crc32": "AAAAAA=="}),
        ("PUT", "acl", {}),
        ("GET", "tagging", {}),
        ("GET", "versionId=1", {}),
        ("PATCH", "", {}),
    ],
)
def test_what_the_store_cannot_do_is_refused_and_not_ignored(
    served: Served, method: str, query: str, headers: dict[str, str]
):
    refused = ask(served.endpoint, method, "a", query, headers, b"x")
    assert (refused.status, refused.code) == (501, "NotImplemented")
    assert not served.objects.exists("a")


# Keys


@pytest.mark.parametrize(
    "key", ["..", "../../evil", "a/../../evil", "/etc/passwd", "a//b", "~", "é/ü ?&=+%", ".hidden"]
)
def test_a_key_is_never_a_path(served: Served, key: str):
    around = sorted(path.name for path in served.folder.parent.iterdir())
    assert ask(served.endpoint, "PUT", key, body=BODY).status == 200
    assert ask(served.endpoint, "GET", key).body == BODY
    listed = served.objects._once.list_objects_v2(Bucket=served.endpoint.bucket)
    assert [found["Key"] for found in listed["Contents"]] == [key]
    assert sorted(path.name for path in served.folder.parent.iterdir()) == around
    assert ask(served.endpoint, "DELETE", key).status == 204
    assert served.blobs == []


@pytest.mark.parametrize("key", ["a" * 1025, "a" * 2000, "é" * 513, "a\0b", "a\x1bb"], ids=lambda key: repr(key[:4]))
def test_what_is_no_key_is_refused(served: Served, key: str):
    for method in ("PUT", "GET", "HEAD", "DELETE"):
        assert ask(served.endpoint, method, key, body=b"x" if method == "PUT" else b"").status == 400
    assert served.blobs == []


def test_an_address_that_is_no_utf8_is_refused(served: Served):
    url = f"{served.endpoint.url}/{served.endpoint.bucket}/a%ff"
    assert send("GET", url, signed(served.endpoint, "GET", url)).code == "InvalidURI"


def test_there_is_one_bucket(served: Served):
    served.objects.put("a", BODY)
    other = replace(served.endpoint, bucket="another")
    assert ask(other, "GET", "a").code == "NoSuchBucket"
    assert ask(served.endpoint, "HEAD", "").status == 200
    elsewhere = Objects(other)
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        elsewhere.read("a")
    elsewhere.close()


def test_a_list_comes_in_pages(served: Served):
    names = [f"p/{number:02}" for number in range(7)]
    for name in [*names, "o", "q", "p0"]:
        served.objects.put(name, b"")
    pages = served.objects._once.get_paginator("list_objects_v2").paginate(
        Bucket=served.endpoint.bucket, Prefix="p/", PaginationConfig={"PageSize": 3}
    )
    found = [[item["Key"] for item in page["Contents"]] for page in pages]
    assert found == [names[:3], names[3:6], names[6:]]
    for query in ("list-type=2&max-keys=x", "list-type=2&continuation-token=zz"):
        assert ask(served.endpoint, "GET", "", query).code == "InvalidArgument"
    assert ask(served.endpoint, "GET", "", "list-type=2&delimiter=%2F").code == "NotImplemented"


# The disk, the pace, the port


def test_one_write_a_second_for_one_key(tmp_path: Path):
    now = [time.time()]
    with embedded(tmp_path, Rules(one_write_a_second=True), clock=lambda: now[0]) as objects:
        etag = objects.replace("a", b"1", None)
        with pytest.raises(StoreUnavailable, match="TooManyRequests"):
            objects.replace("a", b"2", etag)
        objects.put("b", b"1")
        now[0] += 0.9
        with pytest.raises(StoreUnavailable):
            objects.replace("a", b"2", etag)
        now[0] += 0.2
        etag = objects.replace("a", b"2", etag)
        now[0] -= 300  # a clock that jumps back does not close the key for five minutes
        objects.replace("a", b"3", etag)
        assert objects.read("a") == b"3"


def test_the_disk_is_never_filled_to_the_brim(tmp_path: Path):
    with embedded(tmp_path) as objects:
        objects.put("a", BODY)
    with embedded(tmp_path, Rules(keep_free_bytes=2**62)) as objects:
        for write in (
            lambda: objects.put("a", b"new"),
            lambda: objects.put("b", b"new"),
            lambda: objects.replace("b", b"new", None),
        ):
            with pytest.raises(StorageFull):
                write()
        assert objects.read("a") == BODY
        objects.delete("a")  # room can still be made


@pytest.mark.parametrize(
    "url", ["http://0.0.0.0:0", "http://192.0.2.1:9000", "https://127.0.0.1:0", "http://[::]:0", "x"]
)
def test_it_is_served_to_this_machine_alone(url: str, tmp_path: Path):
    endpoint = replace(local_endpoint(tmp_path, 0), url=url)
    with pytest.raises(BadField), running(tmp_path, endpoint):
        pass


def test_a_port_that_is_taken_is_said(tmp_path: Path):
    with (
        running(tmp_path / "a", local_endpoint(tmp_path / "a", 0)) as there,
        pytest.raises(StoreUnavailable, match="taken"),
        running(tmp_path / "b", there),
    ):
        pass


def test_two_servers_share_a_folder(tmp_path: Path):
    with embedded(tmp_path) as one, embedded(tmp_path) as other:
        etag = one.replace("a", b"1", None)
        assert other.read("a") == b"1"
        other.replace("a", b"2", etag)
        assert one.read("a") == b"2"
        one.put("b", b"x" * MIB)
        with other.open("b") as reader:
            one.delete("b")
            assert reader.read() == b"x" * MIB


# Uploads


def uploaded(objects: Objects, key: str, bodies: list[bytes]) -> None:
    upload = begun(objects, key, dict(enumerate(bodies, 1)))
    objects.complete_upload(key, upload, objects.parts(key, upload))


def begun(objects: Objects, key: str, bodies: dict[int, bytes]) -> str:
    upload = objects.begin_upload(key, "video/mp4")
    for number, body in bodies.items():
        send_part(objects, key, upload, number, body)
    return upload


def send_part(objects: Objects, key: str, upload: str, number: int, body: bytes) -> None:
    answer = send("PUT", objects.presign_part(key, upload, number, len(body), 60), body=body)
    assert answer.status == 200, answer.body


FULL, SHORT = b"f" * (5 * MIB), b"s" * (5 * MIB - 1)

PARTS = {
    "unequal": ({1: FULL, 2: FULL + b"x", 3: b"l"}, [1, 2, 3], "InvalidPart"),
    "a larger last": ({1: FULL, 2: FULL + b"x"}, [1, 2], "InvalidPart"),
    "too small": ({1: SHORT, 2: b"l"}, [1, 2], "EntityTooSmall"),
    "missing": ({1: FULL, 3: b"l"}, [1, 2, 3], "InvalidPart"),
    "twice": ({1: FULL, 2: b"l"}, [1, 1, 2], "InvalidPartOrder"),
    "in another order": ({1: FULL, 2: FULL}, [2, 1], "InvalidPartOrder"),
}


@pytest.mark.parametrize(("sent", "named", "code"), PARTS.values(), ids=PARTS)
def test_parts_that_r2_refuses_are_refused(served: Served, sent: dict[int, bytes], named: list[int], code: str):
    upload = begun(served.objects, KEY, sent)
    parts = {part.number: part for part in served.objects.parts(KEY, upload)}
    chosen = [parts.get(number) or replace(parts[1], number=number) for number in named]
    with pytest.raises(BadField, match=code):
        served.objects.complete_upload(KEY, upload, chosen)
    assert not served.objects.exists(KEY)
    assert [part.number for part in served.objects.parts(KEY, upload)] == sorted(sent)
    served.objects.abort_upload(KEY, upload)
    assert served.blobs == []


def test_a_part_that_changed_since_it_was_listed_is_refused(served: Served):
    upload = begun(served.objects, KEY, {1: b"first"})
    parts = served.objects.parts(KEY, upload)
    send_part(served.objects, KEY, upload, 1, b"other")
    with pytest.raises(BadField, match="InvalidPart"):
        served.objects.complete_upload(KEY, upload, parts)
    served.objects.complete_upload(KEY, upload, served.objects.parts(KEY, upload))
    assert served.objects.read(KEY) == b"other"
    assert len(served.blobs) == 1


def test_a_part_that_is_sent_again_and_breaks_off_is_lost(served: Served):
    upload = begun(served.objects, KEY, {1: b"first"})
    url = served.objects.presign_part(KEY, upload, 1, 9, 60)
    with raw(served.endpoint) as connection:
        request = f"PUT {url.removeprefix(served.endpoint.url)} HTTP/1.1\r\nhost: {urlsplit(url).netloc}\r\n"
        connection.sendall(f"{request}content-length: 9\r\n\r\nsec".encode())
        connection.shutdown(socket.SHUT_WR)
        all_of(connection)
    assert eventually(lambda: served.objects.parts(KEY, upload) == [])
    assert eventually(lambda: served.blobs == [])


def test_parts_that_are_not_named_are_removed(served: Served):
    upload = begun(served.objects, KEY, {1: FULL, 2: b"tail", 9: b"by mistake"})
    served.objects.complete_upload(KEY, upload, served.objects.parts(KEY, upload)[:2])
    assert served.objects.read(KEY) == FULL + b"tail"
    assert len(served.blobs) == 2
    served.objects.put(KEY, b"new")
    assert [path.read_bytes() for path in served.blobs] == [b"new"]


@pytest.mark.parametrize("number", ["0", "10001", "-1", "x", "", "1.0"])
def test_a_part_has_a_number(served: Served, number: str):
    upload = served.objects.begin_upload(KEY, "video/mp4")
    refused = ask(served.endpoint, "PUT", KEY, f"partNumber={quote(number)}&uploadId={upload}", body=b"x")
    assert (refused.status, refused.code) == (400, "InvalidArgument")


BOMB = b'<!DOCTYPE a [<!ENTITY b "cc">]><CompleteMultipartUpload><Part>&b;</Part></CompleteMultipartUpload>'


@pytest.mark.parametrize(
    "body", [b"", b"no", b"<a/>", b"<a><Part/></a>", BOMB, BOMB.decode().encode("utf-16"), b"\xff", b"<" * 10_000]
)
def test_a_list_of_parts_that_is_none_is_refused(served: Served, body: bytes):
    upload = begun(served.objects, KEY, {1: b"first"})
    refused = ask(served.endpoint, "POST", KEY, f"uploadId={upload}", body=body)
    assert (refused.status, refused.code) == (400, "MalformedXML")
    assert ask(served.endpoint, "POST", KEY, f"uploadId={upload}", body=b" " * (5 * MIB)).status == 400
    assert not served.objects.exists(KEY)


def test_an_upload_belongs_to_its_key(served: Served):
    upload = begun(served.objects, KEY, {1: b"first"})
    for method, query in (
        ("PUT", f"partNumber=1&uploadId={upload}"),
        ("GET", f"uploadId={upload}"),
        ("DELETE", f"uploadId={upload}"),
    ):
        assert (
            ask(served.endpoint, method, "user/other", query, body=b"x" if method == "PUT" else b"").code
            == "NoSuchUpload"
        )
    with pytest.raises(ClientError, match="NoSuchUpload"):
        served.objects._once.complete_multipart_upload(
            Bucket=served.endpoint.bucket,
            Key="user/other",
            UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "x"}]},
        )
    assert len(served.objects.parts(KEY, upload)) == 1


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait for what the server does after a client went away."""
    for _ in range(500):
        if holds():
            return True
        time.sleep(0.01)
    return False
