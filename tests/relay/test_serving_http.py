"""Requests as they should not be: in pieces, too long, too slow, several at once, half, or no requests at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relay.http import MOST_HEAD_BYTES, MOST_HEADERS, BadRequest, answer, head_of
from relay.protocol import MOST_BYTES
from relay.signing import publish_headers
from tests.relay.serving import Served, handshake, serving
from tests.relay.stage import KEYS, RUNNING, snapshot

GET = b"GET /healthz HTTP/1.1\r\nHost: r\r\n\r\n"


def told(story: Callable[[Served], Awaitable[None]], **limits: Any) -> None:
    """Serve a relay for as long as a story takes."""

    async def tell() -> None:
        async with serving(**limits) as served:
            await asyncio.wait_for(story(served), 120)

    asyncio.run(tell())


# Heads


def test_a_head_is_read_from_what_has_come():
    head = head_of(b"POST /publish?x=1 HTTP/1.1\r\nHost: a\r\nX-A:\t1 \r\nx-a: 2\r\nContent-Length: 3\r\n\r\nabcGET", 9)
    assert head
    assert (head.method, head.path, head.length_bytes, head.lasts) == ("POST", "/publish", 3, True)
    assert head.headers == {"host": "a", "x-a": "1, 2", "content-length": "3"}
    assert head.raw.endswith(b"3\r\n\r\n")


@pytest.mark.parametrize("first", [b"GET / HTTP/1.0\r\n", b"GET / HTTP/1.1\r\nConnection: Close\r\n"])
def test_a_line_may_be_asked_to_end(first: bytes):
    head = head_of(first + b"\r\n", 0)
    assert head
    assert not head.lasts


@pytest.mark.parametrize("length", range(len(GET)))
def test_a_head_that_is_not_all_there_is_waited_for(length: int):
    assert head_of(GET[:length], 9) is None


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"\r\n" + GET, 400),
        (b"GET  / HTTP/1.1\r\n\r\n", 400),
        (b"get / HTTP/1.1\r\n\r\n", 400),
        (b"GET http://r/ HTTP/1.1\r\n\r\n", 400),
        (b"GET /\xc3\xa4 HTTP/1.1\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: r\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : r\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n folded: r\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: \0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", 417),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * (MOST_HEADERS + 1) + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * MOST_HEAD_BYTES, 431),
        (b"x" * MOST_HEAD_BYTES, 431),
    ],
    ids=lambda one: str(one)[:60],
)
def test_a_head_that_is_wrong_is_refused(head: bytes, status: int):
    with pytest.raises(BadRequest) as caught:
        head_of(head, 9)
    assert caught.value.status == status


pieces = st.sampled_from([b"GET ", b"/", b" HTTP/1.1", b"\r\n", b"\r\n\r\n", b":", b"Content-Length: 5", b"\0", b"\n"])


@given(st.lists(pieces | st.binary(max_size=9), max_size=20).map(b"".join))
@example(b"GET / HTTP/1.1\r\n\r\n")
def test_whatever_comes_is_a_head_or_waited_for_or_refused(come: bytes):
    with suppress(BadRequest):
        head = head_of(come, 9)
        assert head is None or come.startswith(head.raw)


def test_an_answer_says_its_length_in_bytes():
    said = answer(404, "ä", lasts=False, more={"Allow": "GET"})
    assert said.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert b"\r\nContent-Length: 2\r\n" in said
    assert b"\r\nConnection: close\r\nAllow: GET\r\n\r\n" in said


# Over a line


@pytest.mark.parametrize(
    ("request_line", "status", "more"),
    [
        ("GET /", 404, ""),
        ("GET /ws/", 404, ""),
        ("GET /../../etc/passwd", 404, ""),
        ("GET /publish", 405, "Allow: POST"),
        ("DELETE /ws", 405, "Allow: GET"),
        ("HEAD /healthz", 405, "Allow: GET"),
        ("GET /ws", 426, "Upgrade: websocket"),
        ("GET /healthz?x", 200, '{"ok":true}'),
        ("GET /metrics", 200, "relay_sockets 0"),
    ],
)
def test_wrong_paths_and_ways_are_answered(request_line: str, status: int, more: str):
    async def story(served: Served) -> None:
        said = await served.raw(f"{request_line} HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n".encode())
        assert said.startswith(f"HTTP/1.1 {status} ".encode())
        assert more.encode() in said

    told(story)


def test_requests_sent_ahead_are_answered_in_order():
    async def story(served: Served) -> None:
        body = RUNNING.text.encode()
        signed = publish_headers(KEYS, body, served.clock.time_s())
        said = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        post = f"POST /publish HTTP/1.1\r\nContent-Length: {len(body)}\r\n{said}\r\n".encode() + body
        last = b"GET /nowhere HTTP/1.1\r\nConnection: close\r\n\r\n"
        answers = await served.raw(GET * 50 + post + GET + post + last + b"GET /never HTTP/1.1\r\n\r\n")
        statuses = [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]
        assert statuses == [200] * 53 + [404]
        assert answers.count(b'{"listeners":0}') == 2

    told(story)


def test_a_request_may_come_byte_by_byte_and_its_sender_say_no_more():
    async def story(served: Served) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        for byte in GET * 2:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        writer.write_eof()  # half closed: what was asked is answered
        answers = await reader.read()
        assert answers.count(b'{"ok":true}') == 2
        writer.close()
        await served.until(lambda: not served.connections)

    told(story)


@pytest.mark.parametrize(
    "sent", [b"", b"GET", GET[:-1], b"POST /publish HTTP/1.1\r\nContent-Length: 99\r\n\r\n{}"], ids=str
)
def test_one_who_leaves_in_the_middle_is_not_answered(sent: bytes):
    async def story(served: Served) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(sent)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await served.until(lambda: not served.connections)

    told(story)


def test_a_body_that_is_longer_than_it_says_is_no_body():
    async def story(served: Served) -> None:
        answers = await served.raw(b"POST /publish HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}{}GET / HTTP/1.1\r\n\r\n")
        assert [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:3]] == [401, 400]

    told(story)


def test_those_who_take_their_time_are_shown_out():
    async def story(served: Served) -> None:
        silent_reader, silent = await asyncio.open_connection("127.0.0.1", served.port)
        slow_reader, slow = await asyncio.open_connection("127.0.0.1", served.port)
        kept_reader, kept = await asyncio.open_connection("127.0.0.1", served.port)
        slow.write(b"POST /publish HTTP/1.1\r\n")
        kept.write(GET)
        assert b"200 OK" in await kept_reader.readuntil(b"}")
        await served.until(lambda: len(served.connections) == 3)
        for _ in range(9):  # a header a second is no request
            served.advance(1)
            slow.write(b"X-A: b\r\n")
            await served.until(lambda: any(getattr(one, "_come").endswith(b"b\r\n") for one in served.connections))  # noqa: B009
        served.advance(1.5)
        assert b" 408 " in await slow_reader.read()
        assert await silent_reader.read() == b""
        kept.write(GET)
        assert b"200 OK" in await kept_reader.readuntil(b"}")
        served.advance(76)
        assert await kept_reader.read() == b""
        for end in (silent, slow, kept):
            end.close()
        await served.until(lambda: not served.connections)

    told(story)


@pytest.mark.parametrize("size_bytes", [MOST_BYTES + 1, 10**6])
def test_one_who_sends_too_much_still_hears_why(size_bytes: int):
    async def story(served: Served) -> None:
        head = f"POST /publish HTTP/1.1\r\nContent-Length: {size_bytes}\r\n\r\n".encode()
        status, said = await served.answered(head + b"x" * size_bytes)
        assert (status, said["message"]) == (413, f"A body has at most {MOST_BYTES} bytes here.")

    told(story)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n", 400),  # TLS at a port that speaks none
        (b"\0" * 20_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000, 431),
        (handshake("t", "Content-Length: 2") + b"{}", 413),
        (handshake("t", "Sec-WebSocket-Key: twice"), 400),
        (handshake("t", "Sec-WebSocket-Version: 12"), 400),
        (handshake("(,)"), 400),
        (handshake("t").replace(b"Upgrade: websocket", b"Upgrade: h2c"), 426),
        (handshake("t").replace(b"HTTP/1.1", b"HTTP/1.0"), 505),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_is_no_request_of_ours_is_refused_and_the_rest_goes_on(sent: bytes, status: int):
    async def story(served: Served) -> None:
        async with served.browser() as tab:
            await tab.hears()
            said = await served.raw(sent)
            assert said.startswith(f"HTTP/1.1 {status} ".encode())
            assert await served.post(snapshot(seq=9)) == (200, {"listeners": 1})
            assert (await tab.hears())["seq"] == 9

    told(story)
