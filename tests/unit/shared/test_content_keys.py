import base64

import pytest

from shared import ids
from shared.content_keys import DerivedKeys, complement

SECRET = bytes(range(32))
TRACK = ids.derive("track", "somebody", "content")


def test_the_key_id_is_the_tracks_id() -> None:
    assert DerivedKeys(SECRET).content_key(TRACK).kid == ids.to_bytes(TRACK)


def test_the_lossless_keys_id_is_the_complement_of_the_tracks_id() -> None:
    kid = DerivedKeys(SECRET).lossless_key(TRACK).kid

    assert [a + b for a, b in zip(kid, ids.to_bytes(TRACK), strict=True)] == [255] * 16
    assert complement(kid) == ids.to_bytes(TRACK)


def test_the_same_track_always_has_the_same_keys() -> None:
    one = DerivedKeys(SECRET)
    other = DerivedKeys.from_base64(base64.b64encode(SECRET).decode())

    assert one.content_key(TRACK) == other.content_key(TRACK)
    assert one.lossless_key(TRACK) == other.lossless_key(TRACK)


def test_key_iv_and_other_tracks_differ() -> None:
    derived = DerivedKeys(SECRET)
    tracks = [TRACK, ids.derive("track", "other")]
    keys = [of(track) for track in tracks for of in (derived.content_key, derived.lossless_key)]

    secrets = [secret for key in keys for secret in (key.key, key.iv)]
    assert len(set(secrets)) == 8
    assert {len(secret) for secret in secrets} == {16}


def test_the_derivation_never_changes() -> None:
    """What is in the bucket was encrypted with these bytes."""
    key = DerivedKeys(SECRET).content_key("0" * 22)

    assert key.key.hex() == "5d7d1d582382f0b887a0598319f694c2"
    assert key.iv.hex() == "945160e4495cd198c4ad182d99216ae9"
    lossless = DerivedKeys(SECRET).lossless_key("0" * 22)
    assert lossless.key.hex() == "da9185e35ab50dd809f392dff3b87d91"
    assert lossless.iv.hex() == "da54114f15191d8857244d363113dd47"


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 31).decode(), "!" * 44])
def test_refuses_a_bad_secret(text: str) -> None:
    with pytest.raises(ValueError, match="content key secret"):
        DerivedKeys.from_base64(text)
