"""What is deployed holds all the code it needs, and has a new name when it changes."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.gather import Program
from infra.source import MissingSource, content_hash, function_files, image_files, read_text
from tests.infra.code import distribution_of, imports, normalised, reachable
from tests.infra.programs import FUNCTION, ROOT, container, units

SOURCE = "gcp:storage/bucketObject:BucketObject"
IMAGE = "command:local:Command"
FOLDERS = ("accounts", "catalog", "library", "media", "playback", "recommendations", "search")


class Image(NamedTuple):
    """A unit's image: what it runs, and what it is built by, in the unit's folder."""

    unit: str
    module: str
    requirements: str = "requirements.txt"
    dockerfile: str = "Dockerfile"

    @property
    def folder(self) -> str:
        return self.unit.partition("-")[0]

    @property
    def files(self) -> dict[str, Path]:
        return image_files(self.folder, self.requirements, self.dockerfile)


IMAGES = [
    Image("accounts-migrate", "migrate"),
    Image("catalog-rpc", "rpc"),
    Image("library-rpc", "rpc"),
    Image("media-job", "job", "requirements-job.txt"),
    Image("recommendations-rpc", "rpc"),
    Image(
        "recommendations-training", "training", "requirements-training.txt", "Dockerfile.training"
    ),
]
# What only an image has: packages of the same name as what they bring.
NOT_INSTALLED_HERE = {"onnx", "torch"}
EXPORTS = [
    ("accounts", "accounts", "requirements.txt"),
    ("catalog", "catalog", "requirements.txt"),
    ("library", "library", "requirements.txt"),
    ("playback", "playback", "requirements.txt"),
    ("recommendations", "recommendations", "requirements.txt"),
    ("search", "search", "requirements.txt"),
    ("media", "media", "requirements.txt"),
    ("media-job", "media", "requirements-job.txt"),
    ("recommendations-training", "recommendations", "requirements-training.txt"),
]


def _assets(program: Program, folder: str) -> dict[str, Path]:
    archive = program.one(SOURCE, f"{folder}-source").inputs["source"]
    assert isinstance(archive, pulumi.AssetArchive)
    paths = {}
    for name, asset in archive.assets.items():
        assert isinstance(asset, pulumi.FileAsset)
        paths[name] = Path(asset.path)
    return paths


def _unpacked(files: dict[str, Path], folder: Path) -> Path:
    for name, path in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder


def _pinned(requirements: Path) -> set[str]:
    lines = requirements.read_text().splitlines()
    return {normalised(line.split("==")[0]) for line in lines if "==" in line}


def _needed(modules: set[str]) -> set[str]:
    """Packages that bring the modules; the standard library needs none."""
    others = {module for module in modules if module.split(".")[0] not in sys.stdlib_module_names}
    found = {
        module: top
        if (top := module.split(".")[0]) in NOT_INSTALLED_HERE
        else distribution_of(module)
        for module in others
    }
    assert None not in found.values(), found
    return {package for package in found.values() if package}


@pytest.mark.parametrize("folder", FOLDERS)
def test_archive_holds_every_module_that_main_leads_to(
    lite: Program, folder: str, tmp_path: Path
) -> None:
    tree = _unpacked(_assets(lite, folder), tmp_path)
    files, others = reachable(tree, tree / "main.py")
    assert len(files) > 1
    assert _needed(others) <= _pinned(tree / "requirements.txt")


@pytest.mark.parametrize("folder", FOLDERS)
def test_archive_holds_nothing_of_other_functions(lite: Program, folder: str) -> None:
    allowed = (f"functions/{folder}/", "shared/")
    single = {"main.py", "requirements.txt", "functions/__init__.py"}
    for name, path in _assets(lite, folder).items():
        assert name in single or name.startswith(allowed), name
        assert path.is_file()
        assert "__pycache__" not in name


@pytest.mark.parametrize("folder", FOLDERS)
def test_archive_is_named_by_its_content(lite: Program, folder: str) -> None:
    expected = f"functions/{folder}-{content_hash(_assets(lite, folder))}.zip"
    assert lite.one(SOURCE, f"{folder}-source").inputs["name"] == expected


def test_functions_are_built_from_their_folders(program: Program) -> None:
    for function in program.all(FUNCTION):
        build = function.inputs["buildConfig"]
        folder, _, entry_point = function.inputs["name"].partition("-")
        source = program.one(SOURCE, f"{folder}-source").inputs
        assert build["source"]["storageSource"] == {
            "bucket": source["bucket"],
            "object": source["name"],
        }
        assert build["runtime"] == "python311"
        assert build["entryPoint"] == entry_point
        main = (ROOT / "functions" / folder / "main.py").read_text()
        assert f"def {entry_point}(" in main


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.unit)
def test_image_holds_every_module_that_its_command_leads_to(image: Image, tmp_path: Path) -> None:
    tree = _unpacked(image.files, tmp_path)
    entry = Path("functions", image.folder, f"{image.module}.py")
    if not (tree / entry).exists():
        entry = Path("functions", image.folder, image.module, "__main__.py")
    _, others = reachable(tree, tree / entry)
    assert _needed(others) <= _pinned(tree / "functions" / image.folder / image.requirements)


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.unit)
def test_image_runs_its_command(program: Program, image: Image) -> None:
    dockerfile = (ROOT / "functions" / image.folder / image.dockerfile).read_text()
    command = ["python", "-m", f"functions.{image.folder}.{image.module}"]
    assert f"COPY functions/{image.folder}/{image.requirements} ." in dockerfile
    assert str(command).replace("'", '"') in dockerfile
    assert "\nUSER " in dockerfile
    declared = [found for found in units(program) if found.inputs["name"] == image.unit]
    assert declared
    for resource in declared:
        declared_command = container(resource)
        assert [*declared_command["commands"], *declared_command.get("args", [])] == command


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.unit)
def test_image_is_tagged_by_its_content(program: Program, image: Image) -> None:
    tag = content_hash(image.files)
    build = program.one(IMAGE, f"{image.unit}-image")
    assert build.inputs["triggers"] == [tag]
    assert build.inputs["environment"]["IMAGE"].endswith(f"/{image.unit}:{tag}")
    for resource in units(program):
        if resource.inputs["name"] == image.unit:
            assert container(resource)["image"] == build.inputs["environment"]["IMAGE"]


@pytest.mark.parametrize(("group", "folder", "requirements"), EXPORTS)
def test_requirements_are_current(group: str, folder: str, requirements: str) -> None:
    """Each is what `make lock` would write again."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("uv is not installed")
    options = "--no-hashes --no-header --no-annotate --no-emit-project --only-group"
    exported = subprocess.run(
        [uv, "export", "--frozen", "--offline", *options.split(), group],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    committed = (ROOT / "functions" / folder / requirements).read_text()
    assert committed == exported.stdout
    assert "://" not in committed


def test_functions_do_not_import_each_other() -> None:
    for path in (ROOT / "functions").rglob("*.py"):
        folder = path.relative_to(ROOT / "functions").parts[0]
        for module in imports(path):
            top, _, rest = module.partition(".")
            assert top not in {"infra", "emulators", "clients", "tests"}, path
            assert top != "functions" or rest.split(".")[0] == folder, path


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("shared", {"functions", "infra", "emulators", "clients", "tests"}),
        ("infra", {"functions", "shared", "emulators", "clients", "tests"}),
        ("emulators", {"functions", "infra", "tests"}),
    ],
)
def test_layers(folder: str, forbidden: set[str]) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        assert not {module.split(".")[0] for module in imports(path)} & forbidden, path


@given(st.dictionaries(st.text("abc/.", min_size=1), st.binary(max_size=16), max_size=4))
def test_hash_depends_on_names_and_bytes_only(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("hash")
    files = {}
    for number, (name, content) in enumerate(contents.items()):
        files[name] = folder / str(number)
        files[name].write_bytes(content)
    backwards = dict(reversed(files.items()))
    assert content_hash(files) == content_hash(backwards)
    changed = folder / "changed"
    for name, content in contents.items():
        changed.write_bytes(content + b"!")
        assert content_hash({**files, name: changed}) != content_hash(files)
        renamed = {key: path for key, path in files.items() if key != name}
        assert content_hash({**renamed, f"{name}!": files[name]}) != content_hash(files)


def test_missing_files_are_named() -> None:
    with pytest.raises(MissingSource, match=r"functions/nobody/main\.py"):
        function_files("nobody")
    with pytest.raises(MissingSource, match="functions/nobody/Dockerfile"):
        image_files("nobody", "requirements.txt", "Dockerfile")
    with pytest.raises(MissingSource, match=r"shared/schemas/none\.avsc"):
        read_text("shared/schemas/none.avsc")
