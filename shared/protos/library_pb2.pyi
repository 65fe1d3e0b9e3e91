from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class PlaylistRequest(_message.Message):
    __slots__ = ("playlist_id", "user_id", "country", "explicit_filter")
    PLAYLIST_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    EXPLICIT_FILTER_FIELD_NUMBER: _ClassVar[int]
    playlist_id: str
    user_id: str
    country: str
    explicit_filter: bool
    def __init__(self, playlist_id: _Optional[str] = ..., user_id: _Optional[str] = ..., country: _Optional[str] = ..., explicit_filter: _Optional[bool] = ...) -> None: ...

class PlaylistTracks(_message.Message):
    __slots__ = ("playlist_id", "name", "owner", "snapshot_id", "uris")
    PLAYLIST_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    URIS_FIELD_NUMBER: _ClassVar[int]
    playlist_id: str
    name: str
    owner: str
    snapshot_id: str
    uris: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, playlist_id: _Optional[str] = ..., name: _Optional[str] = ..., owner: _Optional[str] = ..., snapshot_id: _Optional[str] = ..., uris: _Optional[_Iterable[str]] = ...) -> None: ...

class SavedTracksRequest(_message.Message):
    __slots__ = ("user_id", "limit")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    limit: int
    def __init__(self, user_id: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class SavedTracks(_message.Message):
    __slots__ = ("uris",)
    URIS_FIELD_NUMBER: _ClassVar[int]
    uris: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, uris: _Optional[_Iterable[str]] = ...) -> None: ...
