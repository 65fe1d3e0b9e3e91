"""One call or more of every operation of the contract, good ones and bad ones."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """`path` under `/v1`, with its query; a call whose `status` is below 400 is a good one."""

    operation: str
    path: str
    status: int = 200
    body: Any = None
    text: str | None = None


def _saved(kind: str, ids: str, plural: str = "") -> list[Call]:
    """Saving, listing, asking and removing one kind of thing."""
    plural = plural or kind
    return [
        Call(f"save-{kind}-user", f"/me/{plural}?ids={ids}"),
        Call(f"save-{kind}-user", f"/me/{plural}?ids=nonsense", 400),
        Call(f"check-users-saved-{kind}", f"/me/{plural}/contains?ids={ids}"),
        Call(f"check-users-saved-{kind}", f"/me/{plural}/contains", 400),
        Call(f"get-users-saved-{kind}", f"/me/{plural}?limit=1&market=SE"),
        Call(f"get-users-saved-{kind}", f"/me/{plural}?limit=51", 400),
        Call(f"remove-{kind}-user", f"/me/{plural}?ids={ids}"),
        Call(f"remove-{kind}-user", f"/me/{plural}?ids=nonsense", 400),
    ]


def _stand_ins() -> list[Call]:
    """Kinds that this platform has none of: 404 for one, nulls for several, empty pages."""
    return [
        Call("get-a-show", "/shows/{unknown}", 404),
        Call("get-a-shows-episodes", "/shows/{unknown}/episodes"),
        Call("get-an-episode", "/episodes/{unknown}", 404),
        Call("get-an-audiobook", "/audiobooks/{unknown}", 404),
        Call("get-audiobook-chapters", "/audiobooks/{unknown}/chapters"),
        Call("get-a-chapter", "/chapters/{unknown}", 404),
        Call("get-a-show", "/shows/nonsense", 400),
        Call("get-users-saved-shows", "/me/shows"),
        Call("get-users-saved-episodes", "/me/episodes"),
        Call("get-users-saved-audiobooks", "/me/audiobooks"),
        Call("check-users-saved-shows", "/me/shows/contains?ids={unknown}"),
        Call("check-users-saved-episodes", "/me/episodes/contains?ids={unknown}"),
        Call("check-users-saved-audiobooks", "/me/audiobooks/contains?ids={unknown}"),
        Call("save-shows-user", "/me/shows?ids={unknown}", 404),
        Call("save-episodes-user", "/me/episodes?ids={unknown}", 404),
        Call("save-audiobooks-user", "/me/audiobooks?ids={unknown}", 404),
        Call("remove-shows-user", "/me/shows?ids={unknown}"),
        Call("remove-episodes-user", "/me/episodes?ids={unknown}"),
        Call("remove-audiobooks-user", "/me/audiobooks?ids={unknown}"),
    ]


CATALOGUE = [
    Call("get-track", "/tracks/{track}"),
    Call("get-track", "/tracks/{track}?market=SE"),
    Call("get-track", "/tracks/{unknown}", 404),
    Call("get-track", "/tracks/nonsense", 400),
    Call("get-several-tracks", "/tracks?ids={track},{second_track}"),
    Call("get-several-tracks", "/tracks", 400),
    Call("get-an-album", "/albums/{album}"),
    Call("get-an-album", "/albums/{unknown}", 404),
    Call("get-multiple-albums", "/albums?ids={album}&market=SE"),
    Call("get-multiple-albums", "/albums?ids=nonsense", 400),
    Call("get-an-albums-tracks", "/albums/{album}/tracks?limit=1"),
    Call("get-an-albums-tracks", "/albums/{album}/tracks?limit=51", 400),
    Call("get-an-artist", "/artists/{artist}"),
    Call("get-an-artist", "/artists/{unknown}", 404),
    Call("get-multiple-artists", "/artists?ids={artist}"),
    Call("get-multiple-artists", "/artists?ids=", 400),
    Call("get-an-artists-albums", "/artists/{artist}/albums?include_groups=album,single&limit=2"),
    Call("get-an-artists-albums", "/artists/{artist}/albums?include_groups=nothing", 400),
    Call("get-an-artists-top-tracks", "/artists/{artist}/top-tracks?market=SE"),
    Call("get-an-artists-top-tracks", "/artists/{unknown}/top-tracks?market=SE", 404),
    Call("get-an-artists-related-artists", "/artists/{artist}/related-artists"),
    Call("get-an-artists-related-artists", "/artists/nonsense/related-artists", 400),
    Call("get-new-releases", "/browse/new-releases?limit=2"),
    Call("get-new-releases", "/browse/new-releases?limit=0", 400),
    Call("get-categories", "/browse/categories"),
    Call("get-categories", "/browse/categories?offset=-1", 400),
    Call("get-a-category", "/browse/categories/rock"),
    Call("get-a-category", "/browse/categories/no-such-genre", 404),
    Call("get-a-categories-playlists", "/browse/categories/rock/playlists"),
    Call("get-a-categories-playlists", "/browse/categories/rock/playlists?limit=99", 400),
    Call("get-featured-playlists", "/browse/featured-playlists"),
    Call("get-featured-playlists", "/browse/featured-playlists?limit=x", 400),
    Call("get-available-markets", "/markets"),
    Call("get-audio-features", "/audio-features/{track}"),
    Call("get-audio-features", "/audio-features/{unknown}", 404),
    Call("get-several-audio-features", "/audio-features?ids={track},{second_track}"),
    Call("get-several-audio-features", "/audio-features", 400),
    Call("get-audio-analysis", "/audio-analysis/{track}"),
    Call("get-audio-analysis", "/audio-analysis/{unknown}", 404),
    Call("get-recommendations", "/recommendations?seed_tracks={track}&limit=5&target_energy=0.5"),
    Call("get-recommendations", "/recommendations", 400),
    Call("get-recommendations", "/recommendations?seed_tracks={track}&min_tempo=fast", 400),
    Call("get-recommendation-genres", "/recommendations/available-genre-seeds"),
    Call("search", "/search?q=clause&type=track,album,artist,playlist&market=SE"),
    Call("search", "/search?q=clause&type=track,show,episode,audiobook"),
    Call("search", "/search?q=clause&type=nothing", 400),
    Call("search", "/search?type=track", 400),
    Call("get-multiple-shows", "/shows?ids={unknown}"),
    Call("get-multiple-episodes", "/episodes?ids={unknown}"),
    Call("get-multiple-audiobooks", "/audiobooks?ids={unknown}"),
    Call("get-several-chapters", "/chapters?ids={unknown}"),
]

PEOPLE = [
    Call("get-users-profile", "/users/{user}"),
    Call("get-users-profile", "/users/{unknown}", 404),
    Call("get-users-top-artists", "/me/top/artists?time_range=short_term&limit=5"),
    Call("get-users-top-artists", "/me/top/artists?time_range=forever", 400),
    Call("get-users-top-tracks", "/me/top/tracks?time_range=long_term"),
    Call("get-users-top-tracks", "/me/top/tracks?limit=51", 400),
    Call("follow-artists-users", "/me/following?type=artist&ids={artist}", 204),
    Call("follow-artists-users", "/me/following?type=track&ids={artist}", 400),
    Call("check-current-user-follows", "/me/following/contains?type=artist&ids={artist}"),
    Call("check-current-user-follows", "/me/following/contains?ids={artist}", 400),
    Call("get-followed", "/me/following?type=artist&limit=5"),
    Call("get-followed", "/me/following?type=user", 400),
    Call("unfollow-artists-users", "/me/following?type=artist&ids={artist}", 204),
    Call("unfollow-artists-users", "/me/following?type=artist", 400),
]

LIBRARY = [
    *_saved("tracks", "{track},{second_track}"),
    *_saved("albums", "{album}"),
    Call("save-library-items", "/me/library?uris=spotify:track:{track},spotify:album:{album}"),
    Call("save-library-items", "/me/library?uris=nonsense", 400),
    Call("check-library-contains", "/me/library/contains?uris=spotify:track:{track}"),
    Call("check-library-contains", "/me/library/contains", 400),
    Call("remove-library-items", "/me/library?uris=spotify:track:{track}"),
    Call("remove-library-items", "/me/library", 400),
    *_stand_ins(),
]

_ITEM = "spotify:track:{track}"
PLAYLISTS = [
    Call("create-playlist", "/me/playlists", 201, {"name": "Another", "public": False}),
    Call("create-playlist", "/me/playlists", 400, {"public": False}),
    Call("get-a-list-of-current-users-playlists", "/me/playlists?limit=2"),
    Call("get-a-list-of-current-users-playlists", "/me/playlists?limit=0", 400),
    Call("get-playlist", "/playlists/{playlist}"),
    Call("get-playlist", "/playlists/{playlist}?market=SE"),
    Call("get-playlist", "/playlists/{unknown}", 404),
    Call("change-playlist-details", "/playlists/{playlist}", 200, {"description": "Mine"}),
    Call("change-playlist-details", "/playlists/{playlist}", 400, {"name": 5}),
    *(
        call
        for operation, kind in (("items", "items"), ("tracks", "tracks"))
        for call in (
            Call(f"get-playlists-{operation}", f"/playlists/{{playlist}}/{kind}?limit=1"),
            Call(f"get-playlists-{operation}", f"/playlists/{{playlist}}/{kind}?limit=101", 400),
            Call(
                f"add-{operation}-to-playlist",
                f"/playlists/{{playlist}}/{kind}",
                201,
                {"uris": [_ITEM, _ITEM], "position": 0},
            ),
            Call(
                f"add-{operation}-to-playlist",
                f"/playlists/{{playlist}}/{kind}",
                400,
                {"uris": ["nonsense"]},
            ),
            Call(
                f"reorder-or-replace-playlists-{operation}",
                f"/playlists/{{playlist}}/{kind}",
                200,
                {"range_start": 0, "insert_before": 2},
            ),
            Call(
                f"reorder-or-replace-playlists-{operation}",
                f"/playlists/{{playlist}}/{kind}",
                400,
                {"range_start": 900, "insert_before": 2},
            ),
            Call(
                f"remove-{operation}-playlist",
                f"/playlists/{{playlist}}/{kind}",
                200,
                {kind: [{"uri": "spotify:track:{second_track}"}]},
            ),
            Call(f"remove-{operation}-playlist", f"/playlists/{{playlist}}/{kind}", 400, {}),
        )
    ),
    Call("follow-playlist", "/playlists/{playlist}/followers", 200, {"public": True}),
    Call("follow-playlist", "/playlists/{unknown}/followers", 404, {"public": True}),
    Call("check-if-user-follows-playlist", "/playlists/{playlist}/followers/contains"),
    Call("check-if-user-follows-playlist", "/playlists/{unknown}/followers/contains", 404),
    Call("upload-custom-playlist-cover", "/playlists/{playlist}/images", 202, text="cover"),
    Call("upload-custom-playlist-cover", "/playlists/{playlist}/images", 400, text="!"),
    Call("get-playlist-cover", "/playlists/{playlist}/images"),
    Call("get-playlist-cover", "/playlists/nonsense/images", 400),
    Call("get-list-users-playlists", "/users/contract-listener/playlists"),
    Call("get-list-users-playlists", "/users/contract-listener/playlists?limit=51", 400),
    Call(
        "create-playlist-for-user",
        "/users/contract-listener/playlists",
        201,
        {"name": "By its old address"},
    ),
    Call("create-playlist-for-user", "/users/somebody-else/playlists", 403, {"name": "Not mine"}),
    Call("unfollow-playlist", "/playlists/{doomed}/followers"),
    Call("unfollow-playlist", "/playlists/nonsense/followers", 400),
]

PLAYER = [
    Call("get-a-users-available-devices", "/me/player/devices"),
    Call("transfer-a-users-playback", "/me/player", 204, {"device_ids": ["{device}"]}),
    Call("transfer-a-users-playback", "/me/player", 400, {"device_ids": []}),
    Call("start-a-users-playback", "/me/player/play", 204, {"uris": [_ITEM]}),
    Call("start-a-users-playback", "/me/player/play?device_id=nobody", 404, {"uris": [_ITEM]}),
    Call("start-a-users-playback", "/me/player/play", 400, {"uris": "nonsense"}),
    Call("get-information-about-the-users-current-playback", "/me/player"),
    Call("get-the-users-currently-playing-track", "/me/player/currently-playing"),
    Call("seek-to-position-in-currently-playing-track", "/me/player/seek?position_ms=1000", 204),
    Call("seek-to-position-in-currently-playing-track", "/me/player/seek?position_ms=-1", 400),
    Call("set-repeat-mode-on-users-playback", "/me/player/repeat?state=context", 204),
    Call("set-repeat-mode-on-users-playback", "/me/player/repeat?state=often", 400),
    Call("set-volume-for-users-playback", "/me/player/volume?volume_percent=30", 204),
    Call("set-volume-for-users-playback", "/me/player/volume?volume_percent=101", 400),
    Call("toggle-shuffle-for-users-playback", "/me/player/shuffle?state=true", 204),
    Call("toggle-shuffle-for-users-playback", "/me/player/shuffle?state=perhaps", 400),
    Call("add-to-queue", "/me/player/queue?uri=spotify:track:{second_track}", 204),
    Call("add-to-queue", "/me/player/queue?uri=nonsense", 400),
    Call("get-queue", "/me/player/queue"),
    Call("skip-users-playback-to-next-track", "/me/player/next", 204),
    Call("skip-users-playback-to-previous-track", "/me/player/previous", 204),
    Call("pause-a-users-playback", "/me/player/pause", 204),
    Call("get-recently-played", "/me/player/recently-played?limit=5"),
    Call("get-recently-played", "/me/player/recently-played?limit=51", 400),
]

CALLS = [*CATALOGUE, *PEOPLE, *LIBRARY, *PLAYLISTS, *PLAYER]
