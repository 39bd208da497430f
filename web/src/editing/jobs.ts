/** Jobs as they are heard of, from the relay and from the API, in any order and more than once: the newest word wins. */

export const STATES = ["queued", "running", "cancelling", "result", "done", "cancelled", "failed"] as const;
export type JobState = (typeof STATES)[number];

/** All that is known of a job at one moment: the relay's snapshot, or what the API says of it. */
export interface Heard {
  readonly job: string;
  readonly attempt: number;
  readonly seq: number;
  readonly state: JobState;
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly fps: number | null;
  readonly eta_s: number | null;
  readonly message: string;
  /** The API said so, and that it has ended: nothing comes after that, whatever its numbers. */
  readonly settled: boolean;
}

/** Say whether nothing comes after this state, as far as who said it knows. */
export function hasEnded({ state }: Pick<Heard, "state">): boolean {
  return state === "done" || state === "cancelled" || state === "failed";
}

/** Return the newer of two words on one job: what is known unless the other comes after it. */
export function newest(known: Heard | undefined, heard: Heard): Heard {
  return known === undefined || order(heard, known) > 0 ? heard : known;
}

/** Read a frame of the relay's that is a snapshot; null for anything else. */
export function snapshotFrom(frame: unknown): Heard | null {
  if (typeof frame !== "object" || frame === null) return null;
  const { job, attempt, seq, state, phase, done, total, fps, eta_s, message } = frame as Record<string, unknown>;
  const known = STATES.find((one) => one === state);
  const counts = [attempt, seq, done, total];
  if (typeof job !== "string" || known === undefined || !counts.every(isCount)) return null;
  return {
    job,
    attempt: Number(attempt),
    seq: Number(seq),
    state: known,
    phase: typeof phase === "string" ? phase : "",
    done: Number(done),
    total: Number(total),
    fps: typeof fps === "number" ? fps : null,
    eta_s: typeof eta_s === "number" ? eta_s : null,
    message: typeof message === "string" ? message : "",
    settled: false,
  };
}

/**
 * Return a positive number if `a` comes after `b`. What has settled comes last; else (attempt, seq) decide; two that
 * share these are told apart by their states, then by all the rest, as the relay does it, so that every listener ends
 * with the same one.
 */
function order(a: Heard, b: Heard): number {
  const [left, right] = [places(a), places(b)];
  for (const [index, value] of left.entries()) {
    const other = right[index] as number | string;
    if (value !== other) return value > other ? 1 : -1;
  }
  return 0;
}

function places(heard: Heard): readonly (number | string)[] {
  const { settled, attempt, seq, state, done, total, phase, message, fps, eta_s } = heard;
  return [Number(settled), attempt, seq, STATES.indexOf(state), done, total, phase, message, fps ?? -1, eta_s ?? -1];
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
