from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Form(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRACK: _ClassVar[Form]
    ALBUM: _ClassVar[Form]
    FULL_ALBUM: _ClassVar[Form]
    ARTIST: _ClassVar[Form]
    SIMPLE_ARTIST: _ClassVar[Form]
TRACK: Form
ALBUM: Form
FULL_ALBUM: Form
ARTIST: Form
SIMPLE_ARTIST: Form

class GetRequest(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ArtistTracksRequest(_message.Message):
    __slots__ = ("artist_id", "limit")
    ARTIST_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    artist_id: str
    limit: int
    def __init__(self, artist_id: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class TrackIds(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ids: _Optional[_Iterable[str]] = ...) -> None: ...

class DescribeRequest(_message.Message):
    __slots__ = ("form", "ids", "market", "explicit_filter")
    FORM_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    MARKET_FIELD_NUMBER: _ClassVar[int]
    EXPLICIT_FILTER_FIELD_NUMBER: _ClassVar[int]
    form: Form
    ids: _containers.RepeatedScalarFieldContainer[str]
    market: str
    explicit_filter: bool
    def __init__(self, form: _Optional[_Union[Form, str]] = ..., ids: _Optional[_Iterable[str]] = ..., market: _Optional[str] = ..., explicit_filter: _Optional[bool] = ...) -> None: ...

class Described(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Item]
    def __init__(self, items: _Optional[_Iterable[_Union[Item, _Mapping]]] = ...) -> None: ...

class Item(_message.Message):
    __slots__ = ("id", "json")
    ID_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    id: str
    json: bytes
    def __init__(self, id: _Optional[str] = ..., json: _Optional[bytes] = ...) -> None: ...

class ListRequest(_message.Message):
    __slots__ = ("type", "page_token", "limit")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    type: str
    page_token: str
    limit: int
    def __init__(self, type: _Optional[str] = ..., page_token: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class Listed(_message.Message):
    __slots__ = ("tracks", "albums", "artists", "next_page_token")
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    ALBUMS_FIELD_NUMBER: _ClassVar[int]
    ARTISTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tracks: _containers.RepeatedCompositeFieldContainer[Track]
    albums: _containers.RepeatedCompositeFieldContainer[Album]
    artists: _containers.RepeatedCompositeFieldContainer[Artist]
    next_page_token: str
    def __init__(self, tracks: _Optional[_Iterable[_Union[Track, _Mapping]]] = ..., albums: _Optional[_Iterable[_Union[Album, _Mapping]]] = ..., artists: _Optional[_Iterable[_Union[Artist, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("id", "name", "artists", "album_id", "disc_number", "track_number", "duration_ms", "explicit", "isrc", "media", "album_name", "release_date", "genres", "popularity", "markets", "playable", "owner", "upc", "album_artists", "cover_id", "features")
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
    ALBUM_NAME_FIELD_NUMBER: _ClassVar[int]
    RELEASE_DATE_FIELD_NUMBER: _ClassVar[int]
    GENRES_FIELD_NUMBER: _ClassVar[int]
    POPULARITY_FIELD_NUMBER: _ClassVar[int]
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    PLAYABLE_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    UPC_FIELD_NUMBER: _ClassVar[int]
    ALBUM_ARTISTS_FIELD_NUMBER: _ClassVar[int]
    COVER_ID_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
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
    album_name: str
    release_date: str
    genres: _containers.RepeatedScalarFieldContainer[str]
    popularity: int
    markets: _containers.RepeatedScalarFieldContainer[str]
    playable: bool
    owner: str
    upc: str
    album_artists: _containers.RepeatedCompositeFieldContainer[ArtistRef]
    cover_id: str
    features: Features
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., artists: _Optional[_Iterable[_Union[ArtistRef, _Mapping]]] = ..., album_id: _Optional[str] = ..., disc_number: _Optional[int] = ..., track_number: _Optional[int] = ..., duration_ms: _Optional[int] = ..., explicit: _Optional[bool] = ..., isrc: _Optional[str] = ..., media: _Optional[_Union[Media, _Mapping]] = ..., album_name: _Optional[str] = ..., release_date: _Optional[str] = ..., genres: _Optional[_Iterable[str]] = ..., popularity: _Optional[int] = ..., markets: _Optional[_Iterable[str]] = ..., playable: _Optional[bool] = ..., owner: _Optional[str] = ..., upc: _Optional[str] = ..., album_artists: _Optional[_Iterable[_Union[ArtistRef, _Mapping]]] = ..., cover_id: _Optional[str] = ..., features: _Optional[_Union[Features, _Mapping]] = ...) -> None: ...

class Features(_message.Message):
    __slots__ = ("tempo", "tempo_confidence", "key", "key_confidence", "mode", "mode_confidence", "time_signature", "time_signature_confidence", "loudness", "energy", "danceability", "valence", "acousticness", "instrumentalness", "liveness", "speechiness")
    TEMPO_FIELD_NUMBER: _ClassVar[int]
    TEMPO_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    KEY_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    MODE_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    TIME_SIGNATURE_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    LOUDNESS_FIELD_NUMBER: _ClassVar[int]
    ENERGY_FIELD_NUMBER: _ClassVar[int]
    DANCEABILITY_FIELD_NUMBER: _ClassVar[int]
    VALENCE_FIELD_NUMBER: _ClassVar[int]
    ACOUSTICNESS_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTALNESS_FIELD_NUMBER: _ClassVar[int]
    LIVENESS_FIELD_NUMBER: _ClassVar[int]
    SPEECHINESS_FIELD_NUMBER: _ClassVar[int]
    tempo: float
    tempo_confidence: float
    key: int
    key_confidence: float
    mode: int
    mode_confidence: float
    time_signature: int
    time_signature_confidence: float
    loudness: float
    energy: float
    danceability: float
    valence: float
    acousticness: float
    instrumentalness: float
    liveness: float
    speechiness: float
    def __init__(self, tempo: _Optional[float] = ..., tempo_confidence: _Optional[float] = ..., key: _Optional[int] = ..., key_confidence: _Optional[float] = ..., mode: _Optional[int] = ..., mode_confidence: _Optional[float] = ..., time_signature: _Optional[int] = ..., time_signature_confidence: _Optional[float] = ..., loudness: _Optional[float] = ..., energy: _Optional[float] = ..., danceability: _Optional[float] = ..., valence: _Optional[float] = ..., acousticness: _Optional[float] = ..., instrumentalness: _Optional[float] = ..., liveness: _Optional[float] = ..., speechiness: _Optional[float] = ...) -> None: ...

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
    __slots__ = ("id", "name", "album_type", "artists", "release_date", "total_tracks", "cover_id", "track_ids", "upc", "genres", "popularity", "label", "markets")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALBUM_TYPE_FIELD_NUMBER: _ClassVar[int]
    ARTISTS_FIELD_NUMBER: _ClassVar[int]
    RELEASE_DATE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TRACKS_FIELD_NUMBER: _ClassVar[int]
    COVER_ID_FIELD_NUMBER: _ClassVar[int]
    TRACK_IDS_FIELD_NUMBER: _ClassVar[int]
    UPC_FIELD_NUMBER: _ClassVar[int]
    GENRES_FIELD_NUMBER: _ClassVar[int]
    POPULARITY_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    album_type: str
    artists: _containers.RepeatedCompositeFieldContainer[ArtistRef]
    release_date: str
    total_tracks: int
    cover_id: str
    track_ids: _containers.RepeatedScalarFieldContainer[str]
    upc: str
    genres: _containers.RepeatedScalarFieldContainer[str]
    popularity: int
    label: str
    markets: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., album_type: _Optional[str] = ..., artists: _Optional[_Iterable[_Union[ArtistRef, _Mapping]]] = ..., release_date: _Optional[str] = ..., total_tracks: _Optional[int] = ..., cover_id: _Optional[str] = ..., track_ids: _Optional[_Iterable[str]] = ..., upc: _Optional[str] = ..., genres: _Optional[_Iterable[str]] = ..., popularity: _Optional[int] = ..., label: _Optional[str] = ..., markets: _Optional[_Iterable[str]] = ...) -> None: ...

class Artist(_message.Message):
    __slots__ = ("id", "name", "genres", "popularity")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    GENRES_FIELD_NUMBER: _ClassVar[int]
    POPULARITY_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    genres: _containers.RepeatedScalarFieldContainer[str]
    popularity: int
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., genres: _Optional[_Iterable[str]] = ..., popularity: _Optional[int] = ...) -> None: ...
