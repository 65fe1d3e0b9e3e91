import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.library import fields
from shared.errors import BadRequest

VALUE = {
    "name": "n",
    "total": 2,
    "owner": {"id": "o", "urls": {"spotify": "u"}},
    "items": [
        {"at": 1, "by": {"id": "a", "type": "user"}, "track": {"name": "x", "album": {"id": "i"}}},
        {"at": 2, "by": {"id": "b", "type": "user"}, "track": None},
    ],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", VALUE),
        ("  ", VALUE),
        ("name", {"name": "n"}),
        ("total, name", {"name": "n", "total": 2}),
        ("nothing", {}),
        ("owner.id", {"owner": {"id": "o"}}),
        ("owner.urls.spotify", {"owner": {"urls": {"spotify": "u"}}}),
        ("owner(id,urls(spotify))", {"owner": {"id": "o", "urls": {"spotify": "u"}}}),
        ("owner.id,owner.urls", {"owner": {"id": "o", "urls": {"spotify": "u"}}}),
        (
            "items(at,by.id)",
            {"items": [{"at": 1, "by": {"id": "a"}}, {"at": 2, "by": {"id": "b"}}]},
        ),
        ("items.track.album(!id,href)", {"items": [{"track": {"album": {}}}, {"track": None}]}),
        ("items.track(name)", {"items": [{"track": {"name": "x"}}, {"track": None}]}),
        ("!items,!owner", {"name": "n", "total": 2}),
        ("!items", {"name": "n", "total": 2, "owner": VALUE["owner"]}),
        ("!items,owner(!urls)", {"name": "n", "total": 2, "owner": {"id": "o"}}),
        ("owner.!urls", {"owner": {"id": "o"}}),
        ("name.deeper", {"name": "n"}),
    ],
)
def test_what_is_selected(text: str, expected: Any) -> None:
    assert fields.parse(text).of(VALUE) == expected


@pytest.mark.parametrize(
    "text",
    ["(", "a(", "a)", "a,,b", ",", "a..b", "a.", "!", "a(b", "a b", "a-b", "a" + ".a" * 50,
     "a" + "(a" * 50 + ")" * 50, "a," * 3000],
)  # fmt: skip
def test_what_follows_no_rule_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="fields"):
        fields.parse(text)


@given(st.text("ab.,()! ", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadRequest):
        fields.parse(text).of({"a": {"b": [{"a": 1}]}, "b": 2})
