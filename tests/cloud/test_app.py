"""What app.py declares, as Modal would be told it: held against a golden file, and against the rest of the house."""

from __future__ import annotations

import ast
import json
import re
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from packaging.requirements import Requirement

from cloud import images
from cloud.calls import FUNCTIONS, function_of
from cloud.costs import BUSY_S, RUNS_A_DAY, dollars_a_second, idle_dollars_a_day
from cloud.machines import MACHINES, METHODS
from cloud.wiring import APP, REQUIRED, SECRET
from gpu.registry import CRISP, CRISP_SIBLING, NETWORKS
from jobs.run import BODIES
from jobs.spec import PreviewSpec, SmallCopySpec, SourceRef
from tests.cloud.deployed import Cloud
from tests.conftest import CHECKOUT
from tests.house.source import imports
from tests.jobs.homes import clip, framing, uuid
from tests.modal_standin.records import Function

GOLDEN = Path(__file__).parent / "shape.json"
MOST_DOLLARS_A_DAY = 0.01


def shape(function: Function, secrets: dict[str, str]) -> dict[str, Any]:
    """Return what Modal was told of one function, without what differs from run to run."""
    told, ranked = function.definition, function.data.ranked_functions
    return {
        "gpus": [gpu for each in ranked if (gpu := each.function.resources.gpu_config.gpu_type)],
        "cores": told.resources.milli_cpu / 1000,
        "memory_mib": told.resources.memory_mb,
        "timeout_s": told.timeout_secs,
        "retries": told.retry_policy.retries,
        "idle_s": told.autoscaler_settings.scaledown_window,
        "most_containers": told.autoscaler_settings.max_containers,
        "concurrency": told.max_concurrent_inputs,
        "secrets": sorted(secrets[each] for each in told.secret_ids),
        "schedule": MessageToDict(told.schedule) if told.HasField("schedule") else None,
        "web": told.webhook_config.type != 0,
        "proxy_auth": told.webhook_config.requires_proxy_auth,
        "network": not told.block_network,
        "modal_access": not told.untrusted,
        "single_use": told.single_use_containers,
        "memory_snapshot": told.checkpointing_enabled,
        "methods": sorted(told.method_definitions),
    }


def declared(cloud: Cloud) -> dict[str, Any]:
    """Return the shape of the deployed app."""
    names = {given: name for (kind, name), given in cloud.standin.account.named.items() if kind == "st"}
    functions = cloud.standin.account.deployed[APP].functions
    return {name: shape(function, names) for name, function in sorted(functions.items())}


def test_the_app_is_declared_as_the_golden_file_says(cloud: Cloud):
    assert declared(cloud) == json.loads(GOLDEN.read_text())


def test_app_py_is_a_manifest():
    text = (CHECKOUT / "app.py").read_text("utf-8")
    assert text.count("\n") <= 200
    top = {name for node in ast.parse(text).body for _, name in imports(ast.Module([node], []))}
    assert {"cloud", "cloud.machines", "modal", "typing", "__future__"} >= {
        name
        for node in ast.parse(text).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for _, name in imports(ast.Module([node], []))
    }, top


def test_the_app_s_names_are_those_of_the_wiring():
    text = (CHECKOUT / "app.py").read_text("utf-8")
    assert all(f'"{name}"' in text for name in (APP, SECRET, *REQUIRED))


def test_every_job_has_a_function_and_every_function_a_machine(cloud: Cloud):
    deployed = {"framing" if name == "Framing.*" else name for name in cloud.standin.account.deployed[APP].functions}
    assert deployed == set(MACHINES)
    assert set(FUNCTIONS) - set(METHODS) <= deployed
    assert set(BODIES) - {"preview", "small_copy"} <= set(FUNCTIONS)
    assert function_of(SmallCopySpec(user="ann", job=uuid(1), reel=uuid(2), version=0)) in FUNCTIONS


@pytest.mark.parametrize("missing", ["R2_BUCKET_NAME", None])
def test_a_secret_that_lacks_something_is_named_when_the_app_is_deployed(cloud: Cloud, missing: str | None):
    secrets, version = cloud.standin.account.secrets, cloud.standin.account.deployed[APP].version
    whole = secrets.pop(SECRET)
    if missing:
        secrets[SECRET] = {name: value for name, value in whole.items() if name != missing}
    with pytest.raises(AssertionError, match=missing or SECRET):
        cloud.deploy()
    secrets[SECRET] = whole
    assert cloud.standin.account.deployed[APP].version == version


def test_what_runs_no_network_takes_no_gpu():
    source = SourceRef(id="one", key="ann/games/one.mp4", sha256="a" * 64)
    preview = {"user": "ann", "job": uuid(1), "aspect": "1:1", "source": source, "clip": clip(0, 400), "pts": 0}
    assert function_of(PreviewSpec(**preview, draft=True)) == function_of(framing([source], clip(0, 400))) == "draft"
    assert function_of(PreviewSpec(**preview, draft=False)) == "framing"
    assert [name for name, machine in MACHINES.items() if machine.gpus] == ["framing"]


def test_idle_costs_less_than_a_cent_a_day(cloud: Cloud):
    """Nothing is kept warm, so that an app which nobody uses costs its schedules: as they were declared."""
    told = declared(cloud)
    runs = {name: runs_a_day(each["schedule"]["cron"]["cronString"]) for name, each in told.items() if each["schedule"]}
    assert runs == RUNS_A_DAY
    dollars = sum(
        runs[name]
        * (BUSY_S + told[name]["idle_s"])
        * dollars_a_second(told[name]["cores"], told[name]["memory_mib"] / 1024, None)
        for name in runs
    )
    assert 0 < dollars < MOST_DOLLARS_A_DAY
    assert dollars == pytest.approx(idle_dollars_a_day())
    assert all(
        function.definition.autoscaler_settings.min_containers == 0
        for function in cloud.standin.account.deployed[APP].functions.values()
    )


def runs_a_day(cron: str) -> int:
    """Return how often "7 * * * *" (hourly) or "37 3 * * *" (daily) runs; others are not used."""
    minute, hour, *rest = cron.split()
    assert minute.isdecimal()
    assert rest == ["*"] * 3
    return 24 if hour == "*" else len(hour.split(","))


def test_the_weights_in_the_image_are_the_registry_s():
    for baked, name in zip(images.WEIGHTS, (CRISP, CRISP_SIBLING), strict=True):
        pinned = {(file.name, file.sha256) for form in NETWORKS[name].forms for file in form.files}
        assert (baked.name, baked.sha256) in pinned
        assert any(str(form.source).endswith(baked.name) for form in NETWORKS[name].forms)
        assert f"{baked.sha256}  {baked.path}" in baked.command


def test_images_pin_what_the_tests_run(cloud: Cloud):
    told = "\n".join(
        command for image in cloud.standin.account.images.values() for command in image.dockerfile_commands
    )
    installed = [line for line in told.splitlines() if "/.requirements.txt" in line and "pip install" in line]
    assert installed
    assert all("--no-deps" in line for line in installed), "nothing is looked up while an image is built"
    assert f"python:{images.PYTHON}" in told
    assert all(baked.sha256 in told for baked in images.WEIGHTS)


def pinned(*names: str) -> dict[str, str]:
    """Return the versions that requirements files pin, by package."""
    lines = [line for name in names for line in (CHECKOUT / name).read_text("utf-8").splitlines()]
    found = [line.partition("==") for line in lines if "==" in line and not line.startswith("#")]
    return {re.sub(r"\[.*\]|[-_.]+", "-", name).strip("-").lower(): version for name, _, version in found}


def test_the_locked_packages_are_those_that_were_asked_for():
    asked, locked = pinned("requirements/local.txt"), pinned(images.LOCKED)
    assert {name: locked.get(name) for name in asked} == asked
    beside = pinned(images.LOCKED_WITH_GPU)
    assert beside["torch"] == pinned("requirements/test.txt")["torch"]
    assert not beside.keys() & locked.keys()


def test_nothing_that_a_locked_package_needs_is_missing():
    """By what the packages of these tests say of themselves; a package that is not installed here says nothing."""
    machine = {"python_version": images.PYTHON, "sys_platform": "linux", "platform_system": "Linux", "extra": ""}
    machine |= {
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    said = 0
    for held in (pinned(images.LOCKED), pinned(images.LOCKED, images.LOCKED_WITH_GPU)):
        for name in held:
            if name.startswith(("nvidia-", "cuda-", "triton")):
                continue
            for text in requires(name) or ():
                needed, said = Requirement(text), said + 1
                if not needed.marker or needed.marker.evaluate(machine):
                    assert re.sub(r"[-_.]+", "-", needed.name).lower() in held, f"{name} needs {text}"
    assert said > len(pinned(images.LOCKED))


@pytest.mark.parametrize("room", images.PACKAGES)
def test_everything_that_is_imported_is_shipped(room: str):
    """By the names of our rooms: a room that app.py forgets fails in every container, and in no test."""
    ours = {path.parent.name for path in CHECKOUT.glob("[a-z]*/__init__.py")}
    used = {
        name.partition(".")[0]
        for path in (CHECKOUT / room).rglob("*.py")
        if "training" not in path.parts
        for _, name in imports(ast.parse(path.read_text("utf-8")))
    }
    assert used & ours <= set(images.PACKAGES)
