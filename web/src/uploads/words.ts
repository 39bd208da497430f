/** What is said of an upload. */

import { saidMoment } from "../editing/said.ts";
import { leftOf, rateOf } from "./rate.ts";
import type { Uploading } from "./store.ts";

/** Return how an upload stands: "Uploading", "Paused". */
export function standingSaid({ standing }: Uploading): string {
  switch (standing) {
    case "checking":
      return "Looking at the file";
    case "sending":
      return "Uploading";
    case "unreached":
      return "Waiting for the network";
    case "paused":
      return "Paused";
    case "lost":
      return "Waiting for its file";
    case "joining":
      return "Putting it together";
    case "done":
      return "Uploaded";
    case "failed":
      return "Not uploaded";
  }
}

/** Return how fast an upload goes and how long it takes still: "12.4 MB/s · 3:20 left". */
export function paceOf({ marks, sizeBytes, standing }: Uploading): string {
  if (standing !== "sending") return "";
  const [rate, left_s] = [rateOf(marks), leftOf(marks, sizeBytes)];
  const speed = rate === null ? "" : `${(rate / 1e6).toFixed(rate < 1e7 ? 1 : 0)} MB/s`;
  const left = left_s === null ? "" : left_s < 1 ? "a moment left" : `${saidMoment(Math.ceil(left_s))} left`;
  return [speed, left].filter(Boolean).join(" · ");
}
