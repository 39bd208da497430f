"""What `modal deploy` and `modal run` ask for: apps, mounts, images, secrets, functions, classes, logs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpclib import GRPCError, Status
from modal_proto import api_pb2

from tests.modal_standin.records import DONE, Account, App, Function, Release

BUILDER = "2025.06"
CREATES = {
    api_pb2.OBJECT_CREATION_TYPE_CREATE_IF_MISSING,
    api_pb2.OBJECT_CREATION_TYPE_EPHEMERAL,
    api_pb2.OBJECT_CREATION_TYPE_CREATE_FAIL_IF_EXISTS,
}


class Deploying:
    """These calls change what is deployed; none of them runs anything."""

    account: Account
    fleet: Any
    web: Any

    async def ClientHello(self, asked: Any) -> Any:
        return api_pb2.ClientHelloResponse(image_builder_version=BUILDER)

    async def EnvironmentGetOrCreate(self, asked: Any) -> Any:
        settings = api_pb2.EnvironmentSettings(image_builder_version=BUILDER)
        metadata = api_pb2.EnvironmentMetadata(name=asked.deployment_name or "main", settings=settings)
        return api_pb2.EnvironmentGetOrCreateResponse(environment_id="en-1", metadata=metadata)

    # Apps

    async def AppGetByDeploymentName(self, asked: Any) -> Any:
        app = self.account.deployed.get(asked.name)
        lifecycle = api_pb2.AppLifecycle(app_state=api_pb2.APP_STATE_DEPLOYED)
        return api_pb2.AppGetByDeploymentNameResponse(app_id=app.id if app else "", lifecycle=lifecycle)

    async def AppCreate(self, asked: Any) -> Any:
        app = App(self.account.fresh("ap"), asked.description)
        self.account.apps[app.id] = app
        return api_pb2.AppCreateResponse(app_id=app.id, app_page_url="page", app_logs_url="logs")

    async def AppGetLayout(self, asked: Any) -> Any:
        return api_pb2.AppGetLayoutResponse(app_layout=self.account.apps[asked.app_id].layout())

    async def AppHeartbeat(self, asked: Any) -> Any:
        return Empty()

    async def AppPublish(self, asked: Any) -> Any:
        app = self.account.apps[asked.app_id]
        app.version += 1
        app.functions = {name: self.account.functions[each] for name, each in asked.function_ids.items()}
        app.classes, app.tag = dict(asked.class_ids), asked.deployment_tag
        told = {name: (function, function.definition, function.data) for name, function in app.functions.items()}
        app.releases.append(Release(app.tag, told, app.classes))
        await self.fleet.roll(app)
        if asked.app_state == api_pb2.APP_STATE_DEPLOYED:
            self.account.deployed[asked.name] = app
        return api_pb2.AppPublishResponse(url="page", deployed_at=time.time())

    async def AppRollback(self, asked: Any) -> Any:
        app = self.account.apps[asked.app_id]
        if asked.version != -1 or len(app.releases) < 2:
            raise GRPCError(Status.FAILED_PRECONDITION, "There is no earlier version to roll back to.")
        release = app.releases[-2]
        app.version += 1
        for function, definition, data in release.functions.values():
            function.definition, function.data = definition, data
        app.functions = {name: function for name, (function, _, _) in release.functions.items()}
        app.classes, app.tag = release.classes, release.tag
        app.releases.append(release)
        await self.fleet.roll(app)
        return api_pb2.AppRollbackResponse(url="page", deployed_at=time.time())

    async def AppClientDisconnect(self, asked: Any) -> Any:
        self.account.apps[asked.app_id].over = True
        return Empty()

    async def AppGetLogs(self, asked: Any) -> AsyncIterator[Any]:
        app, shown = self.account.apps[asked.app_id], int(asked.last_entry_id or 0)
        until = time.monotonic() + min(asked.timeout or 55, 55)
        while time.monotonic() < until:
            if app.log[shown:]:
                items, shown = app.log[shown:], len(app.log)
                yield api_pb2.TaskLogsBatch(items=items, entry_id=str(shown))
            if app.over:
                yield api_pb2.TaskLogsBatch(app_done=True, entry_id=str(shown))
                return
            await asyncio.sleep(0.05)

    # What containers are made of

    async def SecretGetOrCreate(self, asked: Any) -> Any:
        account = self.account
        if not asked.deployment_name:
            secret_id = account.fresh("st")
            account.secret_of[secret_id] = dict(asked.env_dict)
            return api_pb2.SecretGetOrCreateResponse(secret_id=secret_id)
        if asked.object_creation_type in CREATES:
            account.secrets.setdefault(asked.deployment_name, {}).update(asked.env_dict)
        secret = account.secrets.get(asked.deployment_name)
        if secret is None:
            raise GRPCError(Status.NOT_FOUND, f"Secret '{asked.deployment_name}' not found in environment 'main'.")
        missing = [key for key in asked.required_keys if key not in secret]
        if missing:
            raise GRPCError(Status.NOT_FOUND, f"Secret '{asked.deployment_name}' is missing key(s): {missing}")
        secret_id = str(account.id_of("st", asked.deployment_name, create=True))
        account.secret_of[secret_id] = secret
        return api_pb2.SecretGetOrCreateResponse(secret_id=secret_id)

    async def MountBatchedCheckExistence(self, asked: Any) -> Any:
        missing = [each for each in asked.sha256_hex_hashes if each not in self.account.files]
        return api_pb2.MountBatchedCheckExistenceResponse(missing_sha256_hex_hashes=missing)

    async def MountPutFile(self, asked: Any) -> Any:
        body = self.account.blobs[asked.data_blob_id] if asked.data_blob_id else asked.data
        self.account.files[asked.sha256_hex] = body
        return api_pb2.MountPutFileResponse(exists=True)

    async def MountGetOrCreate(self, asked: Any) -> Any:
        mount_id = self.account.fresh("mo")
        self.account.mounts[mount_id] = {each.filename: each.sha256_hex for each in asked.files}
        return api_pb2.MountGetOrCreateResponse(mount_id=mount_id)

    async def ImageGetOrCreate(self, asked: Any) -> Any:
        image_id = self.account.fresh("im")
        self.account.images[image_id] = asked.image
        metadata = api_pb2.ImageMetadata(python_version_info="3.11", image_builder_version=BUILDER)
        return api_pb2.ImageGetOrCreateResponse(
            image_id=image_id, result=api_pb2.GenericResult(status=DONE), metadata=metadata
        )

    async def BlobCreate(self, asked: Any) -> Any:
        blob_id = self.account.fresh("bl")
        items = api_pb2.UploadUrlList(items=[f"{self.web.blob_url}/{blob_id}"])
        return api_pb2.BlobCreateResponse(
            blob_id=blob_id, blob_ids=[blob_id], upload_url=items.items[0], upload_urls=items
        )

    async def BlobGet(self, asked: Any) -> Any:
        return api_pb2.BlobGetResponse(download_url=f"{self.web.blob_url}/{asked.blob_id}")

    # Functions

    async def FunctionPrecreate(self, asked: Any) -> Any:
        account = self.account
        app = account.apps[asked.app_id]
        function = account.functions.get(asked.existing_function_id)
        if function is None:
            function = Function(account.fresh("fu"), app, asked.function_name)
            account.functions[function.id] = function
        function.metadata = api_pb2.FunctionHandleMetadata(
            function_name=asked.function_name,
            function_type=asked.function_type,
            function_schema=asked.function_schema,
            supported_input_formats=asked.supported_input_formats,
            supported_output_formats=asked.supported_output_formats,
            app_id=app.id,
        )
        for name, method in asked.method_definitions.items():
            function.metadata.method_handle_metadata[name].CopyFrom(
                api_pb2.FunctionHandleMetadata(
                    function_name=method.function_name or f"{asked.function_name}.{name}",
                    function_type=method.function_type,
                    is_method=True,
                    use_method_name=name,
                    function_schema=method.function_schema,
                    supported_input_formats=method.supported_input_formats,
                    supported_output_formats=method.supported_output_formats,
                )
            )
        if asked.webhook_config.type:
            function.metadata.web_url = await self.web.address(function)
        return api_pb2.FunctionPrecreateResponse(function_id=function.id, handle_metadata=function.metadata)

    async def FunctionCreate(self, asked: Any) -> Any:
        account = self.account
        ranked = asked.function_data.ranked_functions
        function = account.functions[asked.existing_function_id]
        function.definition = ranked[0].function if ranked else asked.function
        function.data = asked.function_data if ranked else _data_of(asked.function)
        function.metadata.definition_id = account.fresh("de")
        function.metadata.class_parameter_info.CopyFrom(function.definition.class_parameter_info)
        function.failed_starts = 0
        return api_pb2.FunctionCreateResponse(
            function_id=function.id,
            function=function.definition,
            function_data=function.data,
            handle_metadata=function.metadata,
        )

    async def ClassCreate(self, asked: Any) -> Any:
        return api_pb2.ClassCreateResponse(
            class_id=asked.existing_class_id or self.account.fresh("cs"), handle_metadata=api_pb2.ClassHandleMetadata()
        )

    async def FunctionGet(self, asked: Any) -> Any:
        app = self.account.deployed.get(asked.app_name) if asked.environment_name in self.account.environments else None
        function = app.functions.get(asked.object_tag) if app else None
        if function is None:
            raise GRPCError(Status.NOT_FOUND, f"No function {asked.object_tag!r} in the app {asked.app_name!r}.")
        return api_pb2.FunctionGetResponse(
            function_id=function.id, handle_metadata=function.metadata, function=function.data
        )

    async def ClassGet(self, asked: Any) -> Any:
        app = self.account.deployed.get(asked.app_name)
        if app is None or asked.object_tag not in app.classes:
            raise GRPCError(Status.NOT_FOUND, f"No class {asked.object_tag!r} in the app {asked.app_name!r}.")
        metadata = app.class_metadata(asked.object_tag)
        return api_pb2.ClassGetResponse(class_id=app.classes[asked.object_tag], handle_metadata=metadata)

    async def FunctionBindParams(self, asked: Any) -> Any:
        base = self.account.functions[asked.function_id]
        key = f"{base.id}:{asked.serialized_params!r}:{asked.function_options}"
        bound_id = str(self.account.id_of("fu", key, create=True))
        if bound_id not in self.account.functions:
            bound = Function(bound_id, base.app, base.name, base.definition, base.data)
            bound.serialized_params, bound.options = asked.serialized_params, asked.function_options
            bound.metadata.CopyFrom(base.metadata)
            bound.metadata.base_function_id = base.id
            self.account.functions[bound_id] = bound
        bound = self.account.functions[bound_id]
        return api_pb2.FunctionBindParamsResponse(bound_function_id=bound_id, handle_metadata=bound.metadata)


def _data_of(definition: api_pb2.Function) -> api_pb2.FunctionData:
    return api_pb2.FunctionData(
        module_name=definition.module_name,
        function_name=definition.function_name,
        function_type=definition.function_type,
        timeout_secs=definition.timeout_secs,
        is_class=definition.is_class,
        ranked_functions=[api_pb2.FunctionData.RankedFunction(rank=0, function=definition)],
    )
