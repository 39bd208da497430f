"""The relay's server on real sockets of the loopback, with the real client: who comes in, what arrives, how it ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from relay.hub import SOCKET_LIFE_S
from relay.protocol import MOST_BYTES, PING, SUBPROTOCOL
from relay.session import HELLO_EVERY_S, MOST_SAID_A_MINUTE
from tests.relay.serving import ADDRESS_HEADER, Served, handshake, serving
from tests.relay.stage import KEYS, OLD_KEYS, ORIGIN, RUNNING, snapshot

Story = Callable[[Served], Awaitable[None]]


def told(story: Story, **limits: Any) -> None:
    """Serve a relay for as long as a story takes."""

    async def tell() -> None:
        async with serving(**limits) as served:
            await asyncio.wait_for(story(served), 120)

    asyncio.run(tell())


# Coming in and hearing


def test_a_signed_post_arrives_at_the_tabs_of_its_user():
    async def story(served: Served) -> None:
        assert await served.post(snapshot(seq=1)) == (200, {"listeners": 0})
        async with served.browser() as one, served.browser() as two, served.browser("bob") as other:
            assert one.socket.subprotocol == SUBPROTOCOL  # the ticket is never said back
            hello = await one.hears()
            assert hello["now"] == served.clock.now_s
            assert (await one.hears())["seq"] == 1  # what was known when it came
            assert (await two.hears(), (await two.hears())["seq"])[0]["epoch"] == hello["epoch"]
            assert await served.post(snapshot(seq=2, message="Ä “quoted”")) == (200, {"listeners": 2})
            assert [(await tab.hears())["message"] for tab in (one, two)] == ["Ä “quoted”"] * 2
            await other.hears()
            await other.socket.send(PING)
            assert "relay" in await other.hears()  # and nothing of ann's in between

    told(story)


@pytest.mark.parametrize(
    ("offered", "origin", "code"),
    [
        ("forged", ORIGIN, 4401),
        ("expired", ORIGIN, 4401),
        ("used", ORIGIN, 4401),
        ("none", ORIGIN, 4401),
        ("nothing", ORIGIN, 4401),
        ("fresh", "https://evil.example", 4403),
        ("fresh", None, 4403),
    ],
)
def test_one_who_may_not_listen_is_told_why(offered: str, origin: str | None, code: int):
    async def story(served: Served) -> None:
        ticket = served.ticket()
        names = {"forged": [SUBPROTOCOL, ticket[:-1] + "x"], "none": [SUBPROTOCOL], "nothing": []}
        if offered == "used":
            async with served.browser(offered=[SUBPROTOCOL, ticket]) as first:
                await first.hears()
        if offered == "expired":
            served.advance(61)
        async with served.browser(offered=names.get(offered, [SUBPROTOCOL, ticket]), origin=origin) as refused:
            assert await refused.code() == code
        assert served.server.exchange.hub.sockets == 0

    told(story)


def test_a_socket_that_says_too_much_is_sent_away():
    async def story(served: Served) -> None:
        async with served.browser() as noisy:
            for _ in range(MOST_SAID_A_MINUTE + 1):
                await noisy.socket.send("noise")
            assert await noisy.code() == 4429
        async with served.browser() as pinging:
            for _ in range(MOST_SAID_A_MINUTE + 1):
                await pinging.socket.ping()
            assert await pinging.code() == 4429
        async with served.browser() as long:
            await long.socket.send("x" * 1500)
            assert await long.code() == 4429
        async with served.browser() as longer:
            await longer.socket.send("x" * 3000)
            assert await longer.code() == 1009

    told(story)


def test_a_socket_that_does_not_speak_the_protocol_is_ended():
    async def story(served: Served) -> None:
        for said in (b"\x81\x04ping", b"\x83\x80\0\0\0\0", b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n"):
            answer = await served.raw(handshake(served.ticket()) + said)
            assert b"101 Switching" in answer
            assert b"\x03\xea" in answer  # a close frame with 1002, after the hello
        assert await served.raw(handshake(served.ticket()) + b"\x88\x80\0\0\0\0")  # a close: it is answered, and closed
        await served.until(lambda: not served.connections)

    told(story)


# Time


def test_a_quiet_socket_is_greeted_asked_and_let_go_of():
    async def story(served: Served) -> None:
        async with served.browser() as alive:
            await alive.hears()
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(handshake(served.ticket()))
            await reader.readuntil(b"}")
            for _ in range(3):
                served.advance(HELLO_EVERY_S)
                assert "relay" in await alive.hears()
                await served.until(lambda: sum(one._pinged for one in served.listening) <= 1)  # the other never answers
            assert served.server.exchange.hub.sockets == 1
            assert b"\x89\x00" in await reader.read()  # a ping, then the end
            writer.close()

    told(story)


def test_a_socket_has_to_show_a_new_ticket_in_the_end():
    async def story(served: Served) -> None:
        async with served.browser() as old:
            await old.hears()
            served.clock.advance(SOCKET_LIFE_S + 1)
            served.server.exchange.hub.tick()
            assert await old.code() == 4401

    told(story)


def test_after_a_suspension_it_goes_on():
    """Both clocks have jumped, its sockets are gone, and what is asked now is answered."""

    async def story(served: Served) -> None:
        async with served.browser() as before:
            epoch = (await before.hears())["epoch"]
            await served.post(snapshot(seq=1, state="done"))
            await before.hears()
            served.advance(1800)
            assert await before.code() == 1006
        async with served.browser() as back:
            assert (await back.hears())["epoch"] == epoch  # it has forgotten nothing that lasts
            assert (await back.hears())["seq"] == 1
            assert await served.post(snapshot(seq=2)) == (200, {"listeners": 1})
            assert (await back.hears())["seq"] == 2

    told(story)


# Those who are slow


def narrow(port: int) -> socket.socket:
    """Return a connection that takes little before it is read."""
    narrowed = socket.socket()
    narrowed.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrowed.connect(("127.0.0.1", port))
    return narrowed


def test_a_slow_socket_gets_the_newest_and_nothing_piles_up():
    async def story(served: Served) -> None:
        slow = narrow(served.port)
        slow.sendall(handshake(served.ticket()))
        await served.until(lambda: served.server.exchange.hub.sockets)
        hub, (connection,) = served.server.exchange.hub, served.listening
        for seq in range(2000):
            for job in "abc":
                hub.publish(snapshot(job=job, seq=seq, message="x" * 500))
                assert len(served.session._waiting) <= 3
                assert connection.transport.get_write_buffer_size() < 2048  # never more than the frame on its way
        assert connection.paused
        reader, writer = await asyncio.open_connection(sock=slow)
        frames = (await reader.readuntil(b"\r\n\r\n"), [])[1]
        while len({one for one in frames if b'"seq":1999' in one}) < 3:
            frames.append(await reader.readuntil(b"}"))
        assert len(frames) < 1000
        writer.close()

    told(story)


def test_one_who_asks_and_never_reads_is_not_read_either():
    async def story(served: Served) -> None:
        slow = narrow(served.port)
        slow.setblocking(False)
        loop, request = asyncio.get_running_loop(), b"GET /metrics HTTP/1.1\r\nHost: r\r\n\r\n"
        sending = asyncio.ensure_future(loop.sock_sendall(slow, request * 20_000))
        await served.until(lambda: any(one.paused for one in served.connections))
        (connection,) = served.connections
        assert connection.transport.get_write_buffer_size() < 4096
        assert len(getattr(connection, "_come")) <= 3 * 8192  # noqa: B009
        sending.cancel()
        served.advance(999)
        await served.until(lambda: not served.connections)
        slow.close()

    told(story, close_s=0.05)


def test_one_who_never_takes_an_answer_is_cut_off():
    async def story(served: Served) -> None:
        slow = narrow(served.port)
        slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: r\r\n\r\n" * 200)
        await served.until(lambda: any(one.paused for one in served.connections))
        (connection,) = served.connections
        setattr(connection, "_come", bytearray())  # noqa: B010 - as if the last request had just been answered
        served.advance(999)
        await served.until(lambda: not served.connections)
        slow.close()

    told(story, close_s=0.05)


# Posts


@pytest.mark.parametrize(
    ("body", "change", "skew_s", "said"),
    [
        (RUNNING.text.encode(), {"X_RB_Sig": "0" * 64}, 0, (401, "wrong_signature")),
        (RUNNING.text.encode(), {"X_RB_Kid": "k9"}, 0, (401, "wrong_signature")),
        (RUNNING.text.encode(), {}, -61, (401, "wrong_time")),
        (RUNNING.text.encode(), {}, 61, (401, "wrong_time")),
        (b"{}", {}, 0, (422, "bad_message")),
        (b"", {}, 0, (422, "bad_message")),
        (b"\xff\0" * 9, {}, 0, (422, "bad_message")),
        (b"x" * (MOST_BYTES + 1), {}, 0, (413, "bad_request")),
        (b"x" * 10**6, {}, 0, (413, "bad_request")),
    ],
    ids=str,
)
def test_a_post_that_is_refused_reaches_nobody(
    body: bytes, change: dict[str, str], skew_s: float, said: tuple[int, str]
):
    async def story(served: Served) -> None:
        async with served.browser() as tab:
            await tab.hears()
            status, answer = await served.posted(body, served.clock.time_s() + skew_s, **change)
            assert (status, answer["code"]) == said
            await tab.socket.send(PING)
            assert "relay" in await tab.hears()
        assert f'relay_publishes_total{{status="{status}"}} 1' in await served.got("/metrics") or status == 413

    told(story)


def test_a_post_of_the_key_before_arrives():
    async def story(served: Served) -> None:
        kid, signature = OLD_KEYS.sign(b"pub:1800000000:" + RUNNING.text.encode())
        said = await served.post(RUNNING, X_RB_Kid=kid, X_RB_Sig=signature)
        assert said == (200, {"listeners": 0})
        assert KEYS.secrets[0][0] != kid

    told(story)


# Limits


def test_a_user_has_so_many_sockets():
    async def story(served: Served) -> None:
        async with served.browser() as one, served.browser() as two, served.browser() as three:
            assert await three.code() == 4429
            assert ("relay" in await one.hears(), "relay" in await two.hears()) == (True, True)

    told(story, sockets_per_user=2)


def test_there_are_so_many_connections_in_all():
    async def story(served: Served) -> None:
        async with served.browser() as one, served.browser("bob") as two:
            assert ("relay" in await one.hears(), "relay" in await two.hears()) == (True, True)
            status, said = await served.answered(b"GET /healthz HTTP/1.1\r\nHost: r\r\n\r\n")
            assert (status, said["code"]) == (503, "too_many")
        await served.until(lambda: not served.connections)
        assert "200 OK" in await served.got("/healthz")

    told(story, connections=2)


@pytest.mark.parametrize(
    ("addresses", "codes"),
    [
        (["10.0.0.1"] * 3, [None, None, 4429]),
        (["10.0.0.1", "10.0.0.2", "10.0.0.3"], [None, None, None]),
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:0:9::"], [None, None, 4429]),  # one household's
        (["10.0.0.1", "::ffff:10.0.0.1", "10.0.0.1"], [None, None, 4429]),
        (["nonsense", "", "127.0.0.1"], [None, None, 4429]),  # then it is the other end that counts
    ],
)
def test_an_address_has_so_many_sockets(addresses: list[str], codes: list[int | None]):
    async def story(served: Served) -> None:
        tabs = [served.browser(f"u{n}", headers={ADDRESS_HEADER: one}) for n, one in enumerate(addresses)]
        for tab, code in zip(tabs, codes, strict=True):
            await tab.__aenter__()
            assert code is not None or "relay" in await tab.hears()
            assert code is None or await tab.code() == code
        for tab in tabs:
            await tab.__aexit__()
        await served.until(lambda: not served.connections)
        served.advance(61)
        assert len(served.server.exchange.addresses) == 0

    told(story, proxied=True, sockets_per_address=2)


def test_an_address_tries_so_often_a_minute():
    async def story(served: Served) -> None:
        for code in (4401, 4401, 4401, 4429):
            async with served.browser(offered=[SUBPROTOCOL]) as refused:
                assert await refused.code() == code
        assert (await served.post(RUNNING, X_RB_Sig="0" * 64))[0] == 429
        assert (await served.post(RUNNING))[0] == 200  # a signature that fits is never turned away
        served.clock.advance(60)
        async with served.browser() as welcome:
            assert "relay" in await welcome.hears()

    told(story, tries_a_minute=3)


# Counts, and the end


def test_it_counts_what_happens_and_shows_it_to_the_inside_only():
    async def story(served: Served) -> None:
        async with served.browser() as tab:
            await tab.hears()
            await served.post(RUNNING)
            await tab.hears()
            seen = await served.got("/metrics")
            assert "404" in await served.got("/metrics", Fly_Client_IP="10.0.0.1")
        for line in (
            "relay_sockets 1",
            "relay_jobs 1",
            "relay_draining 0",
            "relay_sockets_opened_total 1",
            "relay_frames_total 2",
            'relay_publishes_total{status="200"} 1',
        ):
            assert f"\n{line}\n" in seen
        held = next(line for line in seen.splitlines() if line.startswith("process_resident_memory_bytes "))
        assert int(held.split()[1]) > 10**6
        assert "ann" not in seen
        await served.until(lambda: not served.connections)
        assert 'relay_sockets_closed_total{code="1000"} 1' in await served.got("/metrics")

    told(story, proxied=True)


def test_in_the_end_all_are_sent_away_and_posts_wait_for_the_next():
    async def story(served: Served) -> None:
        async with served.browser() as one, served.browser("bob") as two:
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            idle_reader, idle_writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: r\r\n\r\nPOST /publish HTTP/1.1\r\nContent-Length: 2\r\n")
            assert b"200 OK" in await reader.readuntil(b"}")  # and the next is on its way
            draining = asyncio.ensure_future(served.server.drain())
            assert [await tab.code() for tab in (one, two)] == [1012, 1012]
            assert await idle_reader.read() == b""
            writer.write(b"\r\n{}")
            rest = await reader.read()
            assert b" 503 " in rest
            assert b"Connection: close" in rest
            assert b"Retry-After" in rest
            await draining
            with pytest.raises(OSError, match="onnect"):
                await served.got("/healthz")
            for end in (writer, idle_writer):
                end.close()
        assert not served.connections

    told(story)


def test_the_end_does_not_wait_for_those_who_stay():
    async def story(served: Served) -> None:
        stays = narrow(served.port)
        stays.sendall(handshake(served.ticket()))
        await served.until(lambda: served.server.exchange.hub.sockets)
        await served.server.drain(at_most_s=0.2)
        await served.until(lambda: not served.connections)
        stays.close()

    told(story)
