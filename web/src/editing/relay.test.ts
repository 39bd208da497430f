import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Heard, hasEnded, newest, STATES, snapshotFrom } from "./jobs.ts";
import {
  type Act,
  type Happened,
  NEW_TICKET,
  OFF,
  openJobs,
  type Relay,
  SILENT_MS,
  TOO_MANY,
  turned,
  WRONG_ORIGIN,
} from "./relay.ts";

const JOB = "01970d3c-8f5e-7a10-9c3b-2f6d1e4a5b6c";

function heard(more: Partial<Heard> = {}): Heard {
  const nothing = { phase: "rendering", done: 0, total: 100, fps: null, eta_s: null, message: "", settled: false };
  return { job: JOB, attempt: 1, seq: 1, state: "running", ...nothing, ...more };
}

/** Feed what happens, each at its time; return where it ends and what was to be done at the last. */
function story(...events: readonly (Happened | readonly [now_ms: number, Happened])[]) {
  let [relay, acts]: [Relay, readonly Act[]] = [OFF, []];
  for (const one of events) {
    const [now_ms, happened] = "type" in one ? [0, one] : one;
    const turn = turned(relay, happened, { now_ms, random: 0.5 });
    [relay, acts] = [turn.relay, turn.acts];
  }
  return { relay, acts };
}

const OPEN: readonly Happened[] = [{ type: "started" }, { type: "ticket", ticket: "t" }, { type: "opened" }];
const listed = (jobs: readonly Heard[], asked_ms = 0, whole = true): Happened => ({
  type: "listed",
  jobs,
  asked_ms,
  whole,
});

describe("words on a job", () => {
  const words: fc.Arbitrary<Heard> = fc
    .record({
      job: fc.constantFrom("a", "b"),
      attempt: fc.nat(2),
      seq: fc.nat(3),
      state: fc.constantFrom(...STATES),
      done: fc.nat(2),
      fps: fc.constantFrom(null, 0, 24.5),
      settled: fc.boolean(),
    })
    .map((one) => heard({ ...one, settled: one.settled && hasEnded(one) }));

  test("come to the same end in any order, however often they come", () => {
    const stories = fc.array(words, { minLength: 1, maxLength: 8 }).chain((said) => {
      const twice = fc.shuffledSubarray([...said, ...said, ...said], { minLength: said.length * 3 });
      return fc.tuple(fc.constant(said), twice);
    });
    fc.assert(
      fc.property(stories, ([said, again]) => {
        const ends = [said, again].map((order) => {
          const { relay } = story(...order.map((one): Happened => ({ type: "snapshot", heard: one })));
          return new Map([...relay.jobs].map(([job, { heard: known }]) => [job, known]));
        });
        expect(ends[1]).toEqual(ends[0]);
      }),
      { numRuns: 500 },
    );
  });

  test("never take progress back within an attempt, and never open what has settled", () => {
    fc.assert(
      fc.property(words, fc.array(words), (first, said) => {
        let known = first;
        for (const one of said.filter(({ job }) => job === first.job)) {
          const next = newest(known, one);
          expect([next.attempt, next.seq] >= [known.attempt, known.seq] || next.settled).toBe(true);
          expect(known.settled && !next.settled).toBe(false);
          known = next;
        }
      }),
    );
  });

  test("are read from the relay's frames, and nothing else is", () => {
    const frame = {
      user: "u",
      job: JOB,
      attempt: 1,
      seq: 2,
      phase: "rendering",
      done: 3,
      total: 9,
      fps: 2.5,
      eta_s: null,
      state: "running",
      message: "",
    };
    expect(snapshotFrom(frame)).toEqual(heard({ seq: 2, done: 3, total: 9, fps: 2.5 }));
    const bad = [
      null,
      "ping",
      { relay: "r", epoch: "e", now: 1 },
      { ...frame, seq: -1 },
      { ...frame, state: "lost" },
      { ...frame, job: 7 },
    ];
    expect(bad.map(snapshotFrom)).toEqual(bad.map(() => null));
  });
});

describe("the relay's client", () => {
  test("asks the API at once, and for a ticket beside it", () => {
    expect(story({ type: "started" }).acts).toContainEqual({ act: "list" });
    expect(story({ type: "started" }).acts).toContainEqual({ act: "ticket" });
  });

  test("listens first and asks then, so that nothing falls between", () => {
    expect(story(...OPEN).acts[0]).toEqual({ act: "list" });
    expect(story(...OPEN).relay.link).toBe("open");
  });

  test("asks at 3, 5, 10 and then every 15 s while it cannot listen", () => {
    let { relay } = story({ type: "started" }, { type: "refused" });
    const waits: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      const turn = turned(relay, listed([heard()]), { now_ms: n, random: 0.5 });
      waits.push(...turn.acts.flatMap((act) => (act.act === "wait" && act.timer === "poll" ? [act.ms] : [])));
      const next = turned(turn.relay, { type: "timer", timer: "poll" }, { now_ms: n, random: 0.5 });
      expect(next.acts).toEqual([{ act: "list" }]);
      relay = next.relay;
    }
    expect(waits).toEqual([3000, 5000, 10_000, 15_000, 15_000, 15_000]);
  });

  test("asks for nothing that nobody sees and nothing works on", () => {
    const hidden = story({ type: "started" }, { type: "refused" }, { type: "hidden" });
    expect(hidden.acts).toEqual([{ act: "forget", timer: "poll" }]);
    const working = story({ type: "started" }, { type: "refused" }, { type: "hidden" }, listed([heard()]));
    expect(working.acts).toEqual([{ act: "wait", timer: "poll", ms: 15_000 }]);
  });

  test("asks again when the relay has begun a new life", () => {
    const first = story(...OPEN, { type: "hello", epoch: "one" });
    expect(first.acts).not.toContainEqual({ act: "list" });
    const again = story(...OPEN, { type: "hello", epoch: "one" }, { type: "hello", epoch: "two" });
    expect(again.acts).toContainEqual({ act: "list" });
  });

  test("asks for open jobs that a list lacks, unless it heard of them since", () => {
    const known: Happened = { type: "snapshot", heard: heard() };
    const lacking = story(...OPEN, [5, known], [20, listed([], 10)]);
    expect(lacking.acts).toContainEqual({ act: "ask", job: JOB });
    expect(story(...OPEN, [15, known], [20, listed([], 10)]).acts).not.toContainEqual({ act: "ask", job: JOB });
    expect(story(...OPEN, [5, known], [20, listed([], 10, false)]).acts).not.toContainEqual({ act: "ask", job: JOB });
    expect(openJobs(story(...OPEN, [5, known], { type: "gone", job: JOB }).relay)).toEqual([]);
  });

  test("gets a new ticket at once when its own is used up, but not over and over", () => {
    const close: Happened = { type: "closed", code: NEW_TICKET };
    expect(story(...OPEN, close).acts).toContainEqual({ act: "ticket" });
    const twice = story(...OPEN, close, { type: "ticket", ticket: "u" }, { type: "opened" }, close);
    expect(twice.acts).not.toContainEqual({ act: "ticket" });
    expect(twice.relay.link).toBe("waiting");
    const later = story(...OPEN, [40_000, close]);
    expect([later.relay.link, later.relay.failures]).toEqual(["ticket", 1]);
  });

  test("never listens again where it may not, and asks on", () => {
    const barred = story(...OPEN, { type: "snapshot", heard: heard() }, { type: "closed", code: WRONG_ORIGIN });
    expect(barred.acts).toContainEqual({ act: "wait", timer: "poll", ms: 3000 });
    expect(turned(barred.relay, { type: "timer", timer: "reconnect" }, { now_ms: 9, random: 0 }).acts).toEqual([]);
    const online = turned(barred.relay, { type: "online" }, { now_ms: 9, random: 0 });
    expect(online.acts.some(({ act }) => act === "ticket")).toBe(false);
  });

  test("asks only where there is no relay", () => {
    const none = story({ type: "started" }, listed([heard()]), { type: "none" });
    expect(none.acts.map(({ act }) => act)).not.toContain("open");
    expect(none.relay.poll_ms).toBe(3000);
    const later = turned(none.relay, { type: "timer", timer: "reconnect" }, { now_ms: 60_000, random: 0 });
    expect(later.acts).toEqual([]);
    expect(turned(none.relay, { type: "online" }, { now_ms: 9, random: 0 }).acts).toEqual([
      { act: "forget", timer: "reconnect" },
      { act: "list" },
    ]);
  });

  test("waits longer where there is a crowd, and longer with every failure that did not last", () => {
    const wait = (acts: readonly Act[]) =>
      acts.flatMap((act) => (act.act === "wait" && act.timer === "reconnect" ? [act.ms] : []))[0];
    expect(wait(story(...OPEN, { type: "closed", code: TOO_MANY }).acts)).toBeGreaterThanOrEqual(15_000);
    const drop: Happened = { type: "closed", code: 1006 };
    let { relay, acts } = story(...OPEN, drop);
    const waits = [wait(acts)];
    for (let n = 0; n < 6; n += 1) {
      const events: Happened[] = [
        { type: "timer", timer: "reconnect" },
        { type: "ticket", ticket: "t" },
        { type: "opened" },
        drop,
      ];
      for (const one of events) ({ relay, acts } = turned(relay, one, { now_ms: 0, random: 0.5 }));
      waits.push(wait(acts));
    }
    expect(waits).toEqual([375, 625, 1125, 2125, 4125, 7625, 7625]);
    const lasted = story(...OPEN, [31_000, drop]);
    expect(wait(lasted.acts)).toBe(375);
  });

  test("gives a silent connection up", () => {
    const silent = story(...OPEN, [SILENT_MS, { type: "timer", timer: "silence" }]);
    expect(silent.acts[0]).toEqual({ act: "close" });
    expect(silent.relay.link).toBe("waiting");
    expect(story(...OPEN, [5, { type: "snapshot", heard: heard() }]).acts).toContainEqual({
      act: "wait",
      timer: "silence",
      ms: SILENT_MS,
    });
  });

  test("does nothing without a network, and all at once when it is back", () => {
    const offline = story(...OPEN, { type: "offline" });
    expect(offline.acts[0]).toEqual({ act: "close" });
    expect(turned(offline.relay, { type: "timer", timer: "poll" }, { now_ms: 1, random: 0 }).acts).toEqual([]);
    const back = turned(offline.relay, { type: "online" }, { now_ms: 2, random: 0 });
    expect(back.acts).toEqual(expect.arrayContaining([{ act: "list" }, { act: "ticket" }]));
  });
});

/** A world around the client: an API with a job, a relay that comes and goes, timers that ring on time. */
interface World {
  readonly ends_ms: number;
  readonly relay_up: (now_ms: number) => boolean;
  readonly workers_reach_relay: boolean;
}

/** Run the client in a world until it knows that the job has ended; return how late it learnt it, or null. */
function lateness(world: World): number | null {
  const timers = new Map<string, number>();
  let relay = OFF;
  let [up, seq, connected] = [true, 0, false];
  const limit = world.ends_ms + 120_000;
  let now_ms = 0;
  const feed = (happened: Happened): void => {
    const turn = turned(relay, happened, { now_ms, random: (now_ms % 97) / 97 });
    relay = turn.relay;
    for (const act of turn.acts) perform(act);
  };
  const job = () => {
    const over = now_ms >= world.ends_ms;
    return heard({ seq, state: over ? "done" : "running", settled: over });
  };
  const perform = (act: Act): void => {
    if (act.act === "wait") timers.set(act.timer, now_ms + act.ms);
    else if (act.act === "forget") timers.delete(act.timer);
    else if (act.act === "close") connected = false;
    else if (act.act === "list") feed(listed(now_ms >= world.ends_ms ? [] : [job()], now_ms));
    else if (act.act === "ask") feed({ type: "told", heard: job() });
    else if (act.act === "ticket") feed({ type: "ticket", ticket: "t" });
    else if (up) {
      connected = true;
      feed({ type: "opened" });
      feed({ type: "hello", epoch: "e" });
    } else feed({ type: "closed", code: 1006 });
  };
  feed({ type: "started" });
  for (; now_ms <= limit; now_ms += 250) {
    up = world.relay_up(now_ms);
    if (!up && connected) {
      connected = false;
      feed({ type: "closed", code: 1006 });
    }
    for (const [timer, at_ms] of [...timers]) {
      if (timers.get(timer) !== at_ms || at_ms > now_ms) continue;
      timers.delete(timer);
      feed({ type: "timer", timer: timer as "poll" });
    }
    if (connected && now_ms % 2000 === 0 && world.workers_reach_relay) {
      seq += 1;
      feed({ type: "snapshot", heard: { ...job(), settled: false } });
    }
    if (connected && now_ms % 25_000 === 0) feed({ type: "hello", epoch: "e" });
    const known = relay.jobs.get(JOB)?.heard;
    if (known && hasEnded(known)) return now_ms - world.ends_ms;
  }
  return null;
}

test("an end is known at most 15 s late, whether the relay is up, down, in between, or cut off from the workers", () => {
  const stretches = fc.array(fc.integer({ min: 250, max: 60_000 }), { maxLength: 6 });
  fc.assert(
    fc.property(
      fc.integer({ min: 500, max: 200_000 }),
      stretches,
      fc.boolean(),
      fc.boolean(),
      (ends_ms, lasts, first, reach) => {
        const relay_up = (now_ms: number) => {
          let at = 0;
          const turns = lasts.filter((one) => {
            at += one;
            return at <= now_ms;
          }).length;
          return turns % 2 === 0 ? first : !first;
        };
        const late = lateness({ ends_ms, relay_up, workers_reach_relay: reach });
        expect(late).not.toBeNull();
        expect(late).toBeLessThanOrEqual(15_250); // the world's own step
      },
    ),
    { numRuns: 150 },
  );
});
