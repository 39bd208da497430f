/** Asking for the segments of the AI picture while it is being made, so that each is seen as soon as it is there. */

import { useEffect, useMemo, useRef, useState } from "react";
import { answered, api } from "../api/client.ts";
import { useJobs } from "../shell/jobs.ts";
import { type Asked, type Coming, pagesAnew } from "./segments.ts";

const PAGE = 100;
/** Sooner than that it is not asked again. */
const ASK_MS = 1000;

/** Return the segments of the job that makes a draft's AI picture, asked for anew as it gets on; `job_id` null: none. */
export function useSegments(job_id: string | null): Coming {
  const [pages, setPages] = useState<readonly Asked[]>([]);
  const asking = useRef<Asking | null>(null);
  const progress = useJobs(({ known }) => {
    const heard = job_id ? known.get(job_id)?.heard : undefined;
    return heard ? `${heard.state} ${heard.phase} ${heard.done}` : "";
  });
  useEffect(() => {
    if (!job_id) return;
    const made = new Asking(job_id, setPages);
    asking.current = made;
    return () => {
      made.close();
      asking.current = null;
      setPages([]);
    };
  }, [job_id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever it has got on
  useEffect(() => asking.current?.ask(), [job_id, progress]);
  const segments = pages.flatMap(({ items }) => items);
  const there = segments.filter(({ media }) => media);
  const name = there.map(({ begin_frame, media }) => `${begin_frame} ${media}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: by what is there, not by when it was asked
  return useMemo(() => ({ there, count: segments.length }), [name, segments.length]);
}

/** Asks for a job's segments: one call at a time, and not too often; what is wished for meanwhile comes after it. */
class Asking {
  readonly #job_id: string;
  readonly #told: (pages: readonly Asked[]) => void;
  readonly #ends = new AbortController();
  #pages: readonly Asked[] = [];
  #wanted = false;
  #runs = false;

  constructor(job_id: string, told: (pages: readonly Asked[]) => void) {
    this.#job_id = job_id;
    this.#told = told;
  }

  ask(): void {
    this.#wanted = true;
    if (!this.#runs) void this.#run();
  }

  close(): void {
    this.#ends.abort();
  }

  async #run(): Promise<void> {
    this.#runs = true;
    while (this.#wanted && !this.#ends.signal.aborted) {
      this.#wanted = false;
      await this.#askOnce();
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    }
    this.#runs = false;
  }

  async #askOnce(): Promise<void> {
    const { signal } = this.#ends;
    try {
      this.#pages = await pagesAnew(this.#pages, (after) => pageOf(this.#job_id, after, signal));
    } catch {
      return; // the draft is there; it is asked again as the job gets on
    }
    if (!signal.aborted) this.#told(this.#pages);
  }
}

function pageOf(id: string, after: string | null, signal: AbortSignal) {
  const query = after === null ? { limit: PAGE } : { limit: PAGE, after };
  return answered(api.GET("/api/jobs/{id}/segments", { params: { path: { id }, query }, signal }));
}
