import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.playback.streams.licence import MAX_KIDS, ClearKeyLicences, LicenceRequest, tracks_of
from shared import ids
from shared.content_keys import DerivedKeys
from shared.errors import BadRequest

KEYS = DerivedKeys(bytes(32))


def kid_of(track_id: str) -> str:
    return base64.urlsafe_b64encode(ids.to_bytes(track_id)).rstrip(b"=").decode()


@given(st.lists(st.binary(min_size=16, max_size=16).map(ids.from_bytes), min_size=1, max_size=8))
def test_key_ids_name_their_tracks(track_ids: list[str]) -> None:
    asked = LicenceRequest([kid_of(track_id) for track_id in track_ids])

    assert tracks_of(asked) == track_ids


def test_a_key_is_named_after_its_track() -> None:
    track_id = ids.derive("track", "x")
    (key,) = ClearKeyLicences(KEYS).keys([track_id])

    assert (key.kty, key.kid) == ("oct", kid_of(track_id))
    assert base64.urlsafe_b64decode(key.k + "==") == KEYS.content_key(track_id).key


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
        tracks_of(asked)
