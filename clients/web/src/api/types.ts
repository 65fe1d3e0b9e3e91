/** The Web API's objects, as far as the player reads them. */

export interface Image {
  url: string;
  height: number | null;
  width: number | null;
}

export interface Page<T> {
  href: string;
  items: T[];
  limit: number;
  next: string | null;
  offset: number;
  previous: string | null;
  total: number;
}

export interface CursorPage<T> {
  items: T[];
  limit: number;
  next: string | null;
  cursors: { after?: string | null; before?: string | null } | null;
}

export interface ArtistRef {
  id: string;
  name: string;
  uri: string;
}

export interface Artist extends ArtistRef {
  followers: { total: number };
  genres: string[];
  images: Image[];
  popularity: number;
}

export interface SimpleAlbum {
  id: string;
  name: string;
  uri: string;
  album_type: string;
  album_group?: string;
  artists: ArtistRef[];
  images: Image[];
  release_date: string;
  total_tracks: number;
}

export interface SimpleTrack {
  id: string;
  name: string;
  uri: string;
  artists: ArtistRef[];
  disc_number: number;
  track_number: number;
  duration_ms: number;
  explicit: boolean;
  is_playable?: boolean;
  is_local?: boolean;
  restrictions?: { reason: string };
}

export interface Track extends SimpleTrack {
  album: SimpleAlbum;
  popularity: number;
}

export interface Album extends SimpleAlbum {
  copyrights: { text: string; type: string }[];
  genres: string[];
  label: string;
  tracks: Page<SimpleTrack>;
}

export interface PublicUser {
  id: string;
  display_name?: string | null;
}

export interface Me extends PublicUser {
  country: string;
  email?: string;
  explicit_content?: { filter_enabled: boolean; filter_locked: boolean };
  product: string;
}

export interface SimplePlaylist {
  id: string;
  name: string;
  uri: string;
  description: string | null;
  collaborative: boolean;
  public: boolean | null;
  owner: PublicUser;
  images: Image[] | null;
  snapshot_id: string;
  items?: { total: number };
  tracks?: { total: number };
}

export interface PlaylistItem {
  added_at: string | null;
  added_by: PublicUser | null;
  item?: Track | null;
  track?: Track | null;
}

export interface Playlist extends Omit<SimplePlaylist, "items" | "tracks"> {
  followers?: { total: number };
  items?: Page<PlaylistItem>;
  tracks?: Page<PlaylistItem>;
}

/** A playlist that the platform makes for one listener. `kind`: `daily-mix` and so on. */
export interface SimpleMix extends SimplePlaylist {
  kind: string;
}

/** Why a track is in a mix: `about` is an artist's name or empty, `text` the platform's own words. */
export interface Reason {
  kind: string;
  about: string;
  text: string;
}

export interface MixItem {
  item: Track;
  reason: Reason;
}

export interface Mix extends Omit<SimpleMix, "items" | "tracks"> {
  items: Page<MixItem>;
}

export interface SavedTrack {
  added_at: string;
  track: Track;
}

export interface SavedAlbum {
  added_at: string;
  album: Album;
}

export interface PlayHistory {
  played_at: string;
  track: Track;
  context: Context | null;
}

export interface Context {
  type: string;
  uri: string;
}

export interface SearchAnswer {
  tracks?: Page<Track>;
  artists?: Page<Artist>;
  albums?: Page<SimpleAlbum>;
  playlists?: Page<SimplePlaylist | null>;
}

export interface Category {
  id: string;
  name: string;
  icons: Image[];
}

export interface Device {
  id: string | null;
  is_active: boolean;
  is_restricted: boolean;
  name: string;
  type: string;
  volume_percent: number | null;
  supports_volume: boolean;
}

export interface PlayerState {
  device: Device | null;
  repeat_state: "off" | "context" | "track";
  shuffle_state: boolean;
  context: Context | null;
  timestamp: number;
  progress_ms: number | null;
  is_playing: boolean;
  item: Track | null;
}

export interface PlayerQueue {
  currently_playing: Track | null;
  queue: Track[];
}

export interface Stream {
  track_id: string;
  manifest_url: string;
  licence_url: string;
  peaks_url: string;
  expires_at: number;
  duration_ms: number;
  loudness: { integrated_lufs: number; true_peak_db: number };
  renditions: { name: string; codec: string; bitrate: number; lossless: boolean }[];
}

export interface Licence {
  keys: { kty: string; kid: string; k: string }[];
  type: string;
  expires_at?: number;
}

export interface Upload {
  id: string;
  status: "pending" | "processing" | "ready" | "rejected";
  filename: string;
  size: number;
  kind: "audio" | "image";
  upload_url?: string;
  track_id?: string;
  reason?: { code: string; message: string } | null;
  warnings?: string[];
  created_at: string;
  updated_at: string;
}
