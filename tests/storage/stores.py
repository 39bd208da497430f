"""Stores for tests: the embedded server, moto as an oracle, R2 where its settings are; and fixtures that open them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, TypeVar
from uuid import uuid4

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.server import ThreadedMotoServer
from werkzeug.serving import make_server

from jobs.memory import MemoryStore
from jobs.ports import Store
from local.folder import FolderStore
from local.objectstore import Rules, local_endpoint, running
from reel.errors import ReelError, StoreUnavailable
from storage.bucket import Bucket, Fetched
from storage.endpoint import Endpoint
from storage.memory import MemoryBucket
from storage.objects import Objects
from storage.parts import Listed

Result = TypeVar("Result")
R2_SETTINGS = ("R2_ENDPOINT_URL", "R2_BUCKET_NAME", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY")
S3_KINDS = ("embedded", "moto", *(["r2"] if all(map(os.environ.get, R2_SETTINGS)) else []))


class Prefixed:
    """A part of a bucket as if it were all of it: what tests may write to, and clear, in a bucket that is in use."""

    def __init__(self, objects: Objects, prefix: str) -> None:
        self._objects = objects
        self._prefix = prefix

    @contextmanager
    def open(self, key: str) -> Generator[BinaryIO]:
        with self._named(), self._objects.open(self._prefix + key) as reader:
            yield reader

    def read(self, key: str) -> bytes:
        with self._named():
            return self._objects.read(self._prefix + key)

    def exists(self, key: str) -> bool:
        return self._objects.exists(self._prefix + key)

    def put(self, key: str, body: bytes, *, create_only: bool = False) -> None:
        with self._named():
            paced(lambda: self._objects.put(self._prefix + key, body, create_only=create_only))

    def put_file(self, key: str, path: Path, *, create_only: bool = False) -> None:
        with self._named():
            paced(lambda: self._objects.put_file(self._prefix + key, path, create_only=create_only))

    def delete(self, key: str) -> None:
        self._objects.delete(self._prefix + key)

    def keys(self, prefix: str) -> Iterator[str]:
        for key in self._objects.keys(self._prefix + prefix):
            yield key.removeprefix(self._prefix)

    def sizes(self, prefix: str) -> Iterator[Listed]:
        for listed in self._objects.sizes(self._prefix + prefix):
            yield replace(listed, key=listed.key.removeprefix(self._prefix))

    def fetch(self, key: str, known: str | None = None) -> Fetched | None:
        with self._named():
            return self._objects.fetch(self._prefix + key, known)

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        with self._named():
            return paced(lambda: self._objects.replace(self._prefix + key, body, etag))

    def clear(self) -> None:
        self._objects.clear(self._prefix)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name keys in errors as the test does."""
        try:
            yield
        except ReelError as error:
            error.details = {
                name: value.removeprefix(self._prefix) if isinstance(value, str) else value
                for name, value in error.details.items()
            }
            raise


def paced(write: Callable[[], Result]) -> Result:
    """Write as soon as R2 takes it: one write a second for one key, and more is refused before anything is done."""
    for _ in range(30):
        try:
            return write()
        except StoreUnavailable:
            time.sleep(1.1)
    return write()


class Stores:
    """Servers that are started when first asked for, and empty stores on them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._endpoints: dict[str, Endpoint] = {}
        self._objects: dict[str, Objects] = {}

    def close(self) -> None:
        self._stack.close()

    def store(self, kind: str) -> Store:
        """Return an empty Store of a kind."""
        match kind:
            case "memory":
                return MemoryStore()
            case "folder":
                return FolderStore(self._folder / uuid4().hex)
        return self._empty(kind)

    def bucket(self, kind: str) -> Bucket:
        """Return an empty Bucket of a kind."""
        return MemoryBucket() if kind == "memory" else self._empty(kind)

    def _empty(self, kind: str) -> Objects | Prefixed:
        if kind == "r2":
            prefixed = Prefixed(self.objects(kind), f"contract-tests-{uuid4()}/")
            self._stack.callback(prefixed.clear)
            return prefixed
        objects = self.objects(kind)
        emptied(objects)
        return objects

    def objects(self, kind: str) -> Objects:
        """Return the Objects of an S3 kind, with whatever is in them."""
        if kind not in self._objects:
            self._objects[kind] = Objects(self.endpoint(kind))
            self._stack.callback(self._objects[kind].close)
        return self._objects[kind]

    def endpoint(self, kind: str) -> Endpoint:
        """Return where the store of an S3 kind is."""
        if kind not in self._endpoints:
            self._endpoints[kind] = self._started(kind)
        return self._endpoints[kind]

    def _started(self, kind: str) -> Endpoint:
        match kind:
            case "embedded":
                folder = self._folder / "embedded"
                return self._stack.enter_context(running(folder, local_endpoint(folder, 0)))
            case "moto":
                return self._stack.enter_context(moto())
        return Endpoint(*(os.environ[name] for name in R2_SETTINGS))


class OneAtATime(ThreadedMotoServer):
    """moto's server, one request after the other: an overwritten body is gone under whoever reads it there."""

    def _server_entry(self) -> None:
        turn = Lock()
        answers = DomainDispatcherApplication(create_backend_app)

        def in_turn(environ: dict[str, Any], start: Any) -> list[bytes]:
            with turn:
                return list(answers(environ, start))

        self._server = make_server("127.0.0.1", 0, in_turn, threaded=True, request_handler=MotoRequestHandler)
        self._server_ready_event.set()
        self._server.serve_forever()


@contextmanager
def moto() -> Iterator[Endpoint]:
    """Run moto's server with one bucket."""
    server = OneAtATime("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = Endpoint(f"http://{host}:{port}", "oracle", "moto", "moto")
        client = boto3.client(
            "s3",
            endpoint_url=endpoint.url,
            region_name="us-east-1",
            aws_access_key_id="moto",
            aws_secret_access_key="moto",
        )
        client.create_bucket(Bucket=endpoint.bucket)
        client.close()
        yield endpoint
    finally:
        server.stop()


@contextmanager
def embedded(folder: Path, rules: Rules | None = None, **more: Callable[[], float]) -> Iterator[Objects]:
    """Run an embedded server over a folder, and give the objects on it."""
    with running(folder, local_endpoint(folder, 0), rules or Rules(), **more) as endpoint:
        objects = Objects(endpoint)
        try:
            yield objects
        finally:
            objects.close()


def emptied(objects: Objects) -> None:
    """Delete all objects and open uploads of a bucket that is ours alone."""
    for upload in objects.uploads(""):
        objects.abort_upload(upload.key, upload.id)
    for key in list(objects.keys("")):
        objects.delete(key)


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    opened = Stores(tmp_path_factory.mktemp("stores"))
    yield opened
    opened.close()


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[Objects]:
    """Objects on an embedded server of the test's own."""
    with embedded(tmp_path / "objectstore") as opened:
        yield opened
