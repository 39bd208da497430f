"""What is asked of functions that run, and of dicts and queues: by clients, and by containers that call others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpclib import GRPCError, Status
from modal_proto import api_pb2

from tests.modal_standin.deploying import CREATES
from tests.modal_standin.records import TERMINATED, Account, Call, Input


class Calling:
    """Calls: remote, spawn, map, get, cancel; their streams of data; Dict and Queue."""

    account: Account
    fleet: Any

    async def FunctionMap(self, asked: Any) -> Any:
        function = self.account.functions[asked.function_id]
        call = Call(self.account.fresh("fc"), function)
        self.account.calls[call.id] = call
        answered = await self.fleet.put(call, asked.pipelined_inputs)
        return api_pb2.FunctionMapResponse(
            function_call_id=call.id,
            function_call_jwt=call.id,
            pipelined_inputs=answered,
            retry_policy=function.definition.retry_policy,
            max_inputs_outstanding=1000,
        )

    async def FunctionPutInputs(self, asked: Any) -> Any:
        answered = await self.fleet.put(self.account.calls[asked.function_call_id], asked.inputs)
        return api_pb2.FunctionPutInputsResponse(inputs=answered)

    async def FunctionFinishInputs(self, asked: Any) -> Any:
        return Empty()

    async def FunctionGetOutputs(self, asked: Any) -> Any:
        call = self._call(asked.function_call_id)
        until = time.monotonic() + asked.timeout
        seen = int((asked.last_entry_id or "0-0").partition("-")[0])

        def ready() -> list[Input]:
            ended = [each for each in call.inputs if each.output is not None]
            if asked.HasField("start_idx"):
                return [each for each in ended if asked.start_idx <= each.idx <= asked.end_idx]
            return sorted((each for each in ended if each.entry > seen), key=lambda each: each.entry)

        async with call.changed:
            while not call.expired and not (found := ready()) and (left := until - time.monotonic()) > 0:
                try:
                    await asyncio.wait_for(call.changed.wait(), left)
                except TimeoutError:
                    break
        if call.expired:
            return api_pb2.FunctionGetOutputsResponse(last_entry_id=asked.last_entry_id)
        found = ready()
        last = max((each.entry for each in found), default=seen)
        return api_pb2.FunctionGetOutputsResponse(
            idxs=[each.idx for each in found],
            outputs=[each.output for each in found if each.output],
            last_entry_id=f"{last}-0",
            num_unfinished_inputs=call.unfinished,
        )

    async def FunctionCallFromId(self, asked: Any) -> Any:
        call = self._call(asked.function_call_id)
        return api_pb2.FunctionCallFromIdResponse(function_call_id=call.id, num_inputs=len(call.inputs))

    async def FunctionCallCancel(self, asked: Any) -> Any:
        call = self._call(asked.function_call_id)
        for each in call.inputs:
            if each.output is None and each.container is None:
                await self.fleet.end(each, api_pb2.GenericResult(status=TERMINATED))
            elif each.output is None and each.container is not None:
                if asked.terminate_containers:
                    await self.fleet.end(each, api_pb2.GenericResult(status=TERMINATED))
                    self.fleet.kill(each.container)
                else:
                    each.container.cancelled.append(each.id)
                    each.container.cancels.set()
        return Empty()

    def _call(self, call_id: str) -> Call:
        try:
            return self.account.calls[call_id]
        except KeyError:
            raise GRPCError(Status.NOT_FOUND, f"There is no call {call_id}.") from None

    # The streams of a web call, and of a generator

    async def FunctionCallGetDataIn(self, asked: Any) -> AsyncIterator[Any]:
        call, sent = self._call(asked.function_call_id), asked.last_index
        while True:
            for chunk in call.data_in[sent:]:
                yield chunk
                sent = chunk.index
            if not call.unfinished:
                return
            async with call.changed:
                if len(call.data_in) <= sent and call.unfinished:
                    await call.changed.wait()

    async def FunctionCallPutDataOut(self, asked: Any) -> Any:
        call = self.account.calls.get(asked.function_call_id)
        if call:  # else the browser went away, and nobody reads this any more
            call.data_out.extend(asked.data_chunks)
            await call.tell()
        return Empty()

    # Dict

    async def DictGetOrCreate(self, asked: Any) -> Any:
        return api_pb2.DictGetOrCreateResponse(dict_id=self._object("di", "Dict", asked))

    async def DictGet(self, asked: Any) -> Any:
        value = self.account.dicts[asked.dict_id].get(asked.key)
        return api_pb2.DictGetResponse(found=value is not None, value=value)

    async def DictContains(self, asked: Any) -> Any:
        return api_pb2.DictContainsResponse(found=asked.key in self.account.dicts[asked.dict_id])

    async def DictLen(self, asked: Any) -> Any:
        return api_pb2.DictLenResponse(len=len(self.account.dicts[asked.dict_id]))

    async def DictClear(self, asked: Any) -> Any:
        self.account.dicts[asked.dict_id].clear()
        return Empty()

    async def DictPop(self, asked: Any) -> Any:
        value = self.account.dicts[asked.dict_id].pop(asked.key, None)
        return api_pb2.DictPopResponse(found=value is not None, value=value)

    async def DictUpdate(self, asked: Any) -> Any:
        entries, created = self.account.dicts[asked.dict_id], False
        for entry in asked.updates:
            created = not (asked.if_not_exists and entry.key in entries)
            if created:
                entries[entry.key] = entry.value
        return api_pb2.DictUpdateResponse(created=created)

    async def DictContents(self, asked: Any) -> AsyncIterator[Any]:
        for key, value in list(self.account.dicts[asked.dict_id].items()):
            yield api_pb2.DictEntry(key=key if asked.keys else b"", value=value if asked.values else b"")

    async def DictHeartbeat(self, asked: Any) -> Any:
        return Empty()

    # Queue

    async def QueueGetOrCreate(self, asked: Any) -> Any:
        return api_pb2.QueueGetOrCreateResponse(queue_id=self._object("qu", "Queue", asked))

    async def QueueHeartbeat(self, asked: Any) -> Any:
        return Empty()

    async def QueuePut(self, asked: Any) -> Any:
        self.account.queues[asked.queue_id][asked.partition_key].extend(asked.values)
        async with self.account.queued:
            self.account.queued.notify_all()
        return Empty()

    async def QueueGet(self, asked: Any) -> Any:
        waiting = self.account.queues[asked.queue_id][asked.partition_key]
        async with self.account.queued:
            try:
                await asyncio.wait_for(self.account.queued.wait_for(lambda: waiting), asked.timeout or 0.001)
            except TimeoutError:
                return api_pb2.QueueGetResponse()
        return api_pb2.QueueGetResponse(values=[waiting.popleft() for _ in range(min(asked.n_values, len(waiting)))])

    async def QueueLen(self, asked: Any) -> Any:
        partitions = self.account.queues[asked.queue_id]
        held = partitions.values() if asked.total else [partitions[asked.partition_key]]
        return api_pb2.QueueLenResponse(len=sum(map(len, held)))

    async def QueueClear(self, asked: Any) -> Any:
        self.account.queues[asked.queue_id].clear()
        return Empty()

    def _object(self, kind: str, called: str, asked: Any) -> str:
        create = not asked.deployment_name or asked.object_creation_type in CREATES
        name = asked.deployment_name or self.account.fresh("unnamed")
        found = self.account.id_of(kind, name, create=create)
        if found is None:
            raise GRPCError(Status.NOT_FOUND, f"{called} '{name}' not found in environment 'main'.")
        return found
