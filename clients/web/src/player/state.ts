/** What plays in this browser, for whoever shows it or tells others of it. */

import { computed, signal } from "@preact/signals";

import type { Problem } from "./problems";
import * as queues from "./queue";
import { NOTHING, type Queue } from "./queue";

export const queue = signal<Queue>(NOTHING);
export const isPlaying = signal(false);
export const isWaiting = signal(false);
export const problem = signal<Problem | undefined>(undefined);
export const isLossless = signal(false);
/** Changes at each jump in time, for whoever follows the position. */
export const jumps = signal(0);
export const entry = computed(() => queues.current(queue.value));
