/** Play, skip, shuffle and repeat. */

import { Pause, Play, Repeat, Repeat1, Shuffle, SkipBack, SkipForward } from "lucide-preact";

import { t } from "../i18n";
import * as player from "../player/controls";

export function Transport({ large = false }: { large?: boolean }) {
  const size = large ? 26 : 20;
  const playing = player.isPlaying.value;
  const repeat = player.repeat.value;
  const Again = repeat === "track" ? Repeat1 : Repeat;
  const none = player.track.value === undefined;
  return (
    <div class={`transport ${large ? "large" : ""}`}>
      <button
        class={`icon ${player.isShuffled.value ? "on" : ""}`}
        aria-label={t("player.shuffle")}
        aria-pressed={player.isShuffled.value}
        onClick={() => void player.setShuffle(!player.isShuffled.value)}
      >
        <Shuffle size={size - 2} aria-hidden="true" />
      </button>
      <button
        class="icon"
        aria-label={t("player.previous")}
        disabled={none}
        onClick={() => void player.previous()}
      >
        <SkipBack size={size} fill="currentColor" aria-hidden="true" />
      </button>
      <button
        class={`play ${large ? "large" : "compact"} ${player.isWaiting.value ? "waiting" : ""}`}
        aria-label={t(playing ? "player.pause" : "player.play")}
        disabled={none}
        onClick={() => void player.toggle()}
      >
        {playing ? (
          <Pause size={size} fill="currentColor" aria-hidden="true" />
        ) : (
          <Play size={size} fill="currentColor" aria-hidden="true" />
        )}
      </button>
      <button
        class="icon"
        aria-label={t("player.next")}
        disabled={none}
        onClick={() => void player.next()}
      >
        <SkipForward size={size} fill="currentColor" aria-hidden="true" />
      </button>
      <button
        class={`icon ${repeat === "off" ? "" : "on"}`}
        aria-label={t(`player.repeat.${repeat}`)}
        onClick={() => void player.cycleRepeat()}
      >
        <Again size={size - 2} aria-hidden="true" />
      </button>
    </div>
  );
}
