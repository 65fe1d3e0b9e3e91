/** The waveform of what plays, to see where one is and to go elsewhere. */

import { useEffect, useRef, useState } from "preact/hooks";

import { t } from "../i18n";
import { durationMs, seek, track } from "../player/controls";
import { peaks as ask } from "../player/media";
import { usePosition } from "../player/ticker";
import { Slider } from "./slider";
import { clock } from "./time";

const BAR_PX = 3;
const GAP_PX = 2;

export function Waveform() {
  const id = track.value?.id;
  const [peaks, setPeaks] = useState<Float32Array | undefined>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const position = usePosition(100);
  const duration = durationMs();

  useEffect(() => {
    setPeaks(undefined);
    if (id === undefined) return undefined;
    const stopper = new AbortController();
    ask(id, stopper.signal).then(setPeaks, () => undefined);
    return () => stopper.abort();
  }, [id]);

  useEffect(() => {
    const box = canvas.current;
    if (!box) return undefined;
    const watcher = new ResizeObserver(() => setWidth(box.clientWidth));
    watcher.observe(box);
    return () => watcher.disconnect();
  }, []);

  useEffect(() => {
    if (canvas.current) draw(canvas.current, peaks, duration > 0 ? position / duration : 0);
  }, [peaks, position, duration, width]);

  return (
    <div class="waveform">
      <canvas ref={canvas} aria-hidden="true" />
      <Slider
        class="over-waveform"
        label={t("player.seek")}
        value={Math.round(position / 1000)}
        max={Math.max(1, Math.round(duration / 1000))}
        step={1}
        text={(at) => t("player.seek.at", { at: clock(at * 1000), of: clock(duration) })}
        commit={(at) => void seek(at * 1000)}
      />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, peaks: Float32Array | undefined, part: number): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const brush = canvas.getContext("2d");
  if (!brush || width === 0) return;
  brush.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const played = style.getPropertyValue("--accent");
  const ahead = style.getPropertyValue("--wave");
  const bars = Math.floor((width + GAP_PX) / (BAR_PX + GAP_PX));
  const loudest = peaks ? Math.max(0.05, ...peaks) : 1;
  for (let bar = 0; bar < bars; bar++) {
    const value = peaks ? peakOf(peaks, bar, bars) / loudest : 0.08;
    const tall = Math.max(3, value ** 1.3 * height);
    brush.fillStyle = (bar + 0.5) / bars <= part ? played : ahead;
    brush.beginPath();
    brush.roundRect(bar * (BAR_PX + GAP_PX), (height - tall) / 2, BAR_PX, tall, BAR_PX / 2);
    brush.fill();
  }
}

function peakOf(peaks: Float32Array, bar: number, bars: number): number {
  const from = Math.floor((bar * peaks.length) / bars);
  const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / bars));
  return Math.max(...peaks.subarray(from, to));
}
