from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListMixesRequest(_message.Message):
    __slots__ = ("user_id", "country", "of_a_night", "explicit_filter")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    OF_A_NIGHT_FIELD_NUMBER: _ClassVar[int]
    EXPLICIT_FILTER_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    country: str
    of_a_night: bool
    explicit_filter: bool
    def __init__(self, user_id: _Optional[str] = ..., country: _Optional[str] = ..., of_a_night: _Optional[bool] = ..., explicit_filter: _Optional[bool] = ...) -> None: ...

class GetMixRequest(_message.Message):
    __slots__ = ("user_id", "mix_id", "country", "explicit_filter")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    MIX_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    EXPLICIT_FILTER_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    mix_id: str
    country: str
    explicit_filter: bool
    def __init__(self, user_id: _Optional[str] = ..., mix_id: _Optional[str] = ..., country: _Optional[str] = ..., explicit_filter: _Optional[bool] = ...) -> None: ...

class Mixes(_message.Message):
    __slots__ = ("mixes",)
    MIXES_FIELD_NUMBER: _ClassVar[int]
    mixes: _containers.RepeatedCompositeFieldContainer[Mix]
    def __init__(self, mixes: _Optional[_Iterable[_Union[Mix, _Mapping]]] = ...) -> None: ...

class Mix(_message.Message):
    __slots__ = ("id", "kind", "number", "name", "description", "about", "cover_id", "total", "made_at", "version", "tracks")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    COVER_ID_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    MADE_AT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: str
    number: int
    name: str
    description: str
    about: _containers.RepeatedScalarFieldContainer[str]
    cover_id: str
    total: int
    made_at: int
    version: int
    tracks: _containers.RepeatedCompositeFieldContainer[MixTrack]
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[str] = ..., number: _Optional[int] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., about: _Optional[_Iterable[str]] = ..., cover_id: _Optional[str] = ..., total: _Optional[int] = ..., made_at: _Optional[int] = ..., version: _Optional[int] = ..., tracks: _Optional[_Iterable[_Union[MixTrack, _Mapping]]] = ...) -> None: ...

class MixTrack(_message.Message):
    __slots__ = ("id", "reason", "about", "text")
    ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    reason: str
    about: str
    text: str
    def __init__(self, id: _Optional[str] = ..., reason: _Optional[str] = ..., about: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Seed(_message.Message):
    __slots__ = ("type", "id")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    type: str
    id: str
    def __init__(self, type: _Optional[str] = ..., id: _Optional[str] = ...) -> None: ...

class RadiosRequest(_message.Message):
    __slots__ = ("seeds", "user_id", "explicit_filter")
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    EXPLICIT_FILTER_FIELD_NUMBER: _ClassVar[int]
    seeds: _containers.RepeatedCompositeFieldContainer[Seed]
    user_id: str
    explicit_filter: bool
    def __init__(self, seeds: _Optional[_Iterable[_Union[Seed, _Mapping]]] = ..., user_id: _Optional[str] = ..., explicit_filter: _Optional[bool] = ...) -> None: ...

class Radio(_message.Message):
    __slots__ = ("seed", "track_ids")
    SEED_FIELD_NUMBER: _ClassVar[int]
    TRACK_IDS_FIELD_NUMBER: _ClassVar[int]
    seed: Seed
    track_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, seed: _Optional[_Union[Seed, _Mapping]] = ..., track_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Radios(_message.Message):
    __slots__ = ("radios", "hidden")
    RADIOS_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    radios: _containers.RepeatedCompositeFieldContainer[Radio]
    hidden: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, radios: _Optional[_Iterable[_Union[Radio, _Mapping]]] = ..., hidden: _Optional[_Iterable[str]] = ...) -> None: ...

class RelatedArtistsRequest(_message.Message):
    __slots__ = ("artist_id",)
    ARTIST_ID_FIELD_NUMBER: _ClassVar[int]
    artist_id: str
    def __init__(self, artist_id: _Optional[str] = ...) -> None: ...

class ArtistIds(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ids: _Optional[_Iterable[str]] = ...) -> None: ...
