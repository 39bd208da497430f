"""The services that the API is made of. Each home puts its own in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from endpoints.policy import Policy
from jobs.ports import Dispatch
from storage.clock import Clock
from storage.objects import Objects
from storage.open_jobs import OpenJobs
from storage.sessions import Sessions
from storage.userdb import UserDatabases


@dataclass(frozen=True, slots=True)
class Services:
    """All that a request may need."""

    databases: UserDatabases
    objects: Objects
    """The bucket, as this process reaches it."""
    dispatch: Dispatch
    open_jobs: OpenJobs
    sessions: Sessions
    ticket: Callable[[str], str]
    """Makes a ticket with which a user's browser may listen to live progress."""
    signer: Callable[[str], Objects]
    """By the host that a browser asked: whose signed addresses that browser can reach."""
    policy: Policy
    clock: Clock
    version: str
