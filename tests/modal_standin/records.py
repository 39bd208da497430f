"""What the stand-in remembers: apps and their functions, calls and their inputs, containers, dicts, queues, mounts."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path

from modal_proto import api_pb2

DONE = api_pb2.GenericResult.GENERIC_STATUS_SUCCESS
TERMINATED = api_pb2.GenericResult.GENERIC_STATUS_TERMINATED
FAILED = api_pb2.GenericResult.GENERIC_STATUS_FAILURE
TIMED_OUT = api_pb2.GenericResult.GENERIC_STATUS_TIMEOUT
LOST = api_pb2.GenericResult.GENERIC_STATUS_INTERNAL_FAILURE


@dataclass
class Function:
    """One function of an app, or a variant of one that was bound to parameters or options."""

    id: str
    app: App
    name: str
    definition: api_pb2.Function = field(default_factory=api_pb2.Function)
    data: api_pb2.FunctionData = field(default_factory=api_pb2.FunctionData)
    metadata: api_pb2.FunctionHandleMetadata = field(default_factory=api_pb2.FunctionHandleMetadata)
    serialized_params: bytes = b""
    options: api_pb2.FunctionOptions | None = None
    waiting: deque[Input] = field(default_factory=deque)
    containers: list[Container] = field(default_factory=list)
    failed_starts: int = 0

    @property
    def slots(self) -> int:
        """How many inputs one container takes at once."""
        return self.definition.max_concurrent_inputs or 1

    @property
    def most_containers(self) -> int:
        """How many containers there may be."""
        return self.definition.autoscaler_settings.max_containers or 4

    @property
    def idle_s(self) -> float:
        """How long a container waits for its next input."""
        return float(self.definition.autoscaler_settings.scaledown_window or 60)


@dataclass(frozen=True)
class Release:
    """What was deployed once: each function with what it was told then."""

    tag: str
    functions: dict[str, tuple[Function, api_pb2.Function, api_pb2.FunctionData]]
    classes: dict[str, str]


@dataclass
class App:
    """One app, deployed or running for as long as `modal run` does."""

    id: str
    name: str
    version: int = 0
    tag: str = ""
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    releases: list[Release] = field(default_factory=list)
    log: list[api_pb2.TaskLogs] = field(default_factory=list)
    over: bool = False

    def layout(self) -> api_pb2.AppLayout:
        """Return the app's objects as containers and clients are told them."""
        layout = api_pb2.AppLayout(
            function_ids={name: function.id for name, function in self.functions.items()}, class_ids=self.classes
        )
        named: set[str] = set()
        for function in self.functions.values():
            layout.objects.add(object_id=function.id, function_handle_metadata=function.metadata)
            named |= {function.id} | {each.object_id for each in function.definition.object_dependencies}
        for name, class_id in self.classes.items():
            layout.objects.add(object_id=class_id, class_handle_metadata=self.class_metadata(name))
        named -= {each.object_id for each in layout.objects}
        for other in sorted(named):
            layout.objects.add(object_id=other)
        return layout

    def class_metadata(self, name: str) -> api_pb2.ClassHandleMetadata:
        """Return a class's handle: all its methods are served by one function."""
        service = self.functions[f"{name}.*"]
        return api_pb2.ClassHandleMetadata(class_function_id=service.id, class_function_metadata=service.metadata)


@dataclass(eq=False)
class Input:
    """One input of a call; `output` once it has one."""

    id: str
    call: Call
    idx: int
    item: api_pb2.FunctionInput
    deliveries: int = 0
    retry_count: int = 0
    container: Container | None = None
    output: api_pb2.FunctionGetOutputsItem | None = None
    entry: int = 0


@dataclass(eq=False)
class Call:
    """A call of a function: remote, spawn and web have one input, map has many."""

    id: str
    function: Function
    inputs: list[Input] = field(default_factory=list)
    expired: bool = False
    data_in: list[api_pb2.DataChunk] = field(default_factory=list)
    data_out: list[api_pb2.DataChunk] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def unfinished(self) -> int:
        """How many inputs have no output."""
        return sum(each.output is None for each in self.inputs)

    async def tell(self) -> None:
        """Wake all who wait for something of this call."""
        async with self.changed:
            self.changed.notify_all()


@dataclass(eq=False)
class Container:
    """A process that runs a function."""

    id: str
    function: Function
    version: int
    process: asyncio.subprocess.Process | None = None
    running: dict[str, Input] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    cancels: asyncio.Event = field(default_factory=asyncio.Event)
    work: asyncio.Condition = field(default_factory=asyncio.Condition)
    stopping: bool = False

    @property
    def alive(self) -> bool:
        """Whether it may still take inputs."""
        return not self.stopping and (self.process is None or self.process.returncode is None)


@dataclass
class Account:
    """Everything, by id or name. `folder` holds what lies on disk."""

    folder: Path
    environments: set[str] = field(default_factory=lambda: {"", "main"})
    """All of them are one: what is deployed to one is found in the others."""
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    deployed: dict[str, App] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    inputs: dict[str, Input] = field(default_factory=dict)
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    dicts: dict[str, dict[bytes, bytes]] = field(default_factory=lambda: defaultdict(dict))
    queues: dict[str, dict[bytes, deque[bytes]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(deque))
    )
    queued: asyncio.Condition = field(default_factory=asyncio.Condition)
    secret_of: dict[str, dict[str, str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    mounts: dict[str, dict[str, str]] = field(default_factory=dict)
    images: dict[str, api_pb2.Image] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def fresh(self, kind: str) -> str:
        """Return an id that was not given yet."""
        return f"{kind}-{next(self.numbers):022d}"

    def id_of(self, kind: str, name: str, *, create: bool) -> str | None:
        """Return the id of a named object."""
        if create:
            self.named.setdefault((kind, name), self.fresh(kind))
        return self.named.get((kind, name))
