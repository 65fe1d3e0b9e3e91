/** The top of an album, an artist, a playlist: its picture large, its name larger. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Image } from "../api/types";
import { Cover } from "./cover";
import { hueOf, imageFor } from "./format";

interface Props {
  kind: "album" | "artist" | "playlist" | "liked" | "mix" | "user";
  label: string;
  title: string;
  images: Image[] | null | undefined;
  seed: string;
  cover?: ComponentChildren;
  children?: ComponentChildren;
}

export function Head({ kind, label, title, images, seed, cover, children }: Props) {
  const header = useRef<HTMLElement>(null);
  const image = imageFor(images, 64)?.url;
  useEffect(() => {
    const box = header.current;
    if (!box) return;
    box.style.setProperty("--hue", String(hueOf(seed)));
    if (image === undefined) return;
    tintOf(image).then(
      (tint) => box.style.setProperty("--tint", tint),
      () => undefined,
    );
  }, [image, seed]);
  return (
    <header ref={header} class={`head ${kind}`}>
      {cover ?? <Cover images={images} size={232} seed={seed} kind={kind} eager />}
      <div class="head-text">
        <p class="label">{label}</p>
        <h1 class={title.length > 26 ? "long" : ""}>{title}</h1>
        <div class="head-facts">{children}</div>
      </div>
    </header>
  );
}

const SAMPLE = 8;

/** A picture's colour, the more colourful parts of it before the grey ones. */
async function tintOf(url: string): Promise<string> {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SAMPLE;
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  if (!brush) throw new Error("no canvas");
  brush.drawImage(picture, 0, 0, SAMPLE, SAMPLE);
  const { data } = brush.getImageData(0, 0, SAMPLE, SAMPLE);
  const sum = [0, 0, 0];
  let weight = 0;
  for (let at = 0; at < data.length; at += 4) {
    const colour = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
    const colourful = (Math.max(...colour) - Math.min(...colour) + 8) ** 2;
    weight += colourful;
    for (const channel of [0, 1, 2]) {
      sum[channel] = (sum[channel] ?? 0) + (colour[channel] ?? 0) * colourful;
    }
  }
  return `rgb(${sum.map((value) => Math.round(value / weight)).join(" ")})`;
}
