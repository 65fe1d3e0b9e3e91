"""What is served at the root: all of the build, named so that it may be kept or asked for anew."""

import json
import re
from pathlib import Path

import pulumi
import pytest

from emulators.gather import Program, Resource
from infra import pages
from infra.source import MissingSource
from tests.infra.test_edge import URL_MAP
from tests.infra.url_map import resolve

OBJECT = "gcp:storage/bucketObject:BucketObject"


def served(program: Program) -> dict[str, Resource]:
    web = program.one("gcp:storage/bucket:Bucket", "web").inputs["name"]
    return {
        found.inputs["name"]: found
        for found in program.all(OBJECT)
        if found.inputs["bucket"] == web
    }


def test_every_file_of_the_build_is_served_with_its_type(lite: Program) -> None:
    found = served(lite)
    built = {page.name for page in pages.player()}
    assert built <= found.keys()
    assert {"index.html", "openapi.json", "docs/index.html"} <= found.keys()
    assert found["index.html"].inputs["contentType"] == "text/html; charset=utf-8"
    for resource in found.values():
        assert isinstance(resource.inputs["source"], pulumi.FileAsset)
        assert resource.inputs["contentType"]


def test_what_the_worker_keeps_and_the_page_asks_for_is_served() -> None:
    built = {f"/{page.name}" for page in pages.player()} | {"/"}
    kept = re.search(r'\["/",[^]]*\]', (pages.PLAYER / "sw.js").read_text())
    assert kept, "the worker names no files"
    files = set(json.loads(kept[0]))
    # One that is missing, and the worker would not be installed at all.
    assert files <= built
    asked = set(re.findall(r'(?:src|href)="([^"]+)"', (pages.PLAYER / "index.html").read_text()))
    assert asked <= built
    assert {each for each in asked if each.startswith("/assets/")} <= files


def test_only_what_is_named_by_its_content_is_kept_for_good(lite: Program) -> None:
    for name, resource in served(lite).items():
        immutable = "immutable" in resource.inputs["cacheControl"]
        assert immutable == name.startswith("assets/web/"), name


def test_every_file_is_reached_at_its_name(lite: Program) -> None:
    url_map = lite.one(URL_MAP, "cadenza").inputs
    for name in served(lite):
        if name != "index.html":
            backend = "docs" if name.startswith("docs/") else "web"
            assert resolve(url_map, f"/{name}").endswith(f"backendBuckets/{backend}"), name


def test_a_player_that_was_not_built_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PLAYER", tmp_path)
    with pytest.raises(MissingSource, match="make pages"):
        list(pages.player())
    monkeypatch.setattr(pages, "_VIEWER", tmp_path)
    with pytest.raises(MissingSource, match="make pages"):
        list(pages.documentation())
