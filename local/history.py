"""The command that lists the snapshots of a user's database and brings one back: history USER [--restore VERSION]."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime

from local.console import Console
from local.wiring import Settings
from reel.errors import BadInput, Json, NotFound
from reel.keys import content_hash
from storage.history import UNREADABLE, Kept
from storage.ids import uuid7
from storage.operations import Operation
from storage.userdb import UserDatabases

ROUTE = "history --restore"


def command(arguments: Namespace, settings: Settings, console: Console) -> None:
    """List a user's snapshots or bring one back, in the bucket that the settings name or on this machine."""
    from local.stores import open_databases  # boto3 takes a third of a second, which every command would pay

    with open_databases(settings) as databases:
        history(databases, arguments.user, arguments.restore, console)


def history(databases: UserDatabases, user: str, restored: int | None, console: Console) -> None:
    """List the snapshots, newest first, or bring the version `restored` back. Raises as UserDatabases does."""
    if restored is None:
        _list(databases, user, console)
    else:
        _restore(databases, user, restored, console)


def _list(databases: UserDatabases, user: str, console: Console) -> None:
    found = databases.history(user)
    fields: list[Json] = [_fields(snapshot) for snapshot in found]
    text = (
        "\n".join(map(_told, found)) or f"There is no snapshot of {user} yet: the first comes a day after they began."
    )
    console.result({"user": user, "snapshots": fields}, text)


def _restore(databases: UserDatabases, user: str, version: int, console: Console) -> None:
    operation = Operation(uuid7(), content_hash([user, version]), ROUTE)
    try:
        answer = databases.restore(user, version, operation)
    except NotFound as absent:
        raise BadInput(f"{user} has no snapshot of version {version}.") from absent
    assert isinstance(answer, dict), "a restore says which version it became"
    text = f"Version {version} of {user} is back, as version {answer['version']}. What it replaced is in the history."
    console.result({"user": user, **answer}, text)


def _fields(snapshot: Kept) -> dict[str, Json]:
    return {
        "version": snapshot.version,
        "written_at": None if snapshot.written_at_s is None else _moment(snapshot.written_at_s).isoformat(),
        "size_bytes": snapshot.size_bytes,
        "schema": snapshot.schema,
    }


def _told(snapshot: Kept) -> str:
    size = f"{snapshot.size_bytes / 1e6:.2f} MB"
    if snapshot.written_at_s is None:
        what = "what could not be read when it was replaced" if snapshot.version == UNREADABLE else "cannot be read"
        return f"{snapshot.version:>8}  {what}, {size}"
    return f"{snapshot.version:>8}  {_moment(snapshot.written_at_s):%Y-%m-%d %H:%M} UTC, {size}"


def _moment(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)
