import { ListMusic, Mic2, UserRound } from "lucide-preact";
import { useState } from "preact/hooks";

import type { Image } from "../api/types";
import { hueOf, imageFor } from "./format";

interface Props {
  images: Image[] | null | undefined;
  /** CSS pixels, at its largest. */
  size: number;
  /** Gives what has no picture a colour of its own. */
  seed: string;
  kind?: "album" | "artist" | "playlist" | "liked" | "mix" | "user";
  eager?: boolean;
}

/** A cover; it says nothing that the text beside it does not. */
export function Cover({ images, size, seed, kind = "album", eager = false }: Props) {
  const [broken, setBroken] = useState("");
  const image = imageFor(images, size);
  const shape = `cover ${kind}`;
  if (!image || image.url === broken) {
    return (
      <span class={`${shape} drawn`} style={{ "--hue": hueOf(seed) }} aria-hidden="true">
        <Mark kind={kind} />
      </span>
    );
  }
  return (
    <span class={shape} style={{ "--hue": hueOf(seed) }}>
      <img
        src={image.url}
        alt=""
        width={size}
        height={size}
        loading={eager ? "eager" : "lazy"}
        decoding="async"
        onError={() => setBroken(image.url)}
      />
      {kind === "mix" && <Bars />}
    </span>
  );
}

function Mark({ kind }: { kind: Props["kind"] }) {
  if (kind === "artist") return <Mic2 />;
  if (kind === "user") return <UserRound />;
  return kind === "playlist" ? <ListMusic /> : <Bars />;
}

function Bars() {
  return (
    <svg viewBox="0 0 32 32" fill="currentColor">
      <rect x="6.5" y="7" width="3.4" height="18" rx="1.7" />
      <rect x="12" y="11" width="3.4" height="14" rx="1.7" />
      <rect x="17.5" y="15" width="3.4" height="10" rx="1.7" />
      <rect x="23" y="21" width="3.4" height="4" rx="1.7" />
    </svg>
  );
}
