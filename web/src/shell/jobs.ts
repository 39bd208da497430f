/** The jobs of this account as the page knows them: heard of from the relay, or asked for; and what to do as each ends. */

import { create } from "zustand";
import { answered, api, type Shown } from "../api/client.ts";
import { isRefusal } from "../api/errors.ts";
import { names, queries } from "../api/queries.ts";
import { type Heard, hasEnded } from "../editing/jobs.ts";
import { type Act, type Happened, OFF, openJobs, type Relay, type Timer, turned } from "../editing/relay.ts";
import { Socket } from "./socket.ts";

export type Job = Shown<"JobOut">;

/** A job as it is shown: what it is of from the API, how far it is from whoever spoke last. */
export interface JobShown {
  readonly job: Job;
  readonly heard: Heard;
}

interface Jobs {
  readonly known: ReadonlyMap<string, JobShown>;
}

/** All jobs that were open while this page was. */
export const useJobs = create<Jobs>(() => ({ known: new Map() }));

/** What else is done when a job ends: its notice, say. */
export type Ended = (ended: JobShown) => void;

const STOPS_AFTER_MS = 60_000;

let relay: Relay = OFF;
let stopping: ReturnType<typeof setTimeout> | undefined;
const timers = new Map<Timer, ReturnType<typeof setTimeout>>();
const listeners = new Set<Ended>();
const socket = new Socket((happened) => happen(happened));

/** Follow jobs from now on, while there are any: call it whenever one may have begun. */
export function watchJobs(): void {
  clearTimeout(stopping);
  if (relay.link === "off") {
    happen({ type: "started" });
    if (!navigator.onLine) happen({ type: "offline" });
  } else void list();
}

/** Be told of each job that ends. Returns what stops that. */
export function onEnded(listener: Ended): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follow what the device says of its network and whether the page is seen. Returns what stops that. */
export function followDevice(): () => void {
  const online = () => happen({ type: navigator.onLine ? "online" : "offline" });
  const seen = () => happen({ type: document.hidden ? "hidden" : "shown" });
  window.addEventListener("online", online);
  window.addEventListener("offline", online);
  document.addEventListener("visibilitychange", seen);
  return () => {
    window.removeEventListener("online", online);
    window.removeEventListener("offline", online);
    document.removeEventListener("visibilitychange", seen);
    happen({ type: "stopped" });
  };
}

/** Stop a job. Raises ApiError and Unreachable. */
export async function cancelJob(id: string): Promise<void> {
  const job = await answered(api.DELETE("/api/jobs/{id}", { params: { path: { id } } }));
  told(job);
}

function happen(happened: Happened): void {
  const before = relay;
  const turn = turned(relay, happened, { now_ms: performance.now(), random: Math.random() });
  relay = turn.relay;
  for (const act of turn.acts) doing(act);
  if (before.jobs !== relay.jobs) show(before);
}

function doing(act: Act): void {
  switch (act.act) {
    case "ticket":
      void ticket();
      break;
    case "list":
      void list();
      break;
    case "close":
      socket.close();
      break;
    case "open":
      socket.open(act.ticket);
      break;
    case "ask":
      void ask(act.job);
      break;
    case "wait":
      clearTimeout(timers.get(act.timer));
      timers.set(
        act.timer,
        setTimeout(() => happen({ type: "timer", timer: act.timer }), act.ms),
      );
      break;
    case "forget":
      clearTimeout(timers.get(act.timer));
  }
}

async function ticket(): Promise<void> {
  try {
    const given = await answered(api.POST("/api/ws-ticket"));
    if (!given.ticket || !given.url) return happen({ type: "none" });
    socket.url = given.url;
    socket.protocol = given.protocol ?? "";
    happen({ type: "ticket", ticket: given.ticket });
  } catch {
    happen({ type: "refused" });
  }
}

async function list(): Promise<void> {
  const asked_ms = performance.now();
  try {
    const page = await answered(api.GET("/api/jobs", { params: { query: { active: true, limit: 100 } } }));
    remember(page.items);
    happen({ type: "listed", jobs: page.items.map(heardFrom), asked_ms, whole: page.next === null });
  } catch {
    happen({ type: "unlisted" });
  }
}

const asking = new Set<string>();
/** Jobs that this page saw at work: the relay also tells what ended before anybody looked. */
const seen = new Set<string>();

async function ask(id: string): Promise<void> {
  if (asking.has(id)) return;
  asking.add(id);
  try {
    told(await answered(api.GET("/api/jobs/{id}", { params: { path: { id } } })));
  } catch (error) {
    if (isRefusal(error, "not_found")) happen({ type: "gone", job: id });
  } finally {
    asking.delete(id);
  }
}

function told(job: Job): void {
  remember([job]);
  happen({ type: "told", heard: heardFrom(job) });
}

function remember(jobs: readonly Job[]): void {
  const known = new Map(useJobs.getState().known);
  for (const job of jobs) known.set(job.id, { job, heard: known.get(job.id)?.heard ?? heardFrom(job) });
  useJobs.setState({ known });
}

/** Show what is known now; ask for what was only heard of; say what has ended. */
function show(before: Relay): void {
  const known = new Map(useJobs.getState().known);
  for (const [id, { heard }] of relay.jobs) {
    if (!hasEnded(heard)) seen.add(id);
    const there = known.get(id);
    if (there === undefined) {
      if (seen.has(id)) void ask(id);
      continue;
    }
    known.set(id, { ...there, heard });
    // The relay says so before the answer is in the person's database: that is asked for, and says it for good.
    const was = before.jobs.get(id)?.heard;
    if (hasEnded(heard) && !heard.settled && was !== heard) void ask(id);
    if (heard.settled && !was?.settled && seen.has(id)) ended({ job: there.job, heard });
  }
  for (const id of known.keys()) if (!relay.jobs.has(id)) known.delete(id);
  useJobs.setState({ known });
  clearTimeout(stopping);
  if (openJobs(relay).length === 0) stopping = setTimeout(() => happen({ type: "stopped" }), STOPS_AFTER_MS);
}

function ended(one: JobShown): void {
  for (const name of [names.games, names.projects, names.reels]) void queries.invalidateQueries({ queryKey: name });
  for (const listener of listeners) listener(one);
}

function heardFrom(job: Job): Heard {
  const { phase, done, total, fps, eta_s } = job.progress ?? { phase: "", done: 0, total: 0, fps: null, eta_s: null };
  const message = typeof job.error?.message === "string" ? job.error.message : "";
  const settled = job.settled_at !== null;
  return {
    job: job.id,
    attempt: job.attempt,
    seq: job.seq,
    state: job.state,
    phase,
    done,
    total,
    fps,
    eta_s,
    message,
    settled,
  };
}
