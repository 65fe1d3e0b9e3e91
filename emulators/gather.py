"""Run a Pulumi program with no command line and no cloud, and return everything it declares.

The program runs unmodified against a monitor of our own: each resource it registers is recorded,
and is answered with its inputs plus the outputs that the cloud would have computed.

    program = gather(root / "infra", project="cadenza", stack="dev", config=config)
    program.one("gcp:pubsub/subscription:Subscription", "catalog-on-media-ready").inputs
"""

import asyncio
import json
import os
import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import mocks, settings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack

from emulators.computed import answers, default_outputs
from emulators.wire import overlay, plain, secret_paths, unknown_until_deployed

STACK_TYPE = "pulumi:pulumi:Stack"

Compute = Callable[[str, str, dict[str, Any]], Mapping[str, Any]]
"""(type, name, inputs) -> outputs that are laid over the defaults; "id" among them sets the id."""


class GatherError(Exception):
    """The program or its stack configuration cannot be gathered; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared resource.

    `inputs` and `outputs` are plain Python with secrets unwrapped; archives and assets are kept,
    with absolute paths; what is unknown in a preview is `pulumi.output.Unknown`. `secret_paths`
    names the inputs that are secret, as dotted paths (`secretData`, `envs.0.value`).
    """

    type: str
    name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    id: str
    urn: str
    parent: str
    protect: bool
    depends_on: tuple[str, ...]
    secret_paths: tuple[str, ...]


@dataclass(slots=True)
class Program:
    """What a program declared, in the order of registration, and what it exports."""

    resources: list[Resource] = field(default_factory=list)
    exports: dict[str, Any] = field(default_factory=dict)

    def all(self, type_token: str) -> list[Resource]:
        """Every resource of a type, for instance `gcp:pubsub/topic:Topic`."""
        return [resource for resource in self.resources if resource.type == type_token]

    def one(self, type_token: str, name: str) -> Resource:
        """The resource with this type and logical name; KeyError names what there is instead."""
        for resource in self.all(type_token):
            if resource.name == name:
                return resource
        names = [resource.name for resource in self.all(type_token)]
        raise KeyError(f"no {type_token} named {name!r}; declared: {names}")


def gather(
    program_dir: Path,
    *,
    project: str,
    stack: str,
    config: Mapping[str, object],
    compute: Compute | None = None,
    preview: bool = False,
) -> Program:
    """Run the program in `program_dir` and return what it declares.

    `config` is the stack's configuration with namespaced keys (`gcp:project`, `cadenza:profile`).
    In a preview all computed outputs are unknown, as they are before a first deployment.
    What the program raises is raised here.

    The working directory and `sys.path` belong to the program while it runs, so one gather runs
    at a time. Event loops of the caller are neither used nor changed.
    """
    program_dir = program_dir.resolve()
    if not (program_dir / "__main__.py").is_file():
        raise GatherError(f"{program_dir} holds no __main__.py")
    monitor = _Monitor(program_dir, compute, config, preview=preview)

    def run() -> None:
        settings.configure(
            settings.Settings(
                project=project,
                stack=stack,
                monitor=monitor,
                engine=mocks.MockEngine(None),
                dry_run=preview,
                root_directory=str(program_dir.parent),
            )
        )
        pulumi_config.set_all_config(
            {
                key: value if isinstance(value, str) else json.dumps(value)
                for key, value in config.items()
            }
        )
        with _as_main_program(program_dir):
            asyncio.run(run_in_stack(lambda: _run_main(program_dir)))

    # A thread of its own has its own context variables, where Pulumi keeps the root stack and
    # its settings, and its own event loop: every gather starts clean.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="gather") as executor:
        executor.submit(run).result()
    return monitor.program


def stack_config(root: Path, stack: str) -> tuple[str, dict[str, object]]:
    """The project's name and what the Pulumi command line would hand its program.

    Values and defaults of `Pulumi.yaml`, then those of `Pulumi.<stack>.yaml` over them; keys
    without a namespace get the project's.
    """
    project = _read_yaml(root / "Pulumi.yaml")
    stack_file = _read_yaml(root / f"Pulumi.{stack}.yaml")
    name = str(project["name"])
    merged: dict[str, object] = {}
    for key, entry in (project.get("config") or {}).items():
        value = entry.get("value", entry.get("default")) if isinstance(entry, dict) else entry
        if value is not None:
            merged[_namespaced(name, key)] = value
    for key, value in (stack_file.get("config") or {}).items():
        merged[_namespaced(name, key)] = value
    return name, merged


def _read_yaml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise GatherError(f"{path.name} is missing")
    content = yaml.safe_load(path.read_text())
    if not isinstance(content, dict):
        raise GatherError(f"{path.name} holds no mapping")
    return content


def _namespaced(project: str, key: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _run_main(program_dir: Path) -> None:
    # An absolute path, because runpy caches "." and would rerun the first program.
    runpy.run_path(str(program_dir), run_name="__main__")


@contextmanager
def _as_main_program(program_dir: Path) -> Iterator[None]:
    """Work in the program's folder with its own modules not yet loaded; restore both after."""
    directory, path = Path.cwd(), list(sys.path)
    loaded_before = _take_modules_of(program_dir)
    os.chdir(program_dir)
    try:
        yield
    finally:
        os.chdir(directory)
        sys.path[:] = path
        _take_modules_of(program_dir)
        sys.modules.update(loaded_before)


def _take_modules_of(program_dir: Path) -> dict[str, ModuleType]:
    names = [
        name
        for name, module in sys.modules.items()
        if Path(getattr(module, "__file__", None) or "/").is_relative_to(program_dir)
    ]
    return {name: sys.modules.pop(name) for name in names}


class _Monitor(mocks.MockMonitor):
    """Pulumi's mock monitor, recording. Its methods, named by gRPC, run on worker threads."""

    def __init__(
        self,
        program_dir: Path,
        compute: Compute | None,
        config: Mapping[str, object],
        *,
        preview: bool,
    ) -> None:
        super().__init__(mocks=None)  # type: ignore[arg-type]  # every method that uses it is ours
        self.program = Program()
        self._program_dir = program_dir
        self._compute = compute
        self._config = config
        self._preview = preview

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        inputs = self._plain(request.object)
        # Components only group: nothing is computed for them.
        computed = self._computed(request.type, request.name, inputs) if request.custom else {}
        resource_id = str(computed.pop("id", ""))
        if self._preview:
            computed, resource_id = unknown_until_deployed(computed, inputs), ""

        outputs = overlay(request.object, computed, request.additionalSecretOutputs)
        self.program.resources.append(
            Resource(
                type=request.type,
                name=request.name,
                inputs=inputs,
                outputs=self._plain(outputs),
                id=resource_id,
                urn=urn,
                parent=request.parent,
                protect=bool(request.protect),
                depends_on=tuple(sorted(request.dependencies)),
                secret_paths=tuple(secret_paths(request.object)),
            )
        )
        return resource_pb2.RegisterResourceResponse(urn=urn, id=resource_id, object=outputs)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if f"::{STACK_TYPE}::" in request.urn:
            self.program.exports = self._plain(request.outputs)
        return empty_pb2.Empty()

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        raise GatherError(f"{request.type} {request.name} is read from the cloud, not declared")

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        arguments = self._plain(request.args)
        answer = struct_pb2.Struct()
        answer.update(answers(request.tok, arguments, self._config))
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(answer)  # a keyword in Python
        return response

    def _plain(self, struct: struct_pb2.Struct) -> dict[str, Any]:
        return plain(struct, self._program_dir)

    def _computed(self, type_token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        computed = default_outputs(type_token, name, inputs, self._config)
        if self._compute is not None and not self._preview:
            computed |= self._compute(type_token, name, inputs)
        return computed
