import {
  Disc3,
  Link,
  ListPlus,
  ListStart,
  ListX,
  Mic2,
  Plus,
  Radio,
  SquarePlus,
  ThumbsDown,
  UserMinus,
  UserX,
} from "lucide-preact";

import type { SimplePlaylist, Track } from "../api/types";
import { me } from "../auth/session";
import { t } from "../i18n";
import { hideArtist, hideTrack, lessOf } from "../library/opinions";
import { add, create, playlists } from "../library/playlists";
import { enqueue } from "../player/controls";
import { playRadio } from "../player/sources";
import { Menu, type Item } from "./menu";
import { toast } from "./toasts";

const SIZE = 18;

interface Props {
  track: Track;
  remove?: (() => void) | undefined;
  /** The platform chose it, so that the listener may say that they do not want it. */
  isChosen?: boolean;
}

export function TrackMenu({ track, remove, isChosen = false }: Props) {
  const items = (): Item[] => [
    {
      label: t("track.next"),
      icon: <ListStart size={SIZE} />,
      action: () => void enqueue([track], { first: true }),
    },
    {
      label: t("track.queue"),
      icon: <ListPlus size={SIZE} />,
      action: () => void enqueue([track]),
    },
    {
      label: t("track.playlist"),
      icon: <SquarePlus size={SIZE} />,
      items: () => playlistItems([track]),
    },
    {
      label: t("radio.start"),
      icon: <Radio size={SIZE} />,
      action: () => void playRadio("track", track.id, track.name),
    },
    ...(isChosen ? opinionItems(track) : []),
    ...(remove
      ? [{ label: t("track.remove"), icon: <ListX size={SIZE} />, action: remove }]
      : []),
    {
      label: t("track.go-album"),
      icon: <Disc3 size={SIZE} />,
      href: `/album/${track.album.id}`,
    },
    ...track.artists.slice(0, 3).map((artist) => ({
      label: t("track.go-artist", { name: artist.name }),
      icon: <Mic2 size={SIZE} />,
      href: `/artist/${artist.id}`,
    })),
    {
      label: t("track.share"),
      icon: <Link size={SIZE} />,
      action: () => void share(`/track/${track.id}`),
    },
  ];
  return <Menu label={t("track.more", { name: track.name })} items={items} class="icon more" />;
}

/** What the listener may say of a track that was chosen for them. */
function opinionItems(track: Track): Item[] {
  const [artist] = track.artists;
  const hide = {
    label: t("opinion.track"),
    icon: <ThumbsDown size={SIZE} />,
    action: () => hideTrack(track),
  };
  if (!artist) return [hide];
  return [
    hide,
    {
      label: t("opinion.artist.less", { name: artist.name }),
      icon: <UserMinus size={SIZE} />,
      action: () => lessOf(artist),
    },
    {
      label: t("opinion.artist", { name: artist.name }),
      icon: <UserX size={SIZE} />,
      action: () => hideArtist(artist),
    },
  ];
}

/** Those playlists that the listener may add to, and a new one. */
export function playlistItems(tracks: Track[]): Item[] {
  const name = tracks.length === 1 ? tracks[0]?.name : undefined;
  return [
    {
      label: t("library.new"),
      icon: <Plus size={SIZE} />,
      action: () => void create(tracks, name),
    },
    ...playlists.value.filter(isWritable).map((playlist) => ({
      label: playlist.name,
      action: () => void add(playlist, tracks),
    })),
  ];
}

export async function share(path: string): Promise<void> {
  const url = `${location.origin}${path}`;
  try {
    if (navigator.share && matchMedia("(pointer: coarse)").matches) {
      await navigator.share({ url });
    } else {
      await navigator.clipboard.writeText(url);
      toast(t("action.copied"));
    }
  } catch {
    // The listener changed their mind, or the browser does not let us.
  }
}

function isWritable(playlist: SimplePlaylist): boolean {
  return playlist.collaborative || playlist.owner.id === me.value?.id;
}
