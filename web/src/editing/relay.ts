/**
 * The relay's client: what happens makes a new state, and says what to do. No socket, no timer and no clock is in here.
 *
 * The relay is a doorbell: all of this works without it, by asking the API at 3, 5, 10 and then every 15 s. With it:
 * listen first, then ask for the list once, then merge; so that nothing falls between the two. A new epoch means that the
 * relay has forgotten what it knew: ask again. An open job that one hears nothing of for 15 s is asked for as well, since
 * the relay may be cut off from the workers and not from us.
 */

import { fullJitter } from "./backoff.ts";
import { type Heard, hasEnded, newest } from "./jobs.ts";

/** The codes with which the relay closes a socket. */
export const NEW_TICKET = 4401;
export const WRONG_ORIGIN = 4403;
export const TOO_MANY = 4429;

const POLLS_MS = [3000, 5000, 10_000, 15_000] as const;
const SLOWEST_MS = 15_000;
const RECONNECT = { least_ms: 250, most_ms: 15_000 };
const CROWDED = { least_ms: 15_000, most_ms: 60_000 };
/** The relay says something at least every 25 s; what is silent for two of these is dead. */
export const SILENT_MS = 60_000;
/** Only a connection that lasted counts as a success: one that is let in and dropped again would come back at once. */
const LASTED_MS = 30_000;

/** How the connection stands: off, waiting for a ticket, opening, open, or waiting to try again. */
export type Link = "off" | "ticket" | "opening" | "open" | "waiting";
export type Timer = "reconnect" | "poll" | "silence";

export interface Relay {
  readonly link: Link;
  readonly online: boolean;
  readonly visible: boolean;
  /** This page may not listen: it asks only. */
  readonly barred: boolean;
  readonly failures: number;
  readonly opened_ms: number;
  readonly epoch: string | null;
  /** How many times it has asked since it last listened. */
  readonly polls: number;
  /** When it asks next; null while that is not fixed. A reconnect that fails must not put it off. */
  readonly poll_ms: number | null;
  readonly jobs: ReadonlyMap<string, Known>;
}

export interface Known {
  readonly heard: Heard;
  readonly at_ms: number;
}

export type Happened =
  | { readonly type: "started" | "stopped" | "online" | "offline" | "shown" | "hidden" | "opened" | "refused" }
  /** There is no relay here: the API is asked only. */
  | { readonly type: "none" }
  | { readonly type: "timer"; readonly timer: Timer }
  | { readonly type: "ticket"; readonly ticket: string }
  | { readonly type: "hello"; readonly epoch: string }
  | { readonly type: "snapshot"; readonly heard: Heard }
  | { readonly type: "closed"; readonly code: number }
  /** The API's open jobs, as they were asked for at `asked_ms`; `whole` if that was all of them. */
  | { readonly type: "listed"; readonly jobs: readonly Heard[]; readonly asked_ms: number; readonly whole: boolean }
  | { readonly type: "unlisted" }
  | { readonly type: "told"; readonly heard: Heard }
  | { readonly type: "gone"; readonly job: string };

export type Act =
  | { readonly act: "ticket" | "list" | "close" }
  | { readonly act: "open"; readonly ticket: string }
  | { readonly act: "ask"; readonly job: string }
  | { readonly act: "wait"; readonly timer: Timer; readonly ms: number }
  | { readonly act: "forget"; readonly timer: Timer };

/** When it happened, in milliseconds of a clock that never goes back, and a random 0 ≤ r < 1. */
export interface Moment {
  readonly now_ms: number;
  readonly random: number;
}

export interface Turn {
  readonly relay: Relay;
  readonly acts: readonly Act[];
}

export const OFF: Relay = {
  link: "off",
  online: true,
  visible: true,
  barred: false,
  failures: 0,
  opened_ms: 0,
  epoch: null,
  polls: 0,
  poll_ms: null,
  jobs: new Map(),
};

/** Return what is so after something happened, and what to do about it. */
export function turned(relay: Relay, happened: Happened, moment: Moment): Turn {
  switch (happened.type) {
    case "started":
      return relay.link === "off" ? begun(relay) : still(relay);
    case "stopped":
      return {
        relay: { ...relay, link: "off", epoch: null, poll_ms: null },
        acts: [{ act: "close" }, ...forgetting(...TIMERS)],
      };
    case "online":
      return relay.link === "off" ? still({ ...relay, online: true }) : begun({ ...relay, online: true });
    case "offline":
      return parted({ ...relay, online: false });
    case "shown":
      return shown({ ...relay, visible: true });
    case "hidden":
      return polling({ ...relay, visible: false }, moment);
    case "ticket":
      if (relay.link !== "ticket") return still(relay);
      return { relay: { ...relay, link: "opening" }, acts: [{ act: "open", ticket: happened.ticket }] };
    case "refused":
      return relay.link === "ticket" ? again(relay, RECONNECT, moment) : still(relay);
    case "none":
      return relay.link === "ticket" ? slower({ ...relay, link: "waiting", barred: true }, [], moment) : still(relay);
    case "opened":
      return opened(relay, moment);
    case "hello":
      return heard(helloed(relay, happened.epoch));
    case "snapshot":
      return heard(learned(relay, [happened.heard], moment));
    case "closed":
      return closed(relay, happened.code, moment);
    case "timer":
      return rung(relay, happened.timer, moment);
    case "listed":
      return listed(relay, happened, moment);
    case "unlisted":
      return polling(relay, moment);
    case "told":
      return learned(relay, [happened.heard], moment);
    case "gone":
      return still({ ...relay, jobs: new Map([...relay.jobs].filter(([job]) => job !== happened.job)) });
  }
}

/** Return the jobs that have not ended, the ones heard of first at the front. */
export function openJobs({ jobs }: Relay): readonly Heard[] {
  return [...jobs.values()].map(({ heard: job }) => job).filter((job) => !hasEnded(job));
}

const TIMERS: readonly Timer[] = ["reconnect", "poll", "silence"];

/** Ask at once, and for a ticket beside it. */
function begun(relay: Relay): Turn {
  if (!relay.online) return still({ ...relay, link: "waiting" });
  const acts: readonly Act[] = [...forgetting("reconnect"), { act: "list" }];
  if (relay.barred) return { relay: { ...relay, link: "waiting", polls: 0 }, acts };
  return { relay: { ...relay, link: "ticket", polls: 0 }, acts: [...acts, { act: "ticket" }] };
}

/** No network: nothing is tried until it is back. */
function parted(relay: Relay): Turn {
  if (relay.link === "off") return still(relay);
  return { relay: { ...relay, link: "waiting", poll_ms: null }, acts: [{ act: "close" }, ...forgetting(...TIMERS)] };
}

function shown(relay: Relay): Turn {
  if (relay.link === "off" || !relay.online || relay.link === "open") return still(relay);
  return { relay: { ...relay, polls: 0 }, acts: [{ act: "list" }] };
}

function opened(relay: Relay, { now_ms }: Moment): Turn {
  if (relay.link !== "opening") return still(relay);
  const open: Relay = { ...relay, link: "open", opened_ms: now_ms, polls: 0 };
  return { relay: open, acts: [{ act: "list" }, waiting("silence", SILENT_MS)] };
}

/** The first hello names the relay's life; another one means that it has forgotten what it knew. */
function helloed(relay: Relay, epoch: string): Turn {
  const renewed = relay.epoch !== null && relay.epoch !== epoch;
  return { relay: { ...relay, epoch }, acts: renewed ? [{ act: "list" }] : [] };
}

/** Whatever was heard, the connection lives. */
function heard({ relay, acts }: Turn): Turn {
  return { relay, acts: relay.link === "open" ? [...acts, waiting("silence", SILENT_MS)] : acts };
}

function closed(relay: Relay, code: number, moment: Moment): Turn {
  if (relay.link !== "opening" && relay.link !== "open") return still(relay);
  const lasted = relay.link === "open" && moment.now_ms - relay.opened_ms >= LASTED_MS;
  const after: Relay = { ...relay, failures: lasted ? 0 : relay.failures };
  if (code === WRONG_ORIGIN) return slower({ ...after, link: "waiting", barred: true }, forgetting("silence"), moment);
  if (code === NEW_TICKET && after.failures === 0) {
    const asking: Relay = { ...after, link: "ticket", failures: 1 };
    return slower(asking, [...forgetting("silence"), { act: "ticket" }], moment);
  }
  return again(after, code === TOO_MANY ? CROWDED : RECONNECT, moment);
}

/** Try again in a while, and ask meanwhile. */
function again(relay: Relay, bounds: typeof RECONNECT, moment: Moment): Turn {
  const ms = fullJitter(relay.failures, moment.random, bounds);
  const later: Relay = { ...relay, link: "waiting", failures: relay.failures + 1 };
  return slower(later, [...forgetting("silence"), waiting("reconnect", ms)], moment);
}

/** Without a connection: what to do, and then ask the API by the clock. */
function slower(relay: Relay, acts: readonly Act[], moment: Moment): Turn {
  const turn = polling(relay, moment);
  return { relay: turn.relay, acts: [...acts, ...turn.acts] };
}

function rung(relay: Relay, timer: Timer, moment: Moment): Turn {
  if (relay.link === "off" || !relay.online) return still(relay);
  if (timer === "silence") {
    if (relay.link !== "open") return still(relay);
    const turn = again(relay, RECONNECT, moment);
    return { relay: turn.relay, acts: [{ act: "close" }, ...turn.acts] };
  }
  if (timer === "reconnect") {
    if (relay.link !== "waiting" || relay.barred) return still(relay);
    return { relay: { ...relay, link: "ticket" }, acts: [{ act: "ticket" }] };
  }
  const asked: Relay = { ...relay, poll_ms: null };
  if (relay.link !== "open") return { relay: { ...asked, polls: relay.polls + 1 }, acts: [{ act: "list" }] };
  const heard_ms = [...relay.jobs.values()].filter(({ heard: job }) => !hasEnded(job)).map(({ at_ms }) => at_ms);
  if (heard_ms.length === 0) return still(asked);
  const due_ms = Math.min(...heard_ms) + SLOWEST_MS;
  return due_ms <= moment.now_ms ? { relay: asked, acts: [{ act: "list" }] } : askingAt(asked, due_ms, moment);
}

/** Merge a list; open jobs that it lacks have ended or are gone: ask for each, unless heard of since. */
function listed(relay: Relay, list: Extract<Happened, { type: "listed" }>, moment: Moment): Turn {
  const there = new Set(list.jobs.map(({ job }) => job));
  const missing = [...relay.jobs.values()].filter(
    ({ heard: job, at_ms }) => list.whole && !hasEnded(job) && !there.has(job.job) && at_ms < list.asked_ms,
  );
  const learnt = learned(relay, list.jobs, moment);
  const polled = polling(learnt.relay, moment);
  const asks = missing.map(({ heard: job }): Act => ({ act: "ask", job: job.job }));
  return { relay: polled.relay, acts: [...asks, ...learnt.acts, ...polled.acts] };
}

/** Take in what was said of jobs; the first open one begins the clock by which they are asked for. */
function learned(relay: Relay, said: readonly Heard[], moment: Moment): Turn {
  const jobs = new Map(relay.jobs);
  for (const one of said) {
    jobs.set(one.job, { heard: newest(jobs.get(one.job)?.heard, one), at_ms: moment.now_ms });
  }
  const after = { ...relay, jobs };
  const first = openJobs(relay).length === 0 && openJobs(after).length > 0;
  return first ? polling(after, moment) : still(after);
}

/** Set the clock by which the API is asked; nobody asks for what nobody sees and nothing works on. */
function polling(relay: Relay, moment: Moment): Turn {
  if (relay.link === "off" || !relay.online) return still(relay);
  const works = openJobs(relay).length > 0;
  if (!works && (relay.link === "open" || !relay.visible)) {
    return { relay: { ...relay, poll_ms: null }, acts: forgetting("poll") };
  }
  const eager = works && relay.link !== "open" && relay.visible;
  return askingAt(relay, moment.now_ms + (eager ? (POLLS_MS[relay.polls] ?? SLOWEST_MS) : SLOWEST_MS), moment);
}

/** Ask at a time, unless it is sooner anyway. */
function askingAt(relay: Relay, at_ms: number, { now_ms }: Moment): Turn {
  if (relay.poll_ms !== null && relay.poll_ms <= at_ms) return still(relay);
  return { relay: { ...relay, poll_ms: at_ms }, acts: [waiting("poll", at_ms - now_ms)] };
}

function waiting(timer: Timer, ms: number): Act {
  return { act: "wait", timer, ms };
}

function forgetting(...timers: readonly Timer[]): readonly Act[] {
  return timers.map((timer) => ({ act: "forget", timer }));
}

function still(relay: Relay): Turn {
  return { relay, acts: [] };
}
