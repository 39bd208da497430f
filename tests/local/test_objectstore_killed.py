"""The embedded store in real processes: killed while it writes, raced for, started again, short of room."""

from __future__ import annotations

import random
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from threading import Event

import pytest

from local.objects_blobs import Blobs
from local.objectstore import local_endpoint
from reel.errors import Conflict, ReelError, StorageFull, StoreUnavailable
from storage.endpoint import Endpoint
from storage.objects import Objects
from tests.local.serving import served_by_a_process
from tests.storage.stores import embedded

WRITERS, KILLS = 4, 4
PROCESSES, ROUNDS = 8, 32


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def body_of(name: str) -> bytes:
    """Return a body that says its own name over and over: a torn one can be told."""
    return f"<{name}>".encode() * 4000


@dataclass
class Written:
    """What one writer knows: the last name acknowledged for each key, and those after it that nobody knows of."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, set[str]] = field(default_factory=dict)
    count: int = 0


def write_until(stop: Event, objects: Objects, writer: int, turn: int) -> Written:
    """Put, replace and delete until told to stop, each writer keys of its own."""
    written = Written()
    while not stop.is_set():
        written.count += 1
        key = f"user/{turn}/{writer}/{written.count % 5}"
        name = f"{key}#{written.count}"
        try:
            objects.replace(key, body_of(name), None) if written.count <= 5 else objects.put(key, body_of(name))
        except ReelError:
            written.unsure.setdefault(key, set()).add(name)
        else:
            written.acknowledged[key] = name
            written.unsure.pop(key, None)
    return written


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path):
    port, random_numbers = free_port(), random.Random(5)
    seen = 0
    for turn in range(KILLS):
        stop = Event()
        with served_by_a_process(tmp_path, port) as (endpoint, process):
            objects = Objects(endpoint, tries=1)  # or each write would wait for the dead, three times
            with ThreadPoolExecutor(WRITERS) as pool:
                writing = [pool.submit(write_until, stop, objects, writer, turn) for writer in range(WRITERS)]
                time.sleep(0.3 + random_numbers.random() * 0.7)
                process.kill()
                stop.set()
                everything = [writer.result() for writer in writing]
            objects.close()
        with embedded(tmp_path) as survivor:
            for written in everything:
                seen += len(written.acknowledged)
                for key in written.acknowledged.keys() | written.unsure.keys():
                    allowed = {written.acknowledged.get(key)} | written.unsure.get(key, set())
                    found = survivor.read(key) if survivor.exists(key) else None
                    assert found in {name and body_of(name) for name in allowed}, key
    assert seen >= KILLS  # the kills came while something was being written
    assert blobs(tmp_path) == len(indexed(tmp_path))


def test_parts_and_their_end_survive_a_kill(tmp_path: Path):
    port = free_port()
    with served_by_a_process(tmp_path, port) as (endpoint, _):
        objects = Objects(endpoint)
        done, open_upload = (objects.begin_upload(f"user/{name}", "video/mp4") for name in ("done", "open"))
        for key, upload in (("user/done", done), ("user/open", open_upload)):
            for number, body in ((1, b"x" * 5 * 2**20), (2, b"tail")):
                asked = {"Bucket": endpoint.bucket, "Key": key, "UploadId": upload, "PartNumber": number, "Body": body}
                objects._once.upload_part(**asked)
        objects.complete_upload("user/done", done, objects.parts("user/done", done))
        objects.close()
    with embedded(tmp_path) as survivor:
        assert survivor.read("user/done") == b"x" * 5 * 2**20 + b"tail"
        assert [part.size_bytes for part in survivor.parts("user/open", open_upload)] == [5 * 2**20, 4]
        assert [upload.id for upload in survivor.uploads("")] == [open_upload]
        survivor.complete_upload("user/open", open_upload, survivor.parts("user/open", open_upload))
        assert survivor.head("user/open").size_bytes == 5 * 2**20 + 4


def test_what_a_killed_process_left_is_swept_and_nothing_else(tmp_path: Path):
    port = free_port()
    with served_by_a_process(tmp_path, port) as (endpoint, _), socket.create_connection(("127.0.0.1", port)) as half:
        objects = Objects(endpoint)
        objects.put("kept", b"kept")
        url = objects._once.generate_presigned_url("put_object", Params={"Bucket": endpoint.bucket, "Key": "half"})
        request = (
            f"PUT {url.removeprefix(endpoint.url)} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: 9999999\r\n"
        )
        half.sendall(f"{request}\r\n".encode() + b"x" * 3_000_000)
        while blobs(tmp_path) < 2:
            time.sleep(0.01)
        with embedded(tmp_path) as other:  # a live process's half is left alone
            assert blobs(tmp_path) == 2
            assert other.read("kept") == b"kept"
        objects.close()
    with embedded(tmp_path) as survivor:
        assert blobs(tmp_path) == 1
        assert survivor.read("kept") == b"kept"
        assert not survivor.exists("half")
    with embedded(tmp_path):
        assert len(list((tmp_path / "blobs").iterdir())) == 2  # folders that hold nothing are not kept either


def test_a_sweep_takes_only_what_is_dead_and_not_named(tmp_path: Path):
    dead = Blobs(tmp_path)
    names = []
    for body in (b"kept", b"left"):
        arriving = dead.arriving()
        arriving.write(body)
        arriving.finish()
        names.append(arriving.name)
    other = Blobs(tmp_path)
    assert other.sweep(set) == 0
    dead.close()

    def named() -> set[str]:
        third = Blobs(tmp_path)
        assert third.sweep(set) == 0  # nobody else sweeps what is being swept
        third.close()
        return {names[0]}

    assert other.sweep(named) == 1
    assert [(tmp_path / name).exists() for name in names] == [True, False]
    assert other.sweep(named) == 0
    other.close()


def test_what_was_acknowledged_while_a_sweep_began_is_kept(tmp_path: Path):
    """A process that lives when the sweep begins, and dies under it, is left to the next one."""
    living, sweeping = Blobs(tmp_path), Blobs(tmp_path)
    arriving = living.arriving()
    arriving.write(b"acknowledged")
    arriving.finish()

    def named() -> set[str]:
        living.close()
        return set()  # as it was a moment ago

    assert sweeping.sweep(named) == 0
    assert (tmp_path / arriving.name).read_bytes() == b"acknowledged"
    sweeping.close()


def test_an_index_that_is_none_is_said_and_nothing_swept(tmp_path: Path):
    with embedded(tmp_path) as objects:
        objects.put("a", b"kept")
    good = {path.name: path.read_bytes() for path in tmp_path.glob("index.sqlite*")}
    (tmp_path / "index.sqlite").write_bytes(b"no database of ours" * 1000)
    for name in good.keys() - {"index.sqlite"}:
        (tmp_path / name).unlink()
    with pytest.raises(StoreUnavailable, match="cannot be opened"), embedded(tmp_path):
        pass
    for name, body in good.items():
        (tmp_path / name).write_bytes(body)
    with embedded(tmp_path) as objects:
        assert objects.read("a") == b"kept"


def test_a_disk_that_refuses_leaves_everything_as_it_was(tmp_path: Path):
    port = free_port()
    with served_by_a_process(tmp_path, port, most_bytes=2**20) as (endpoint, process):
        objects = Objects(endpoint)
        objects.put("a", b"old")
        for write in (
            lambda: objects.put("a", b"x" * 2**21),
            lambda: objects.replace("b", b"x" * 2**21, None),
        ):
            with pytest.raises(StorageFull):
                write()
        assert objects.read("a") == b"old"
        assert blobs(tmp_path) == 1
        objects.put("a", b"new")
        assert objects.read("a") == b"new"
        assert process.poll() is None
        objects.close()


def test_a_store_that_is_not_there_is_said(tmp_path: Path):
    objects = Objects(local_endpoint(tmp_path, free_port()), tries=1)
    for use in (
        lambda: objects.read("a"),
        lambda: objects.exists("a"),
        lambda: objects.put("a", b""),
        lambda: objects.replace("a", b"", None),
        lambda: list(objects.keys("")),
        lambda: objects.fetch("a"),
    ):
        with pytest.raises(StoreUnavailable):
            use()
    objects.close()


# Racing


def race(endpoint: Endpoint, writer: int, start, end) -> list[tuple[int, str]]:
    """Write once in each round, on what was there when it began; return the rounds won, with the new etag."""
    objects = Objects(endpoint)
    won = []
    for turn in range(ROUNDS):
        there = objects.fetch("user/database.sqlite")
        assert there
        body = there.body + f"{turn}:{writer}\n".encode()
        start.wait(120)
        with suppress(Conflict):
            won.append((turn, objects.replace("user/database.sqlite", body, there.etag)))
        end.wait(120)
    objects.close()
    return won


def racer(endpoint: Endpoint, writer: int, start, end, results) -> None:
    results.put((writer, race(endpoint, writer, start, end)))


def test_of_eight_processes_one_wins_each_round(tmp_path: Path):
    processes = get_context("forkserver")  # one that loads the packages, and eight copies of it
    processes.set_forkserver_preload(["storage.objects", "tests.local.test_objectstore_killed"])
    start, end, results = processes.Barrier(PROCESSES), processes.Barrier(PROCESSES), processes.Queue()
    ports = free_port(), free_port()
    with served_by_a_process(tmp_path, ports[0]) as (one, _), served_by_a_process(tmp_path, ports[1]) as (two, _):
        objects = Objects(one)
        objects.put("user/database.sqlite", b"")
        racers = [
            processes.Process(target=racer, args=((one, two)[writer % 2], writer, start, end, results), daemon=True)
            for writer in range(PROCESSES)
        ]
        for process in racers:
            process.start()
        found = dict(results.get(timeout=300) for _ in racers)
        for process in racers:
            process.join()
        there = objects.fetch("user/database.sqlite")
        objects.close()
    winners = sorted((turn, writer) for writer, won in found.items() for turn, _ in won)
    assert [turn for turn, _ in winners] == list(range(ROUNDS))
    assert there
    assert there.body == b"".join(b"%d:%d\n" % winner for winner in winners)
    assert blobs(tmp_path) == 1


def blobs(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "blobs").rglob("*"))


def indexed(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "index.sqlite")) as index:
        return [key for (key,) in index.execute("select key from objects")]
