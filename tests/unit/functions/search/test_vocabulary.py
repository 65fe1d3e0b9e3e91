"""What is remembered of the vocabulary, and for how long."""

from pathlib import Path

from functions.search.overlay import Overlay
from functions.search.vocabulary import Vocabulary
from tests.unit.functions.search.fakes import base_of, track


def test_what_comes_later_completes_and_corrects_at_once(tmp_path: Path) -> None:
    base = base_of(tmp_path, [track("Lanterns")])
    overlay = Overlay(base)
    vocabulary = Vocabulary([base, overlay.index], lambda: overlay.version)
    for _ in range(2):
        assert vocabulary.completions("lant") == ["lanterns"]
        assert vocabulary.corrections("lantxr", is_begun=True) == ["lanterns"]
        assert vocabulary.corrections("lantxr", is_begun=False) == []
    overlay.apply([track("Lanthanum"), track("Lant Xr")])
    assert vocabulary.completions("lanth") == ["lanthanum"]
    assert set(vocabulary.corrections("lantxr", is_begun=True)) == {"lanterns", "lant xr"}


def test_two_words_written_as_one(tmp_path: Path) -> None:
    base = base_of(tmp_path, [track("Love Story")])
    vocabulary = Vocabulary([base], lambda: 0)
    assert vocabulary.corrections("lovestory", is_begun=False) == ["love story"]
    assert vocabulary.counts(["love", "hate"]) == {"love": 1}
