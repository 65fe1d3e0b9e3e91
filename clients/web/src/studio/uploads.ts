/** The files that are being sent from this page, one after another. */

import { signal } from "@preact/signals";

import * as api from "../api/studio";
import { ApiError } from "../api/error";
import { sendFile, SessionLost } from "./sending";

export type Stage = "waiting" | "reading" | "sending" | "interrupted" | "sent" | "failed";

export interface Sending {
  key: number;
  name: string;
  stage: Stage;
  /** 0 to 1. */
  part: number;
  /** The platform's own id of it, once it has one. */
  id: string;
  problem: string;
}

export const sendings = signal<readonly Sending[]>([]);

const AUDIO = /\.(flac|wav|aiff?|ogg|oga|opus|mp3|m4a|aac|mp4)$/i;
const IMAGE = /\.(jpe?g|png|webp)$/i;
const TRIES = 3;

let last = 0;
let queue: Promise<unknown> = Promise.resolve();

/** Sends those of the files that are music or pictures; `done` is told after each. */
export function add(files: File[], done: () => void): void {
  for (const file of files) {
    const kind = AUDIO.test(file.name) ? "audio" : IMAGE.test(file.name) ? "image" : undefined;
    if (!kind) continue;
    const key = ++last;
    const waiting: Sending = { key, name: file.name, stage: "waiting", part: 0, id: "", problem: "" };
    sendings.value = [...sendings.value, waiting];
    queue = queue.then(() => send(key, file, kind)).then(done);
  }
}

async function send(key: number, file: File, kind: "audio" | "image"): Promise<void> {
  try {
    change(key, { stage: "reading" });
    const request = {
      filename: file.name,
      size: file.size,
      sha256: await sha256(file),
      kind,
      group: folderOf(file),
    };
    for (let attempt = 1; ; attempt++) {
      const upload = await api.upload(request);
      change(key, { id: upload.id });
      if (!upload.upload_url) break;
      change(key, { stage: "sending" });
      try {
        await sendFile(file, upload.upload_url, progressOf(key, file.size), forever);
        break;
      } catch (error) {
        if (!(error instanceof SessionLost) || attempt >= TRIES) throw error;
      }
    }
    change(key, { stage: "sent", part: 1 });
  } catch (error) {
    const problem = error instanceof ApiError || error instanceof Error ? error.message : "";
    change(key, { stage: "failed", problem });
  }
}

const forever = new AbortController().signal;

function progressOf(key: number, size: number) {
  return {
    moved: (bytes: number) => change(key, { stage: "sending", part: size ? bytes / size : 1 }),
    interrupted: () => change(key, { stage: "interrupted" }),
  };
}

function change(key: number, what: Partial<Sending>): void {
  sendings.value = sendings.value.map((each) => (each.key === key ? { ...each, ...what } : each));
}

/** Files of one folder belong together where their tags do not say so. */
function folderOf(file: File): string {
  const path = file.webkitRelativePath;
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")).slice(0, 255) : "";
}

async function sha256(file: File): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
