"""The declared functions, services and jobs as local processes with their declared environment."""

import logging
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from emulators import environments
from emulators.addresses import FUNCTION, SERVICE, Addresses
from emulators.gather import Program, Resource
from emulators.processes import Command, base_environment

JOB = "gcp:cloudrunv2/job:Job"
COMMAND = "command:local:Command"
SECRET = "gcp:secretmanager/secret:Secret"  # noqa: S105  # a resource's type
SECRET_VERSION = "gcp:secretmanager/secretVersion:SecretVersion"  # noqa: S105  # likewise
BUCKET_OBJECT = "gcp:storage/bucketObject:BucketObject"

log = logging.getLogger(__name__)


class CannotRun(Exception):
    """The program declares a unit in a way that this machine cannot follow."""


@dataclass(frozen=True)
class LocalCloud:
    """What every unit needs to know to run here."""

    program: Program
    addresses: Addresses
    emulators: Mapping[str, str]  # the environment that points Google's clients at the emulators
    root: Path  # of the project, from where containers run
    unpacked: Path  # where functions' archives are laid out

    def service_commands(self) -> list[Command]:
        """One process for each declared function and each Cloud Run service."""
        functions = [self._function(declared) for declared in self.program.all(FUNCTION)]
        services = [self._service(declared) for declared in self.program.all(SERVICE)]
        return functions + services

    def deployed_jobs(self) -> list[str]:
        """The jobs that a deployment runs before it goes on, in their order."""
        return [
            command.inputs["environment"]["JOB"]
            for command in self.program.all(COMMAND)
            if command.inputs["create"].startswith("gcloud run jobs execute $JOB ")
        ]

    def job_command(self, name: str, overrides: Mapping[str, str]) -> Command:
        """One run of a declared job; KeyError if none has this name.

        May take minutes the first time, where its image has packages that we lack; raises
        `MissingTool` where these cannot be had.
        """
        declared = self.program.one(JOB, name)
        container = declared.inputs["template"]["template"]["containers"][0]
        env = {**self._container_environment(container), **overrides, "CLOUD_RUN_JOB": name}
        return self._container(name, container, env, port=0, python=self._python_of(name))

    def _python_of(self, job: str) -> str:
        """What runs a job: our own Python, unless its image is built with more than we have."""
        built = f"{job}-image"
        for command in self.program.all(COMMAND):
            if command.name == built:
                dockerfile = command.inputs["environment"]["DOCKERFILE"]
                requirements = environments.requirements_of(self.root, dockerfile)
                return environments.python_for(requirements, log.info)
        return sys.executable

    def _function(self, declared: Resource) -> Command:
        name = declared.outputs["name"]
        service = declared.inputs["serviceConfig"]
        source = self._unpack(name, declared)
        port = self.addresses.port_of(name)
        secrets = service.get("secretEnvironmentVariables", [])
        return Command(
            name=name,
            argv=[sys.executable, "-m", "functions_framework"],
            env={
                **base_environment(),
                **self.emulators,
                **service.get("environmentVariables", {}),
                **{secret["key"]: self.secret(secret["secret"]) for secret in secrets},
                "FUNCTION_TARGET": declared.inputs["buildConfig"]["entryPoint"],
                "K_SERVICE": name,
                "HOST": "127.0.0.1",
                "PORT": str(port),
                # Before the project's own folder, so that only what is in the archive is found.
                "PYTHONPATH": str(source),
            },
            cwd=source,
            port=port,
        )

    def _service(self, declared: Resource) -> Command:
        name = declared.outputs["name"]
        container = declared.inputs["template"]["containers"][0]
        port = self.addresses.port_of(name)
        env = {
            **self._container_environment(container),
            "K_SERVICE": name,
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        return self._container(name, container, env, port)

    def _container(
        self,
        name: str,
        container: Mapping[str, Any],
        env: dict[str, str],
        port: int,
        python: str = sys.executable,
    ) -> Command:
        argv = [*container.get("commands", []), *container.get("args", [])]
        if not argv or argv[0] != "python":
            raise CannotRun(f"{name}: only containers that declare a python command run here")
        return Command(name, [python, *argv[1:]], env, self.root, port)

    def _container_environment(self, container: Mapping[str, Any]) -> dict[str, str]:
        env = {**base_environment(), **self.emulators, "PYTHONPATH": str(self.root)}
        for variable in container.get("envs", []):
            source = variable.get("valueSource")
            env[variable["name"]] = (
                variable["value"]
                if source is None
                else self.secret(source["secretKeyRef"]["secret"])
            )
        return env

    def secret(self, secret: str) -> str:
        """The latest version of a secret, named by its id or its full name."""
        secret_id = secret.rsplit("/", 1)[-1]
        for declared in self.program.all(SECRET_VERSION):
            if declared.inputs["secret"].rsplit("/", 1)[-1] == secret_id:
                return str(declared.inputs["secretData"])
        raise CannotRun(f"no version of the secret {secret_id} is declared")

    def _unpack(self, name: str, declared: Resource) -> Path:
        """Lay the function's archive out as Google's builder would, and nothing else."""
        location = declared.inputs["buildConfig"]["source"]["storageSource"]
        sources = [
            candidate.inputs["source"]
            for candidate in self.program.all(BUCKET_OBJECT)
            if candidate.outputs["name"] == location["object"]
        ]
        if not sources:
            raise CannotRun(f"{name}: its archive {location['object']} is not declared")
        folder = self.unpacked / name
        wanted = {folder / path: Path(origin) for path, origin in files_of(sources[0]).items()}
        for path in list(folder.rglob("*")):
            # Compiled files are kept: they make the next start quicker, and are checked by Python.
            if path.is_file() and path not in wanted and path.suffix != ".pyc":
                path.unlink()
        for path, origin in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(origin, path)
        return folder


def files_of(archive: pulumi.Archive) -> dict[str, str]:
    """Path in the archive → file on disk, of an archive of files and folders."""
    if isinstance(archive, pulumi.FileArchive):
        folder = Path(archive.path)
        return {
            str(path.relative_to(folder)): str(path) for path in folder.rglob("*") if path.is_file()
        }
    if not isinstance(archive, pulumi.AssetArchive):
        raise CannotRun(f"an archive of kind {type(archive).__name__} cannot be laid out")
    files: dict[str, str] = {}
    for path, entry in archive.assets.items():
        if isinstance(entry, pulumi.FileAsset):
            files[path] = str(entry.path)
        elif isinstance(entry, pulumi.Archive):
            files |= {f"{path}/{below}": origin for below, origin in files_of(entry).items()}
    return files
