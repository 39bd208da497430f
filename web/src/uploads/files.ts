/** Files as a person brings them: what can be told of one before a byte has gone. */

import type { Handle } from "./handles.ts";

/** A file, and the browser's handle on it where there is one. */
export interface Brought {
  readonly file: File;
  readonly handle?: Handle | undefined;
}

/** As the API takes them (reel/keys.py). */
export const ENDINGS = ["mp4", "m4v", "mov", "webm", "mkv", "ts", "mts", "m2ts"] as const;
/** For a field that chooses files. */
export const ACCEPTED = `video/*,${ENDINGS.map((ending) => `.${ending}`).join(",")}`;

const MOST_BYTES = 20e9;
const LONGEST_SHORT_S = 60;
const LOOK_MS = 4000;
const ONCE = { once: true };

/** Return why a file cannot be taken, in a sentence; null if it may be footage. */
export function refusalOf({ name, size }: Pick<File, "name" | "size">): string | null {
  const ending = name.includes(".") ? (name.split(".").at(-1) ?? "").toLowerCase() : "";
  if (!ENDINGS.some((one) => one === ending)) {
    return `“${name}” is not a video that can be used here: ${ENDINGS.slice(0, 5).join(", ")} and mpegts can.`;
  }
  if (size === 0) return `“${name}” is empty.`;
  return size > MOST_BYTES ? `“${name}” is larger than 20 GB.` : null;
}

/** Return how long a file lasts, in seconds, as far as this browser can tell; null where it cannot. */
export function durationOf(file: File): Promise<number | null> {
  return new Promise((resolve) => {
    const url = URL.createObjectURL(file);
    const video = document.createElement("video");
    const done = (seconds: number | null) => {
      clearTimeout(late);
      video.removeAttribute("src");
      video.load(); // lets go of the file: what it still asks for would be an error
      URL.revokeObjectURL(url);
      resolve(seconds);
    };
    const late = setTimeout(() => done(null), LOOK_MS);
    video.preload = "metadata";
    video.addEventListener("loadedmetadata", () => done(Number.isFinite(video.duration) ? video.duration : null), ONCE);
    video.addEventListener("error", () => done(null), ONCE);
    video.src = url;
  });
}

/** Say whether a length is that of a short phone video: of one play, not of a match. */
export function isShort(lasts_s: number | null): lasts_s is number {
  return lasts_s !== null && lasts_s >= 1 && lasts_s <= LONGEST_SHORT_S;
}

/** Return files in the order in which they were filmed, as far as that shows: by name, numbers as numbers. */
export function inOrder(brought: readonly Brought[]): readonly Brought[] {
  return [...brought].sort((a, b) => a.file.name.localeCompare(b.file.name, "en", { numeric: true }));
}

/** Return the files of a drop, with their handles where the browser gives them. Has to be called in the event itself. */
export async function droppedFiles(data: DataTransfer): Promise<readonly Brought[]> {
  const items = [...data.items].filter(({ kind }) => kind === "file");
  const found = items.map(async (item): Promise<Brought | null> => {
    const file = item.getAsFile();
    const handle = await handleOf(item);
    return file ? { file, ...(handle ? { handle } : {}) } : null;
  });
  return (await Promise.all(found)).filter((one) => one !== null);
}

async function handleOf(item: DataTransferItem): Promise<Handle | undefined> {
  const { getAsFileSystemHandle } = item as { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };
  const handle = await getAsFileSystemHandle?.call(item).catch(() => null);
  return handle?.kind === "file" ? (handle as Handle) : undefined;
}
