"""What containers ask: their next input, where to put its output, whether they are to stop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2

from tests.modal_standin.records import Account, Container

HEARTBEAT_HELD_S = 5.0  # a cancel is told at once, as long as a heartbeat is open


class Serving:
    """The side of the containers."""

    account: Account
    fleet: Any
    container: Container | None

    async def ContainerHello(self, asked: Any) -> Any:
        return Empty()

    async def ContainerHeartbeat(self, asked: Any) -> Any:
        container = self._container()
        with suppress(TimeoutError):
            await asyncio.wait_for(container.cancels.wait(), HEARTBEAT_HELD_S)
        container.cancels.clear()
        told, container.cancelled = container.cancelled, []
        if not told:
            return api_pb2.ContainerHeartbeatResponse()
        return api_pb2.ContainerHeartbeatResponse(cancel_input_event=api_pb2.CancelInputEvent(input_ids=told))

    async def ContainerStop(self, asked: Any) -> Any:
        self._container().stopping = True
        return api_pb2.ContainerStopResponse()

    async def TaskResult(self, asked: Any) -> Any:
        await self.fleet.failed_start(self._container(), asked.result)
        return Empty()

    async def FunctionGetDynamicConcurrency(self, asked: Any) -> Any:
        return api_pb2.FunctionGetDynamicConcurrencyResponse(concurrency=asked.target_concurrency)

    async def FunctionGetInputs(self, asked: Any) -> Any:
        each = await self.fleet.next_input(self._container())
        if each is None:
            return api_pb2.FunctionGetInputsResponse(inputs=[api_pb2.FunctionGetInputsItem(kill_switch=True)])
        self._container().function.failed_starts = 0
        item = api_pb2.FunctionGetInputsItem(
            input_id=each.id,
            input=each.item,
            function_call_id=each.call.id,
            retry_count=each.retry_count,
            function_map_idx=each.idx,
        )
        return api_pb2.FunctionGetInputsResponse(inputs=[item])

    async def FunctionPutOutputs(self, asked: Any) -> Any:
        for output in asked.outputs:
            each = self.account.inputs[output.input_id]
            await self.fleet.end(
                each,
                output.result,
                data_format=output.data_format,
                task_id=self._container().id,
                input_started_at=output.input_started_at,
                output_created_at=output.output_created_at,
            )
            self._container().running.pop(each.id, None)
        return Empty()

    def _container(self) -> Container:
        assert self.container, "only containers ask this"
        return self.container
