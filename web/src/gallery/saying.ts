/** What is said of a reel, its versions and its links. */

import { saidMoment } from "../editing/said.ts";
import { clockSaid, dateHere, dateSaid, sizeSaid } from "../shell/times.ts";
import type { OtherFile, Reel, Share, Version } from "./reels.ts";

const KINDS: Readonly<Record<OtherFile["kind"], string>> = {
  working_video: "Framed video, without the spotlight",
  raw_clip: "Raw clip",
  download: "Annotated video",
};

/** Return a moment as people here say it: "Sun 22 Nov 2026, 12:04". */
export function whenSaid(moment: string): string {
  const at_ms = Date.parse(moment);
  return `${dateSaid(dateHere(at_ms))}, ${clockSaid(at_ms)}`;
}

/** Return the day of a moment that is told to the day, in UTC. */
export function daySaid(moment: string): string {
  return dateSaid(moment.slice(0, 10));
}

/** Return what a reel is called. */
export function titleOf({ name }: Pick<Reel, "name">): string {
  return name || "Untitled";
}

/** Return a version's line: "0:24 · 9:16". */
export function lengthSaid({ duration_s, aspect }: Pick<Version, "duration_s" | "aspect">): string {
  return `${saidMoment(Math.round(duration_s))} · ${aspect}`;
}

/** Return the line of a reel's card: "0:24 · 9:16 · 2 versions". */
export function lineOf({ newest, version_count }: Reel): string {
  return [lengthSaid(newest), version_count > 1 ? `${version_count} versions` : ""].filter(Boolean).join(" · ");
}

/** Return what is deleted with a reel, as a sentence. */
export function goesSaid({ version_count, small_copy }: Reel, shares: readonly Share[]): string {
  const open = shares.filter((share) => share.open).length;
  const parts = [
    version_count === 1 ? "The video" : `All ${version_count} versions`,
    small_copy ? "the small copy" : "",
    open === 1 ? "its share link" : open > 1 ? `its ${open} share links` : "",
  ].filter(Boolean);
  const goes = parts.length === 1 && version_count === 1 ? "goes" : "go";
  return `${listSaid(parts)} ${goes}, for good. The project and its footage stay.`;
}

/** Return how often a link was watched: "Watched 3 times, last on Sun 22 Nov 2026". */
export function watchedSaid({ views, viewed_at }: Share): string {
  if (views === 0 || viewed_at === null) return "Not watched yet";
  const times = views === 1 ? "Watched once" : `Watched ${views} times`;
  return `${times}, last on ${daySaid(viewed_at)}`;
}

/** Return until when a link opens, or why it does not any more. */
export function openSaid({ open, expires_at, revoked_at }: Share): string {
  if (open) return `Opens until ${whenSaid(expires_at)}`;
  return revoked_at ? `Revoked on ${whenSaid(revoked_at)}` : `Expired on ${whenSaid(expires_at)}`;
}

/** Return what a small copy is: "12 MB, 720 lines". */
export function smallSaid({ size_bytes, width_px, height_px }: NonNullable<Reel["small_copy"]>): string {
  return `${sizeSaid(size_bytes)}, ${Math.min(width_px, height_px)} lines`;
}

/** Return why a small copy has fewer lines than people expect; null where it has not. */
export function whyFewer({ width_px, height_px }: NonNullable<Reel["small_copy"]>): string | null {
  return Math.min(width_px, height_px) < 720 ? "A reel this long keeps to 16 MB with fewer lines." : null;
}

/** Return what a file is. */
export function fileSaid({ kind }: OtherFile): string {
  return KINDS[kind];
}

function listSaid(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
