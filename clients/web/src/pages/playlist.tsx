import { ListMusic } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";

import * as api from "../api/library";
import { ApiError } from "../api/error";
import type { Playlist, PlaylistItem, Track } from "../api/types";
import { me } from "../auth/session";
import { navigate } from "../app/router";
import { length, t } from "../i18n";
import { DownloadButton } from "../offline/button";
import * as player from "../player/controls";
import { warmFirst } from "../player/intent";
import { allOfPlaylist, itemTrack } from "../player/sources";
import { isMix } from "../library/mixes";
import { refresh } from "../library/playlists";
import { isSaved, lookUp, toggle } from "../library/saved";
import { Announce } from "../ui/announce";
import { Confirm } from "../ui/dialog";
import { Failure } from "../ui/failure";
import { plain } from "../ui/format";
import { Head } from "../ui/head";
import { Menu, type Item } from "../ui/menu";
import { Notice } from "../ui/notice";
import { PlayButton, Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";
import { toast } from "../ui/toasts";
import { playlistItems, share } from "../ui/track_menu";
import { totalMs, TrackList } from "../ui/tracks";
import { ShuffleButton } from "./album";
import { MixPage } from "./mix";
import { EditPlaylist } from "./playlist_edit";
import { useTitle } from "./title";

export function PlaylistPage({ id }: { id: string }) {
  const { data, error, again, set } = useResource(`playlist/${id}`, () => load(id));
  useTitle(data?.playlist.name);
  if (!data) {
    if (error) return <Failure error={error} again={again} />;
    return (
      <div class="page">
        <Skeleton kind="head" />
        <Skeleton kind="rows" />
      </div>
    );
  }
  if (isMix(data.playlist)) return <MixPage id={id} />;
  // Read anew after a failed edit, it begins with what is there then.
  return <Loaded key={data.playlist.snapshot_id} loaded={data} again={again} set={set} />;
}

interface Loaded {
  playlist: Playlist;
  items: PlaylistItem[];
}

/** The playlist with every item: it is shown and reordered as a whole. */
async function load(id: string): Promise<Loaded> {
  const playlist = await api.playlist(id);
  const first = playlist.items ?? playlist.tracks;
  const items = [...(first?.items ?? [])];
  while (items.length < (first?.total ?? 0)) {
    const page = await api.playlistItems(id, items.length);
    if (page.items.length === 0) break;
    items.push(...page.items);
  }
  return { playlist, items };
}

interface LoadedProps {
  loaded: Loaded;
  again: () => void;
  set: (loaded: Loaded) => void;
}

function Loaded({ loaded, again, set }: LoadedProps) {
  const { playlist, items } = loaded;
  const [dialog, setDialog] = useState<"edit" | "delete" | undefined>();
  const [said, say] = useState("");
  useEffect(() => lookUp([playlist.uri]), [playlist.uri]);
  const isOwn = playlist.owner.id === me.value?.id;
  const isWritable = isOwn || playlist.collaborative;
  const tracks = items.map(itemTrack).filter((track) => track !== undefined);
  const source = { context: { type: "playlist", uri: playlist.uri }, name: playlist.name };
  const current = player.context.value?.uri === playlist.uri;
  const start = (first?: number): void => void player.start(source, tracks, first);

  // Edits go one after another: each names places as the one before it left them.
  const edits = useRef<Promise<string>>(Promise.resolve(playlist.snapshot_id));
  const change = (
    next: PlaylistItem[],
    ask: (snapshot: string) => Promise<{ snapshot_id: string }>,
  ): void => {
    set({ playlist, items: next });
    const edit = edits.current.then(ask).then((answer) => answer.snapshot_id);
    edits.current = edit;
    edit.catch((error: unknown) => {
      if (edits.current !== edit) return;
      const changed = error instanceof ApiError && [400, 409].includes(error.status);
      toast(t(changed ? "playlist.changed" : "error.title"), "bad");
      again();
    });
  };
  const move = (from: number, to: number): void => {
    const next = [...items];
    const [moved] = next.splice(from, 1);
    if (!moved) return;
    next.splice(to, 0, moved);
    const name = itemTrack(moved)?.name ?? "";
    say(t("playlist.moved", { name, to: to + 1, total: next.length }));
    const before = to > from ? to + 1 : to;
    change(next, (snapshot) => api.moveItem(playlist.id, from, before, snapshot));
  };
  const remove = (index: number): void => {
    const track = itemTrack(items[index] as PlaylistItem);
    if (!track) return;
    const next = items.filter((item) => itemTrack(item)?.uri !== track.uri);
    toast(t("playlist.removed", { name: playlist.name }));
    change(next, (snapshot) => api.removeItem(playlist.id, track.uri, snapshot));
  };
  const leave = async (): Promise<void> => {
    await api.unfollow(playlist.id);
    await refresh();
    toast(t("playlist.deleted", { name: playlist.name }));
    navigate("/collection");
  };

  return (
    <div class="page">
      <Head
        kind="playlist"
        label={kindOf(playlist)}
        title={playlist.name}
        images={playlist.images?.length ? playlist.images : coverOf(tracks)}
        seed={playlist.uri}
      >
        <span class="artists">
          <a href={`/user/${playlist.owner.id}`}>
            {t("playlist.by", { name: playlist.owner.display_name ?? playlist.owner.id })}
          </a>
        </span>
        <span>
          {t("track.songs", { n: items.length })}
          {tracks.length > 0 && `, ${length(totalMs(tracks))}`}
        </span>
        {playlist.description && <p class="description">{plain(playlist.description)}</p>}
      </Head>
      <div class="actions-row">
        {tracks.length > 0 && (
          <>
            <PlayButton
              isPlaying={current && player.isPlaying.value}
              onClick={() => (current ? void player.toggle() : start())}
              onIntent={() => warmFirst(tracks)}
            />
            <ShuffleButton start={() => start()} />
            <DownloadButton
              uri={playlist.uri}
              name={playlist.name}
              wanted={async () => ({
                uri: playlist.uri,
                name: playlist.name,
                by: playlist.owner.display_name ?? playlist.owner.id,
                image: (playlist.images?.length ? playlist.images : coverOf(tracks))[0],
                tracks: (await allOfPlaylist(playlist.id)).tracks,
              })}
            />
          </>
        )}
        {!isOwn && <Follow playlist={playlist} />}
        <Menu
          label={t("track.more", { name: playlist.name })}
          items={() => menuItems(playlist, tracks, isOwn, setDialog)}
        />
      </div>
      {items.length === 0 ? (
        <Notice
          icon={<ListMusic />}
          title={t("playlist.empty")}
          text={t("playlist.empty.text")}
        >
          <a class="button main" href="/search">
            {t("library.find")}
          </a>
        </Notice>
      ) : (
        <TrackList
          label={playlist.name}
          rows={items.flatMap((item, index) => {
            const track = itemTrack(item);
            return track ? [{ key: `${track.id}/${occurrence(items, index)}`, track }] : [];
          })}
          source={source}
          columns={{ cover: true, album: true }}
          move={isWritable ? move : undefined}
          remove={isWritable ? remove : undefined}
        />
      )}
      <Announce text={said} />
      {dialog === "edit" && (
        <EditPlaylist
          playlist={playlist}
          close={() => setDialog(undefined)}
          done={() => {
            again();
            void refresh();
          }}
        />
      )}
      {dialog === "delete" && (
        <Confirm
          question={t("playlist.delete.sure", { name: playlist.name })}
          action={t("playlist.delete")}
          close={() => setDialog(undefined)}
          agree={() => void leave()}
        />
      )}
    </div>
  );
}

function menuItems(
  playlist: Playlist,
  tracks: Track[],
  isOwn: boolean,
  open: (dialog: "edit" | "delete") => void,
): Item[] {
  const items: Item[] = [
    { label: t("track.queue"), action: () => void player.enqueue(tracks) },
    { label: t("track.playlist"), items: () => playlistItems(tracks) },
    { label: t("track.share"), action: () => void share(`/playlist/${playlist.id}`) },
  ];
  if (!isOwn) return items;
  return [
    { label: t("playlist.edit"), action: () => open("edit") },
    ...items,
    { label: t("playlist.delete"), action: () => open("delete") },
  ];
}

function Follow({ playlist }: { playlist: Playlist }) {
  const saved = isSaved(playlist.uri);
  return (
    <button
      class="button"
      aria-pressed={saved}
      onClick={() => void toggle(playlist.uri).then(refresh)}
    >
      {t(saved ? "playlist.unfollow" : "playlist.follow")}
    </button>
  );
}

/** Which of several of the same track this one is, so that rows keep their identity. */
function occurrence(items: PlaylistItem[], index: number): number {
  const id = itemTrack(items[index] as PlaylistItem)?.id;
  return items.slice(0, index).filter((item) => itemTrack(item)?.id === id).length;
}

function coverOf(tracks: Track[]) {
  return tracks.find((track) => track.album.images.length > 0)?.album.images ?? [];
}

function kindOf(playlist: Playlist): string {
  if (playlist.collaborative) return t("playlist.collaborative");
  return t(playlist.public ? "playlist.playlist" : "playlist.private");
}
