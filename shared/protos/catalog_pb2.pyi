from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetRequest(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Tracks(_message.Message):
    __slots__ = ("tracks",)
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    tracks: _containers.RepeatedCompositeFieldContainer[Track]
    def __init__(self, tracks: _Optional[_Iterable[_Union[Track, _Mapping]]] = ...) -> None: ...

class Albums(_message.Message):
    __slots__ = ("albums",)
    ALBUMS_FIELD_NUMBER: _ClassVar[int]
    albums: _containers.RepeatedCompositeFieldContainer[Album]
    def __init__(self, albums: _Optional[_Iterable[_Union[Album, _Mapping]]] = ...) -> None: ...

class Artists(_message.Message):
    __slots__ = ("artists",)
    ARTISTS_FIELD_NUMBER: _ClassVar[int]
    artists: _containers.RepeatedCompositeFieldContainer[Artist]
    def __init__(self, artists: _Optional[_Iterable[_Union[Artist, _Mapping]]] = ...) -> None: ...

class ArtistRef(_message.Message):
    __slots__ = ("id", "name")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class Track(_message.Message):
    __slots__ = ("id", "name", "artists", "album_id", "disc_number", "track_number", "duration_ms", "explicit", "isrc", "media")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ARTISTS_FIELD_NUMBER: _ClassVar[int]
    ALBUM_ID_FIELD_NUMBER: _ClassVar[int]
    DISC_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TRACK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    EXPLICIT_FIELD_NUMBER: _ClassVar[int]
    ISRC_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    artists: _containers.RepeatedCompositeFieldContainer[ArtistRef]
    album_id: str
    disc_number: int
    track_number: int
    duration_ms: int
    explicit: bool
    isrc: str
    media: Media
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., artists: _Optional[_Iterable[_Union[ArtistRef, _Mapping]]] = ..., album_id: _Optional[str] = ..., disc_number: _Optional[int] = ..., track_number: _Optional[int] = ..., duration_ms: _Optional[int] = ..., explicit: _Optional[bool] = ..., isrc: _Optional[str] = ..., media: _Optional[_Union[Media, _Mapping]] = ...) -> None: ...

class Media(_message.Message):
    __slots__ = ("prefix", "generation", "integrated_lufs", "true_peak_db", "renditions", "downloads")
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    INTEGRATED_LUFS_FIELD_NUMBER: _ClassVar[int]
    TRUE_PEAK_DB_FIELD_NUMBER: _ClassVar[int]
    RENDITIONS_FIELD_NUMBER: _ClassVar[int]
    DOWNLOADS_FIELD_NUMBER: _ClassVar[int]
    prefix: str
    generation: int
    integrated_lufs: float
    true_peak_db: float
    renditions: _containers.RepeatedCompositeFieldContainer[Rendition]
    downloads: _containers.RepeatedCompositeFieldContainer[Download]
    def __init__(self, prefix: _Optional[str] = ..., generation: _Optional[int] = ..., integrated_lufs: _Optional[float] = ..., true_peak_db: _Optional[float] = ..., renditions: _Optional[_Iterable[_Union[Rendition, _Mapping]]] = ..., downloads: _Optional[_Iterable[_Union[Download, _Mapping]]] = ...) -> None: ...

class Rendition(_message.Message):
    __slots__ = ("name", "codec", "bitrate", "lossless")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    BITRATE_FIELD_NUMBER: _ClassVar[int]
    LOSSLESS_FIELD_NUMBER: _ClassVar[int]
    name: str
    codec: str
    bitrate: int
    lossless: bool
    def __init__(self, name: _Optional[str] = ..., codec: _Optional[str] = ..., bitrate: _Optional[int] = ..., lossless: _Optional[bool] = ...) -> None: ...

class Download(_message.Message):
    __slots__ = ("name", "codec", "bitrate", "path", "bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    BITRATE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    codec: str
    bitrate: int
    path: str
    bytes: int
    def __init__(self, name: _Optional[str] = ..., codec: _Optional[str] = ..., bitrate: _Optional[int] = ..., path: _Optional[str] = ..., bytes: _Optional[int] = ...) -> None: ...

class Album(_message.Message):
    __slots__ = ("id", "name", "album_type", "artists", "release_date", "total_tracks", "cover_id", "track_ids")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALBUM_TYPE_FIELD_NUMBER: _ClassVar[int]
    ARTISTS_FIELD_NUMBER: _ClassVar[int]
    RELEASE_DATE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TRACKS_FIELD_NUMBER: _ClassVar[int]
    COVER_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_IDS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    album_type: str
    artists: _containers.RepeatedCompositeFieldContainer[ArtistRef]
    release_date: str
    total_tracks: int
    cover_id: str
    track_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., album_type: _Optional[str] = ..., artists: _Optional[_Iterable[_Union[ArtistRef, _Mapping]]] = ..., release_date: _Optional[str] = ..., total_tracks: _Optional[int] = ..., cover_id: _Optional[str] = ..., track_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Artist(_message.Message):
    __slots__ = ("id", "name", "genres")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    GENRES_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    genres: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., genres: _Optional[_Iterable[str]] = ...) -> None: ...
