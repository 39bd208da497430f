"""What users own, as this machine reaches it: the bucket that the settings name, else the embedded store."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager

from local import objectstore
from local.wiring import Settings
from storage.objects import Objects
from storage.schema import MIGRATIONS
from storage.userdb import Manner, UserDatabases


@contextmanager
def open_objects(settings: Settings) -> Generator[Objects]:
    """Give the store of objects; the embedded one is served for as long as the block lasts. Raises StoreUnavailable."""
    if settings.bucket:
        with closing(Objects(settings.bucket)) as objects:
            yield objects
        return
    folder = settings.store_dir
    with (
        objectstore.running(folder, objectstore.local_endpoint(folder, port=0)) as endpoint,
        closing(Objects(endpoint)) as objects,
    ):
        yield objects


@contextmanager
def open_databases(settings: Settings) -> Generator[UserDatabases]:
    """Give the users' databases. Raises StoreUnavailable."""
    manner = Manner() if settings.bucket else Manner(pace_s=0.0, shown=str)
    with open_objects(settings) as objects:
        yield UserDatabases(objects, MIGRATIONS, settings.databases_dir, manner)
