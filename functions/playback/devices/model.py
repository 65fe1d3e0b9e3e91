"""What a device is, and when it counts as there. Times in milliseconds of the epoch."""

import re
import unicodedata
from collections.abc import Iterable
from enum import Enum

import msgspec

# Looked at every five seconds by who pushes: a device is gone for everybody within thirty.
SILENT_AFTER_MS = 25_000
MOST_DEVICES = 50
LONGEST_NAME = 100

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Control, format (which turn text around), private, surrogate and unassigned characters.
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


class DeviceType(str, Enum):
    """What clients of the Web API draw a device as."""

    computer = "Computer"
    tablet = "Tablet"
    smartphone = "Smartphone"
    speaker = "Speaker"
    tv = "TV"
    avr = "AVR"
    stb = "STB"
    audio_dongle = "AudioDongle"
    game_console = "GameConsole"
    cast_video = "CastVideo"
    cast_audio = "CastAudio"
    automobile = "Automobile"
    unknown = "Unknown"


_TYPES = {type.value.casefold(): type for type in DeviceType}


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device as it is kept. `volume_version` is the command that last set its volume."""

    id: str
    name: str
    type: DeviceType
    supports_volume: bool = True
    volume: int = 100
    volume_version: int = 0
    is_restricted: bool = False
    app: str = ""
    registered_at: int
    seen_at: int


class DeviceObject(msgspec.Struct, frozen=True, kw_only=True):
    """A device as the Web API shows it."""

    id: str
    is_active: bool
    is_private_session: bool = False
    is_restricted: bool
    name: str
    type: DeviceType
    volume_percent: int | None
    supports_volume: bool


def is_there(device: Device, now: int) -> bool:
    """Whether it has been heard of lately."""
    return now - device.seen_at < SILENT_AFTER_MS


def shown(devices: Iterable[Device], active_id: str, now: int) -> list[DeviceObject]:
    """Those that are there, in the order they came; later ones of the same name get a number.

    People choose a device by its name, and so do scripts.
    """
    taken: set[str] = set()
    objects = []
    for device in sorted(devices, key=lambda each: (each.registered_at, each.id)):
        if not is_there(device, now):
            continue
        name = _free(device.name, taken)
        taken.add(name.casefold())
        objects.append(
            DeviceObject(
                id=device.id,
                is_active=device.id == active_id,
                is_restricted=device.is_restricted,
                name=name,
                type=device.type,
                volume_percent=device.volume if device.supports_volume else None,
                supports_volume=device.supports_volume,
            )
        )
    return objects


def _free(name: str, taken: set[str]) -> str:
    number, candidate = 1, name
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate


def is_device_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def clean_name(text: str) -> str:
    """What can be seen of a name, on one line; "" if that is nothing."""
    normal = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
    visible = "".join(
        " " if unicodedata.category(each) in {"Zl", "Zp"} or each in "\t\r\n" else each
        for each in normal
        if each in "\t\r\n" or unicodedata.category(each) not in _UNSEEN - {"Zl", "Zp"}
    )
    return " ".join(visible.split())[:LONGEST_NAME].rstrip()


def type_of(text: str) -> DeviceType:
    """The type that the text names, in whatever case; raises `ValueError`."""
    try:
        return _TYPES[text.casefold()]
    except KeyError:
        raise ValueError(text) from None
