import { ChevronDown, ListMusic, MonitorSpeaker, Music2 } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";

import { remote } from "../connect/remote";
import { t } from "../i18n";
import * as player from "../player/controls";
import { isLossless, queue } from "../player/state";
import { usePosition } from "../player/ticker";
import { Cover } from "../ui/cover";
import { Notice } from "../ui/notice";
import { Artists, Like } from "../ui/parts";
import { clock } from "../ui/time";
import { TrackMenu } from "../ui/track_menu";
import { Transport } from "../ui/transport";
import { Waveform } from "../ui/waveform";
import { useTitle } from "./title";

export function Now() {
  const track = player.track.value;
  useTitle(track?.name ?? t("player.now"));
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !document.querySelector("[role=menu], dialog[open]")) {
        history.back();
      }
    };
    document.addEventListener("keydown", leave);
    return () => document.removeEventListener("keydown", leave);
  }, []);
  if (!track) {
    return (
      <div class="page">
        <h1 class="unseen">{t("player.now")}</h1>
        <Notice icon={<Music2 />} title={t("player.nothing")} text={t("player.nothing.text")} />
      </div>
    );
  }
  return (
    <div class="now">
      <header class="now-top">
        <button
          ref={back}
          class="icon"
          aria-label={t("nav.back")}
          onClick={() => history.back()}
        >
          <ChevronDown size={24} aria-hidden="true" />
        </button>
        <p class="label">{from()}</p>
        <TrackMenu track={track} isChosen={isChosen()} />
      </header>
      <div class="now-body">
        <Cover images={track.album.images} size={480} seed={track.album.uri} eager />
        <div class="now-side">
          <div class="now-names">
            <div>
              <h1>{track.name}</h1>
              <p class="quiet">
                <Artists artists={track.artists} />
              </p>
            </div>
            <Like uri={track.uri} name={track.name} size={26} />
          </div>
          <Waveform />
          <Times />
          <Transport large />
          <div class="now-end">
            <a class={`icon ${remote.value ? "on" : ""}`} href="/devices" aria-label={t("player.devices")}>
              <MonitorSpeaker size={20} aria-hidden="true" />
            </a>
            {!remote.value && isLossless.value && <span class="badge">FLAC</span>}
            <a class="icon" href="/queue" aria-label={t("player.queue")}>
              <ListMusic size={20} aria-hidden="true" />
            </a>
          </div>
        </div>
      </div>
    </div>
  );
}

function Times() {
  const position = usePosition();
  return (
    <div class="times">
      <span>{clock(position)}</span>
      <span>{clock(player.durationMs())}</span>
    </div>
  );
}

/** Whether the platform chose what plays. */
function isChosen(): boolean {
  const type = player.context.value?.type;
  return type === "mix" || type === "radio";
}

function from(): string {
  const device = remote.value?.state.device?.name;
  if (device) return t("player.listening-on", { name: device });
  return queue.value.source.name || t("player.now");
}
