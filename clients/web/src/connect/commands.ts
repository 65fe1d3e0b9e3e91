/** Carrying out what the platform tells this device, and saying what it plays in the same terms. */

import * as catalog from "../api/catalog";
import type { Command } from "../api/devices";
import * as playerApi from "../api/player";
import { volume } from "../app/settings";
import * as here from "../player/local";
import { canPlay } from "../player/playable";
import * as queues from "../player/queue";
import { idOf } from "../ui/format";

// Less than this apart is the same place.
const NEAR_S = 1;
const MOST_URIS = 500;

/** What this device plays, as a request to play it. */
export function startOf(at = here.position()): playerApi.Start | undefined {
  const queue = here.queue.value;
  const uri = here.entry.value?.track.uri;
  if (uri === undefined) return undefined;
  const positionMs = at * 1000;
  const context = queue.source.context;
  if (playerApi.isResolvable(context) && !queue.interlude) {
    return { context, offset: uri, positionMs };
  }
  const coming = queue.order.slice(queue.at, queue.at + MOST_URIS);
  const rest = coming.map((index) => queue.entries[index]?.track.uri);
  const uris = [...(queue.interlude ? [queue.interlude.track.uri] : []), ...rest];
  return { uris: uris.filter((each) => each !== undefined), positionMs };
}

/** `moved`: to another track, or to another place in it. */
export async function carryOut(told: Command, moved: boolean): Promise<void> {
  volume.value = told.volume_percent / 100;
  const at = (told.position_ms + (told.is_playing ? late(told) : 0)) / 1000;
  if (!told.uri) {
    here.pause();
    return;
  }
  const queue = here.queue.value;
  if (queue.repeat !== told.repeat_state) here.change({ ...queue, repeat: told.repeat_state });
  if (here.entry.value?.track.uri !== told.uri) {
    await change(told, at);
    return;
  }
  if (queue.shuffle !== told.shuffle_state || told.action === "queue") {
    here.change(await coming(told));
  }
  if (moved && Math.abs(here.position() - at) > NEAR_S) here.seek(at);
  if (told.is_playing && !here.isPlaying.value) await here.play();
  if (!told.is_playing && here.isPlaying.value) here.pause();
}

/** Another track: one that is to come here anyway, or whatever the platform says. */
async function change(told: Command, at: number): Promise<void> {
  const queue = here.queue.value;
  const known = [...queue.queued, ...queues.upcoming(queue, 50)].find(
    (entry) => entry.track.uri === told.uri,
  );
  const context = queue.source.context;
  const contextUri = playerApi.isResolvable(context) ? context.uri : "";
  const sameContext = contextUri === told.context_uri;
  const next = known && sameContext ? queues.jump(queue, known.key) : await coming(told);
  if (told.is_playing) {
    here.change(next);
    await here.playCurrent(at, "remote");
  } else {
    await here.cue(next, at);
  }
}

/** The queue as the platform has it. */
async function coming(told: Command): Promise<queues.Queue> {
  const [{ currently_playing, queue }, track] = await Promise.all([
    playerApi.queue(),
    catalog.track(idOf(told.uri)),
  ]);
  const rest = currently_playing?.uri === told.uri ? queue : [];
  const context = told.context_uri
    ? { uri: told.context_uri, type: told.context_uri.split(":").at(-2) ?? "" }
    : null;
  const before = here.queue.value;
  const begun = queues.begin(
    { ...before, shuffle: false, queued: [], repeat: told.repeat_state },
    { context, name: before.source.context?.uri === context?.uri ? before.source.name : "" },
    [track, ...rest.slice(told.queued).filter(canPlay)],
    0,
  );
  const playing = here.entry.value;
  const same = playing?.track.uri === told.uri;
  const entries = same && playing ? [playing, ...begun.entries.slice(1)] : begun.entries;
  const shuffled = { ...begun, entries, shuffle: told.shuffle_state };
  return queues.enqueue(shuffled, rest.slice(0, told.queued).filter(canPlay));
}

/** Milliseconds since it was told; clocks that are far apart say nothing. */
function late(told: Command): number {
  const passed = Date.now() - told.now;
  return passed > 0 && passed < 5000 ? passed : 0;
}
