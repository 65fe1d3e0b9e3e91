"""A program is gathered as it would be deployed, again and again in one process."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

from emulators.gather import GatherError, Program, gather, stack_config

BUCKET = "gcp:storage/bucket:Bucket"
RANDOM = "random:index/randomBytes:RandomBytes"

PROGRAM = """
import pulumi
from pulumi import CustomResource, ResourceOptions

import names

class Bucket(CustomResource):
    def __init__(self, name, opts=None):
        super().__init__(
            "gcp:storage/bucket:Bucket",
            name,
            {"name": name, "size": 3, "nothing": None, "url": None},
            opts,
        )

class RandomBytes(CustomResource):
    def __init__(self, name):
        opts = ResourceOptions(additional_secret_outputs=["base64", "hex"])
        props = {"length": 16, "base64": None, "hex": None}
        super().__init__("random:index/randomBytes:RandomBytes", name, props, opts)

class Group(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("test:group:Group", "group")
        self.bucket = Bucket(names.INNER, ResourceOptions(parent=self, protect=True))

config = pulumi.Config()
first = Bucket("first")
group = Group()
key = RandomBytes("key")
CustomResource(
    "gcp:test:Thing",
    "thing",
    {
        "plain": config.require("word"),
        "count": config.require_int("count"),
        "places": config.require_object("places"),
        "url": first.url,
        "envs": [{"value": key.base64}],
        "secret": pulumi.Output.secret("hush"),
        "source": pulumi.AssetArchive({"a.txt": pulumi.FileAsset("../a.txt")}),
    },
    ResourceOptions(depends_on=[group.bucket]),
)
pulumi.export("url", pulumi.Output.concat(first.url, "/x"))
pulumi.export("stack", pulumi.get_stack())
pulumi.export("preview", pulumi.runtime.is_dry_run())
"""
CONFIG: dict[str, object] = {
    "gcp:project": "p",
    "test:word": "hello",
    "test:count": 7,
    "test:places": ["here", "there"],
}

Gather = Callable[..., Program]


@pytest.fixture
def program_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "__main__.py").write_text(PROGRAM)
    (folder / "names.py").write_text("INNER = 'inner'\n")
    return folder


@pytest.fixture
def run(program_dir: Path) -> Gather:
    def gathered(**options: Any) -> Program:
        return gather(program_dir, project="test", stack="dev", config=CONFIG, **options)

    return gathered


def test_resources_have_plain_inputs(run: Gather, program_dir: Path) -> None:
    thing = run().one("gcp:test:Thing", "thing")
    source = thing.inputs.pop("source")
    assert thing.inputs == {
        "plain": "hello",
        "count": 7,
        "places": ["here", "there"],
        "url": "gs://first",
        "envs": [{"value": thing.inputs["envs"][0]["value"]}],
        "secret": "hush",
    }
    assert isinstance(thing.inputs["count"], int)
    assert isinstance(source, pulumi.AssetArchive)
    asset = source.assets["a.txt"]
    assert isinstance(asset, pulumi.FileAsset)
    assert asset.path == str(program_dir.parent / "a.txt")


def test_secrets_are_unwrapped_and_remembered(run: Gather) -> None:
    program = run()
    thing, key = program.one("gcp:test:Thing", "thing"), program.one(RANDOM, "key")
    assert thing.inputs["envs"][0]["value"] == key.outputs["base64"]
    assert set(thing.secret_paths) == {"envs.0.value", "secret"}


def test_outputs_are_inputs_and_what_the_cloud_adds(run: Gather) -> None:
    first = run().one(BUCKET, "first")
    assert first.id == "first"
    assert first.outputs["url"] == "gs://first"
    assert first.outputs["size"] == 3
    assert "nothing" not in first.inputs


def test_relations(run: Gather) -> None:
    program = run()
    inner = program.one(BUCKET, "inner")
    group = program.one("test:group:Group", "group")
    thing = program.one("gcp:test:Thing", "thing")
    assert inner.parent == group.urn
    assert inner.protect
    assert not group.protect
    assert group.id == ""
    assert {inner.urn, program.one(BUCKET, "first").urn} <= set(thing.depends_on)


def test_exports(run: Gather) -> None:
    assert run().exports == {"url": "gs://first/x", "stack": "dev", "preview": False}


def test_compute_overrides_and_adds(run: Gather) -> None:
    def compute(type_token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        if type_token == BUCKET:
            return {"id": f"local-{inputs['name']}", "url": f"http://localhost/{name}"}
        return {"base64": "c2VjcmV0"} if type_token == RANDOM else {}

    program = run(compute=compute)
    assert program.one(BUCKET, "first").id == "local-first"
    assert program.exports["url"] == "http://localhost/first/x"
    thing = program.one("gcp:test:Thing", "thing")
    assert thing.inputs["envs"] == [{"value": "c2VjcmV0"}]
    assert "envs.0.value" in thing.secret_paths


def test_preview_leaves_outputs_unknown(run: Gather) -> None:
    program = run(preview=True)
    thing = program.one("gcp:test:Thing", "thing")
    assert isinstance(thing.inputs["url"], Unknown)
    assert thing.inputs["plain"] == "hello"
    assert program.one(BUCKET, "first").id == ""
    assert isinstance(program.exports["url"], Unknown)
    assert program.exports["preview"] is True


def test_gathering_again_sees_the_changed_program(run: Gather, program_dir: Path) -> None:
    run()
    (program_dir / "names.py").write_text("INNER = 'renamed'\n")
    program = run()
    assert [bucket.name for bucket in program.all(BUCKET)] == ["first", "renamed"]


def test_gathering_leaves_the_process_as_it_was(run: Gather) -> None:
    before = Path.cwd(), list(sys.path), "names" in sys.modules
    run()
    assert before == (Path.cwd(), list(sys.path), "names" in sys.modules)


def test_event_loops_before_during_and_after(run: Gather) -> None:
    async def gather_inside() -> Program:
        return run()

    asyncio.run(asyncio.sleep(0))
    assert asyncio.run(gather_inside()).exports == run().exports
    asyncio.run(asyncio.sleep(0))


def test_what_the_program_raises_is_raised(run: Gather, program_dir: Path) -> None:
    (program_dir / "__main__.py").write_text("raise KeyError('broken')")
    with pytest.raises(KeyError, match="broken"):
        run()
    (program_dir / "__main__.py").write_text(PROGRAM)
    assert run().exports["stack"] == "dev"


def test_one_names_what_there_is(run: Gather) -> None:
    program = run()
    with pytest.raises(KeyError, match=r"no .*Bucket named 'third'.*first.*inner"):
        program.one(BUCKET, "third")


def test_folder_without_a_program(tmp_path: Path) -> None:
    with pytest.raises(GatherError, match=r"no __main__\.py"):
        gather(tmp_path, project="test", stack="dev", config={})


def test_stack_config_merges_project_and_stack(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(
        "name: test\n"
        "config:\n"
        "  size: {type: integer, default: 3}\n"
        "  colour: {type: string, default: red}\n"
        "  domain: {type: string}\n"
        "  gcp:region: {value: europe-west1}\n"
    )
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  test:colour: blue\n  gcp:project: p\n  protect: false\n"
    )
    name, config = stack_config(tmp_path, "dev")
    assert name == "test"
    assert config == {
        "test:size": 3,
        "test:colour": "blue",
        "gcp:region": "europe-west1",
        "gcp:project": "p",
        "test:protect": False,
    }


def test_stack_config_of_a_stack_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: test\n")
    with pytest.raises(GatherError, match=r"Pulumi\.dev\.yaml is missing"):
        stack_config(tmp_path, "dev")
    (tmp_path / "Pulumi.dev.yaml").write_text("just text")
    with pytest.raises(GatherError, match=r"Pulumi\.dev\.yaml holds no mapping"):
        stack_config(tmp_path, "dev")
