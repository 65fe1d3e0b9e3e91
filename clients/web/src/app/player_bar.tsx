/** What plays, always at hand. */

import { ListMusic, MonitorSpeaker, Pause, Play, Volume1, Volume2, VolumeX } from "lucide-preact";

import { remote } from "../connect/remote";
import { t } from "../i18n";
import * as player from "../player/controls";
import { trouble } from "../player/fetching";
import { problem } from "../player/state";
import { usePosition } from "../player/ticker";
import { Cover } from "../ui/cover";
import { Artists, Like } from "../ui/parts";
import { Slider } from "../ui/slider";
import { clock } from "../ui/time";
import { Transport } from "../ui/transport";
import { path } from "./router";

export function PlayerBar() {
  const track = player.track.value;
  const hidden = path.value === "/now-playing";
  return (
    <section
      class={`bar ${track ? "" : "idle"} ${hidden ? "on-now" : ""}`}
      aria-label={t("player.title")}
    >
      <Trouble />
      {track ? (
        <div class="bar-track">
          <a href="/now-playing" class="bar-cover" aria-label={t("player.open")}>
            <Cover images={track.album.images} size={56} seed={track.album.uri} eager />
          </a>
          <div class="bar-names">
            <a class="name" href={`/album/${track.album.id}`}>
              {track.name}
            </a>
            <span class="quiet">
              <Artists artists={track.artists} />
            </span>
          </div>
          <Like uri={track.uri} name={track.name} />
        </div>
      ) : (
        <p class="bar-track quiet">{t("player.nothing")}</p>
      )}
      <div class="bar-middle">
        <Transport />
        <Progress />
      </div>
      <div class="bar-end">
        <a
          class="icon"
          href="/queue"
          aria-label={t("player.queue")}
          aria-current={path.value === "/queue" ? "page" : undefined}
        >
          <ListMusic size={19} aria-hidden="true" />
        </a>
        <a
          class={`icon ${remote.value ? "on" : ""}`}
          href="/devices"
          aria-label={t("player.devices")}
          aria-current={path.value === "/devices" ? "page" : undefined}
        >
          <MonitorSpeaker size={19} aria-hidden="true" />
        </a>
        <Volume />
      </div>
      <MiniButton />
      {remote.value && (
        <a class="elsewhere" href="/devices">
          <MonitorSpeaker size={14} aria-hidden="true" />
          {t("player.listening-on", { name: remote.value.state.device?.name ?? "" })}
        </a>
      )}
    </section>
  );
}

function Progress() {
  const position = usePosition();
  const duration = player.durationMs();
  const none = player.track.value === undefined;
  return (
    <div class="progress">
      <span class="time">{none ? "–:––" : clock(position)}</span>
      <Slider
        label={t("player.seek")}
        value={none ? 0 : Math.round(position / 1000)}
        max={Math.max(1, Math.round(duration / 1000))}
        step={1}
        text={(at) => t("player.seek.at", { at: clock(at * 1000), of: clock(duration) })}
        commit={(at) => void player.seek(at * 1000)}
      />
      <span class="time">{none ? "–:––" : clock(duration)}</span>
    </div>
  );
}

function Volume() {
  const loudness = player.loudness.value;
  const Icon = loudness === 0 ? VolumeX : loudness < 0.5 ? Volume1 : Volume2;
  return (
    <div class="volume">
      <button
        class="icon"
        aria-label={t(loudness === 0 ? "player.unmute" : "player.mute")}
        onClick={player.toggleMute}
      >
        <Icon size={19} aria-hidden="true" />
      </button>
      <Slider
        label={t("player.volume")}
        value={Math.round(loudness * 100)}
        max={100}
        step={1}
        text={(value) => `${value} %`}
        move={(value) => player.setVolume(value / 100)}
      />
    </div>
  );
}

/** On phones this stands in for the whole transport. */
function MiniButton() {
  const playing = player.isPlaying.value;
  return (
    <button
      class={`icon mini ${player.isWaiting.value ? "waiting" : ""}`}
      aria-label={t(playing ? "player.pause" : "player.play")}
      onClick={() => void player.toggle()}
    >
      {playing ? (
        <Pause size={24} fill="currentColor" aria-hidden="true" />
      ) : (
        <Play size={24} fill="currentColor" aria-hidden="true" />
      )}
    </button>
  );
}

const PROBLEMS = {
  explicit: "track.filtered",
  key: "player.error.key",
  media: "player.error",
  unavailable: "player.error",
  network: "player.error.network",
} as const;

function Trouble() {
  const waiting = trouble.value;
  const broken = problem.value;
  if (!waiting && !broken) return <span role="status" class="unseen" />;
  const text = broken
    ? t(PROBLEMS[broken])
    : t(waiting === "network" ? "player.error.network" : "player.error.server");
  return (
    <div class="trouble" role="status">
      <span>{text}</span>
      {broken && (
        <button class="link" onClick={() => void player.play()}>
          {t("action.retry")}
        </button>
      )}
    </div>
  );
}
