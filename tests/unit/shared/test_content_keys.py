import base64

import pytest

from shared import ids
from shared.content_keys import DerivedKeys

SECRET = bytes(range(32))
TRACK = ids.derive("track", "somebody", "content")


def test_the_key_id_is_the_tracks_id() -> None:
    assert DerivedKeys(SECRET).content_key(TRACK).kid == ids.to_bytes(TRACK)


def test_the_same_track_always_has_the_same_key() -> None:
    text = base64.b64encode(SECRET).decode()

    assert DerivedKeys(SECRET).content_key(TRACK) == DerivedKeys.from_base64(text).content_key(
        TRACK
    )


def test_key_iv_and_other_tracks_differ() -> None:
    keys = DerivedKeys(SECRET)
    key, other = keys.content_key(TRACK), keys.content_key(ids.derive("track", "other"))

    assert len({key.key, key.iv, other.key, other.iv}) == 4
    assert {len(key.key), len(key.iv)} == {16}


def test_the_derivation_never_changes() -> None:
    """What is in the bucket was encrypted with these bytes."""
    key = DerivedKeys(SECRET).content_key("0" * 22)

    assert key.key.hex() == "5d7d1d582382f0b887a0598319f694c2"
    assert key.iv.hex() == "945160e4495cd198c4ad182d99216ae9"


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 31).decode(), "!" * 44])
def test_refuses_a_bad_secret(text: str) -> None:
    with pytest.raises(ValueError, match="content key secret"):
        DerivedKeys.from_base64(text)
