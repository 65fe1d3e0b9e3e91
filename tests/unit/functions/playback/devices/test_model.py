from hypothesis import given
from hypothesis import strategies as st

from functions.playback.devices.model import (
    LONGEST_NAME,
    SILENT_AFTER_MS,
    Device,
    DeviceType,
    clean_name,
    is_device_id,
    shown,
)

NOW = 1_000_000


def device(id: str, name: str, *, seen_at: int = NOW, registered_at: int = 0) -> Device:
    return Device(
        id=id, name=name, type=DeviceType.speaker, registered_at=registered_at, seen_at=seen_at
    )


@given(st.text())
def test_a_name_is_one_line_that_can_be_seen(text: str) -> None:
    name = clean_name(text)

    assert len(name) <= LONGEST_NAME
    assert name == clean_name(name)
    assert not any(each in name for each in "\n\r\t\0\u202e\u200b\u2066\ud800")


def test_names_stay_as_people_write_them() -> None:
    assert clean_name("  Küche\t<b>&amp; 🎵 ") == "Küche <b>&amp; 🎵"


@given(st.lists(st.sampled_from(["Kitchen", "kitchen", "Kitchen (2)", "Bath"]), max_size=8))
def test_no_two_devices_are_shown_by_one_name(names: list[str]) -> None:
    devices = [device(str(at), name, registered_at=at) for at, name in enumerate(names)]

    found = [each.name.casefold() for each in shown(devices, "", NOW)]

    assert len(set(found)) == len(names)


def test_the_first_keeps_its_name() -> None:
    devices = [device("b", "Kitchen", registered_at=2), device("a", "Kitchen", registered_at=1)]

    assert [(each.id, each.name) for each in shown(devices, "b", NOW)] == [
        ("a", "Kitchen"),
        ("b", "Kitchen (2)"),
    ]


def test_silent_devices_are_not_shown() -> None:
    devices = [
        device("there", "x", seen_at=NOW - SILENT_AFTER_MS + 1),
        device("gone", "y", seen_at=NOW - SILENT_AFTER_MS),
    ]

    assert [each.id for each in shown(devices, "gone", NOW)] == ["there"]


def test_ids() -> None:
    assert is_device_id("a-b_C9")
    for text in ("", "a/b", "a.b", "ä", "x" * 65, "a\n"):
        assert not is_device_id(text)
