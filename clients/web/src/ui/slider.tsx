/** A slider that can be dragged, clicked and moved with the keys. */

import { useRef, useState } from "preact/hooks";

interface Props {
  label: string;
  /** 0 to `max`. */
  value: number;
  max: number;
  step: number;
  text?: (value: number) => string;
  /** Told while it moves. */
  move?: (value: number) => void;
  /** Told where it is let go. */
  commit?: (value: number) => void;
  class?: string;
}

export function Slider({ label, value, max, step, text, move, commit, class: name = "" }: Props) {
  const [held, setHeld] = useState<number | undefined>();
  const settle = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const shown = held ?? value;
  const part = max > 0 ? Math.min(1, shown / max) : 0;
  return (
    <input
      type="range"
      class={`slider ${name}`}
      aria-label={label}
      aria-valuetext={text?.(shown)}
      min={0}
      max={max}
      step={step}
      value={shown}
      style={{ "--part": part }}
      onInput={(event) => {
        const next = Number(event.currentTarget.value);
        clearTimeout(settle.current);
        if (commit) setHeld(next);
        move?.(next);
      }}
      onChange={(event) => {
        commit?.(Number(event.currentTarget.value));
        // Until the player has followed, the old position would flash up.
        settle.current = setTimeout(() => setHeld(undefined), 250);
      }}
    />
  );
}
