"""The containers: real processes of Modal's own entrypoint, each at a unix socket of its own, which is its identity."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from grpclib.server import Server
from modal_proto import api_pb2

from tests.modal_standin.records import (
    FAILED,
    LOST,
    TIMED_OUT,
    Account,
    App,
    Call,
    Container,
    Function,
    Input,
)

MOST_DELIVERIES = 8  # of one input to containers that die of it
MOST_FAILED_STARTS = 3
ENTRYPOINT = ("-m", "modal._container_entrypoint")


class Fleet:
    """Starts, feeds and ends containers."""

    def __init__(self, account: Account, service: Callable[[Container], Any]) -> None:
        self._account, self._service = account, service
        self._tasks: set[asyncio.Task[None]] = set()
        self._entries, self._closing = 0, False
        self.folder = Path(tempfile.mkdtemp(prefix="standin-"))  # short: a socket's path has at most 107 bytes

    async def put(self, call: Call, items: Iterable[Any]) -> list[Any]:
        """Add inputs to a call and let them be worked on."""
        answered: list[Any] = []
        for item in items:
            each = Input(self._account.fresh("in"), call, item.idx, item.input)
            self._account.inputs[each.id] = each
            call.inputs.append(each)
            call.function.waiting.append(each)
            answered.append(api_pb2.FunctionPutInputsResponseItem(idx=item.idx, input_id=each.id, input_jwt=each.id))
        await self.pump(call.function)
        return answered

    async def pump(self, function: Function) -> None:
        """See to it that what waits is taken: wake a container that has room, or start one."""
        if self._closing:
            return
        alive = [each for each in function.containers if each.alive and each.version == function.app.version]
        room = sum(function.slots - len(each.running) for each in alive)
        wanted = min(-(-(len(function.waiting) - room) // function.slots), function.most_containers - len(alive))
        for _ in range(wanted):  # noted before anything is awaited, or a burst starts one for each
            container = Container(self._account.fresh("ta"), function, function.app.version)
            function.containers.append(container)
            self._go(self._live(container))
        for each in alive:
            async with each.work:
                each.work.notify_all()

    async def roll(self, app: App) -> None:
        """Let the containers of an older release end, once they have nothing in hand."""
        for container in [each for function in app.functions.values() for each in function.containers]:
            async with container.work:
                container.work.notify_all()

    async def next_input(self, container: Container) -> Input | None:
        """Wait for a container's next input; None when it is to stop."""
        function = container.function
        async with container.work:
            while not self._retires(container):
                if function.waiting:
                    each = function.waiting.popleft()
                    each.container, each.deliveries = container, each.deliveries + 1
                    container.running[each.id] = each
                    self._go(self._watch_time(each, container), "clock")
                    return each
                try:
                    await asyncio.wait_for(container.work.wait(), function.idle_s)
                except TimeoutError:
                    if not container.running and not function.waiting:
                        container.stopping = True
        return None

    def _retires(self, container: Container) -> bool:
        return container.stopping or container.version != container.function.app.version

    async def end(self, each: Input, result: Any, **told: Any) -> None:
        """Give an input its output; the first one stands."""
        if each.output is not None:
            return
        self._entries += 1
        each.entry = self._entries
        each.output = api_pb2.FunctionGetOutputsItem(
            result=result, idx=each.idx, input_id=each.id, retry_count=each.retry_count, **told
        )
        if each in each.call.function.waiting:
            each.call.function.waiting.remove(each)
        if each.container:
            each.container.running.pop(each.id, None)
        await each.call.tell()

    def kill(self, container: Container, sign: int = signal.SIGKILL) -> None:
        """End a container's process, and those that it started."""
        if container.process and container.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(container.process.pid, sign)

    async def close(self) -> None:
        """End everything."""
        self._closing = True
        for function in self._account.functions.values():
            for container in function.containers:
                container.stopping = True
                self.kill(container)
        for task in self._tasks:
            if task.get_name() == "clock":
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    async def _live(self, container: Container) -> None:
        """Run a container from start to end; what it had in hand when it died is delivered again."""
        function, home = container.function, self.folder / container.id[-6:]
        server = Server([self._service(container)])
        root = home / "root"
        root.mkdir(parents=True)
        await server.start(path=str(home / "s"))
        self._lay_out(function, home)
        (home / "arguments").write_bytes(self._arguments(container).SerializeToString())
        container.process = await asyncio.create_subprocess_exec(
            *(sys.executable, *ENTRYPOINT),
            cwd=root,
            env=self._environ(container, home),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        if self._closing:
            self.kill(container)
        await asyncio.gather(self._log(container), container.process.wait())
        container.stopping = True
        function.containers.remove(container)
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0)  # a turn of the loop, in which the socket is closed
        for each in list(container.running.values()):
            each.container = None
            if each.deliveries >= MOST_DELIVERIES:
                await self.end(each, api_pb2.GenericResult(status=LOST, exception="The container died."))
            else:
                function.waiting.appendleft(each)
        shutil.rmtree(home, ignore_errors=True)
        await self.pump(function)

    async def failed_start(self, container: Container, result: Any) -> None:
        """A container could not import its code: after some tries whatever waits for it fails."""
        function = container.function
        function.failed_starts += 1
        self._account.broken.append(result.exception)
        if function.failed_starts >= MOST_FAILED_STARTS:
            for each in list(function.waiting):
                await self.end(each, api_pb2.GenericResult(status=FAILED, exception=result.exception))

    async def _watch_time(self, each: Input, container: Container) -> None:
        limit_s = container.function.definition.timeout_secs or 300
        delivery = each.deliveries
        while limit_s > 0 and each.output is None and container.alive:
            await asyncio.sleep(0.2)
            limit_s -= 0.2
        if each.output is None and each.deliveries == delivery and container.alive:
            await self.end(each, api_pb2.GenericResult(status=TIMED_OUT, exception="It took too long."))
            self.kill(container)

    def _go(self, work: Any, name: str = "container") -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _log(self, container: Container) -> None:
        assert container.process
        assert container.process.stdout
        async for line in container.process.stdout:
            text = line.decode("utf-8", "replace")
            container.function.app.log.append(
                api_pb2.TaskLogs(data=text, file_descriptor=api_pb2.FILE_DESCRIPTOR_STDOUT)
            )

    def _lay_out(self, function: Function, home: Path) -> None:
        """Put the shipped files where the container finds them, and no others: what was not shipped is not there."""
        for mount_id in function.definition.mount_ids:
            for name, digest in self._account.mounts[mount_id].items():
                path = home / name.lstrip("/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self._account.files[digest])

    def _arguments(self, container: Container) -> Any:
        function = container.function
        return api_pb2.ContainerArguments(
            task_id=container.id,
            function_id=function.id,
            app_id=function.app.id,
            function_def=function.definition,
            app_layout=function.app.layout(),
            serialized_params=function.serialized_params,
            environment_name="main",
        )

    def _environ(self, container: Container, home: Path) -> dict[str, str]:
        secrets = [self._account.secret_of[each] for each in container.function.definition.secret_ids]
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(home),
            "PYTHONPATH": str(home / "root"),
            "PYTHONUNBUFFERED": "1",
            "MODAL_SERVER_URL": f"unix://{home / 's'}",
            "MODAL_TASK_ID": container.id,
            "MODAL_IS_REMOTE": "1",
            "MODAL_CONFIG_PATH": str(home / "none.toml"),
            "MODAL_CONTAINER_ARGUMENTS_PATH": str(home / "arguments"),
            "MODAL_ENVIRONMENT": "main",
        }
        for secret in secrets:
            environ |= secret
        return environ
