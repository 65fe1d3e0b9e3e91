/** Short messages that come and go, and are read out. */

import { signal } from "@preact/signals";
import { X } from "lucide-preact";

import { t } from "../i18n";

type Kind = "plain" | "bad";

/** What the listener may do about it while it is shown. */
interface Action {
  label: string;
  run: () => void;
}

interface Toast {
  id: number;
  text: string;
  kind: Kind;
  action: Action | undefined;
}

const SHOWN_MS = 5000;
// Whoever is to decide gets more time.
const ASKED_MS = 9000;
const MOST = 3;

const toasts = signal<readonly Toast[]>([]);
let last = 0;

export function toast(text: string, kind: Kind = "plain", action?: Action): void {
  const id = ++last;
  const others = toasts.value.filter((each) => each.text !== text);
  toasts.value = [...others.slice(1 - MOST), { id, text, kind, action }];
  setTimeout(() => dismiss(id), action ? ASKED_MS : SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((each) => (
        <div key={each.id} class={`toast ${each.kind}`}>
          <span>{each.text}</span>
          {each.action && <Act id={each.id} action={each.action} />}
          <button class="icon small" aria-label={t("action.close")} onClick={() => dismiss(each.id)}>
            <X size={16} aria-hidden="true" />
          </button>
        </div>
      ))}
    </div>
  );
}

function Act({ id, action }: { id: number; action: Action }) {
  const press = (): void => {
    dismiss(id);
    action.run();
  };
  return (
    <button class="link" onClick={press}>
      {action.label}
    </button>
  );
}
