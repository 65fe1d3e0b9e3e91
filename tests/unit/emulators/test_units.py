"""Declared functions, services and jobs, as commands on this machine."""

import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest

from emulators import environments
from emulators.addresses import FUNCTION, SERVICE, Addresses
from emulators.gather import Resource
from emulators.state import StateFolder
from emulators.units import (
    BUCKET_OBJECT,
    COMMAND,
    JOB,
    SECRET_VERSION,
    CannotRun,
    LocalCloud,
    files_of,
)
from tests.unit.emulators.programs import declared, program

EMULATORS = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A checkout with two functions."""
    for path in ("functions/a/main.py", "functions/a/model.py", "shared/ids.py", "shared/x.avsc"):
        file = tmp_path / "src" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {path}")
    return tmp_path / "src"


def archive(sources: Path) -> pulumi.AssetArchive:
    return pulumi.AssetArchive(
        {
            "main.py": pulumi.FileAsset(str(sources / "functions/a/main.py")),
            "functions/a": pulumi.FileArchive(str(sources / "functions/a")),
            "shared": pulumi.AssetArchive(
                {"ids.py": pulumi.FileAsset(str(sources / "shared/ids.py"))}
            ),
        }
    )


def function(sources: Path, **service: Any) -> list[Resource]:
    stored = {"storageSource": {"bucket": "b", "object": "a.zip"}}
    return [
        declared(BUCKET_OBJECT, "a.zip", source=archive(sources)),
        declared(
            FUNCTION,
            "a-api",
            buildConfig={"entryPoint": "api", "source": stored},
            serviceConfig=service,
        ),
    ]


def service(**container: Any) -> Resource:
    return declared(SERVICE, "a-rpc", template={"containers": [container]})


def job(**container: Any) -> Resource:
    return declared(JOB, "a-job", template={"template": {"containers": [container]}})


def secret(name: str, data: str) -> Resource:
    return declared(SECRET_VERSION, name, secret=f"projects/p/secrets/{name}", secretData=data)


def cloud(tmp_path: Path, *resources: Resource) -> LocalCloud:
    return LocalCloud(
        program=program(*resources),
        addresses=Addresses(StateFolder(tmp_path / "state")),
        emulators=EMULATORS,
        root=tmp_path / "root",
        unpacked=tmp_path / "unpacked",
    )


def laid_out(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_function_runs_in_googles_framework_with_its_declared_environment(
    tmp_path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL_SETTING", "1")
    found = cloud(
        tmp_path,
        *function(
            sources,
            environmentVariables={"LOG_LEVEL": "INFO"},
            secretEnvironmentVariables=[
                {"key": "SIGNING_KEY", "secret": "signing-key", "version": "latest"}
            ],
        ),
        secret("signing-key", "c2VjcmV0"),
    )
    [command] = found.service_commands()
    assert command.name == "a-api"
    assert command.argv == [sys.executable, "-m", "functions_framework"]
    assert command.port == found.addresses.port_of("a-api")
    assert command.cwd == tmp_path / "unpacked" / "a-api"
    assert (
        command.env.items()
        >= {
            "LOG_LEVEL": "INFO",
            "SIGNING_KEY": "c2VjcmV0",
            "FUNCTION_TARGET": "api",
            "K_SERVICE": "a-api",
            "HOST": "127.0.0.1",
            "PORT": str(command.port),
            "PYTHONPATH": str(command.cwd),
            **EMULATORS,
        }.items()
    )
    assert "SHELL_SETTING" not in command.env


def test_an_archive_is_laid_out_as_it_would_be_in_the_cloud(tmp_path: Path, sources: Path) -> None:
    [command] = cloud(tmp_path, *function(sources)).service_commands()
    assert laid_out(command.cwd) == {
        "main.py",
        "functions/a/main.py",
        "functions/a/model.py",
        "shared/ids.py",
    }
    assert (command.cwd / "functions/a/model.py").read_text() == "# functions/a/model.py"


def test_what_left_the_archive_leaves_the_folder(tmp_path: Path, sources: Path) -> None:
    found = cloud(tmp_path, *function(sources))
    [command] = found.service_commands()
    (command.cwd / "functions/a/stale.py").touch()
    (command.cwd / "functions/a/stale.json").touch()
    (command.cwd / "__pycache__").mkdir()
    (command.cwd / "__pycache__/main.pyc").touch()
    (sources / "functions/a/model.py").unlink()
    (sources / "functions/a/main.py").write_text("# changed")
    found.service_commands()
    assert laid_out(command.cwd) == {
        "main.py",
        "functions/a/main.py",
        "shared/ids.py",
        "__pycache__/main.pyc",
    }
    assert (command.cwd / "main.py").read_text() == "# changed"


def test_a_function_without_its_archive_cannot_run(tmp_path: Path, sources: Path) -> None:
    with pytest.raises(CannotRun, match=r"a\.zip"):
        cloud(tmp_path, function(sources)[1]).service_commands()


def test_a_service_runs_its_containers_command_from_the_checkout(tmp_path: Path) -> None:
    found = cloud(
        tmp_path,
        service(
            commands=["python", "-m"],
            args=["functions.a.rpc", "--x"],
            envs=[
                {"name": "CACHE_TTL_S", "value": "60"},
                {
                    "name": "KEY",
                    "valueSource": {"secretKeyRef": {"secret": "projects/p/secrets/key"}},
                },
            ],
        ),
        secret("key", "k"),
    )
    [command] = found.service_commands()
    assert command.argv == [sys.executable, "-m", "functions.a.rpc", "--x"]
    assert command.cwd == tmp_path / "root"
    assert (
        command.env.items()
        >= {
            "CACHE_TTL_S": "60",
            "KEY": "k",
            "K_SERVICE": "a-rpc",
            "PORT": str(command.port),
            "PYTHONPATH": str(tmp_path / "root"),
            **EMULATORS,
        }.items()
    )


def test_a_run_of_a_job_overrides_its_declared_environment(tmp_path: Path) -> None:
    envs = [{"name": "UPLOAD_ID", "value": ""}, {"name": "KEPT", "value": "1"}]
    found = cloud(tmp_path, job(commands=["python", "-m", "functions.a.job"], envs=envs))
    command = found.job_command("a-job", {"UPLOAD_ID": "u1"})
    assert command.argv == [sys.executable, "-m", "functions.a.job"]
    assert command.port == 0
    expected = {"UPLOAD_ID": "u1", "KEPT": "1", "CLOUD_RUN_JOB": "a-job", **EMULATORS}
    assert command.env.items() >= expected.items()
    assert "PORT" not in command.env
    assert found.service_commands() == []


def test_a_job_is_run_by_a_python_that_has_its_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root" / "functions" / "a"
    root.mkdir(parents=True)
    (root / "Dockerfile").write_text("COPY functions/a/requirements-job.txt .\n")
    asked: list[Path] = []

    def python_for(requirements: Path, _: object) -> str:
        asked.append(requirements)
        return "/a/python"

    monkeypatch.setattr(environments, "python_for", python_for)
    image = declared(
        COMMAND,
        "a-job-image",
        create="gcloud builds submit .",
        environment={"DOCKERFILE": "functions/a/Dockerfile"},
    )
    found = cloud(tmp_path, image, job(commands=["python", "-m", "functions.a.job"]))
    assert found.job_command("a-job", {}).argv == ["/a/python", "-m", "functions.a.job"]
    assert asked == [root / "requirements-job.txt"]


def test_deployed_jobs_are_those_that_the_program_executes(tmp_path: Path) -> None:
    found = cloud(
        tmp_path,
        declared(COMMAND, "image", create="gcloud builds submit .", environment={}),
        declared(
            COMMAND,
            "migration",
            create="gcloud run jobs execute $JOB --wait",
            environment={"JOB": "a-job"},
        ),
        job(commands=["python"]),
    )
    assert found.deployed_jobs() == ["a-job"]


def test_an_unknown_job_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="a-job"):
        cloud(tmp_path, job(commands=["python"])).job_command("b-job", {})


@pytest.mark.parametrize("commands", [[], ["/bin/server"], ["node", "x.js"]])
def test_only_python_containers_run_here(tmp_path: Path, commands: list[str]) -> None:
    with pytest.raises(CannotRun, match="a-rpc"):
        cloud(tmp_path, service(commands=commands)).service_commands()


def test_a_secret_without_a_version_is_named(tmp_path: Path) -> None:
    reference = {"secretKeyRef": {"secret": "missing"}}
    envs = [{"name": "KEY", "valueSource": reference}]
    with pytest.raises(CannotRun, match="missing"):
        cloud(tmp_path, service(commands=["python"], envs=envs)).service_commands()


def test_archives_that_are_not_of_files_are_refused() -> None:
    with pytest.raises(CannotRun, match="RemoteArchive"):
        files_of(pulumi.RemoteArchive("https://example.org/a.zip"))
