import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.playback.streams.licence import (
    MAX_KIDS,
    ClearKeyLicences,
    LicenceRequest,
    WantedKey,
    readings_of,
    wanted_of,
)
from shared import ids
from shared.content_keys import DerivedKeys
from shared.errors import BadRequest, NotFound

KEYS = DerivedKeys(bytes(32))


def kid_of(wanted: WantedKey) -> str:
    of = KEYS.lossless_key if wanted.lossless else KEYS.content_key
    return base64.urlsafe_b64encode(of(wanted.track_id).kid).rstrip(b"=").decode()


track_ids = st.binary(min_size=16, max_size=16).map(ids.from_bytes)


@given(st.lists(st.builds(WantedKey, track_ids, st.booleans()), min_size=1, max_size=8))
def test_key_ids_name_a_track_and_which_of_its_keys(wanted: list[WantedKey]) -> None:
    asked = LicenceRequest([kid_of(each) for each in wanted])

    assert wanted_of(readings_of(asked), {each.track_id for each in wanted}) == wanted


@pytest.mark.parametrize("lossless", [False, True])
def test_a_key_id_that_names_no_track(lossless: bool) -> None:
    asked = LicenceRequest([kid_of(WantedKey(ids.derive("track", "x"), lossless))])

    with pytest.raises(NotFound):
        wanted_of(readings_of(asked), {ids.derive("track", "another")})


def test_a_key_is_named_after_its_track() -> None:
    track_id = ids.derive("track", "x")
    lossy, lossless = WantedKey(track_id, False), WantedKey(track_id, True)
    keys = ClearKeyLicences(KEYS).keys([lossy, lossless])

    assert [(key.kty, key.kid) for key in keys] == [
        ("oct", kid_of(lossy)),
        ("oct", kid_of(lossless)),
    ]
    assert [base64.urlsafe_b64decode(key.k + "==") for key in keys] == [
        KEYS.content_key(track_id).key,
        KEYS.lossless_key(track_id).key,
    ]


@pytest.mark.parametrize(
    "asked",
    [
        LicenceRequest([]),
        LicenceRequest(["AAAA"]),
        LicenceRequest(["§"]),
        LicenceRequest(["A" * 22] * (MAX_KIDS + 1)),
    ],
)
def test_refuses_other_requests(asked: LicenceRequest) -> None:
    with pytest.raises(BadRequest):
        readings_of(asked)
