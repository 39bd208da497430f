/** The uploads of this page: how each stands. What does the work is in sending.ts. */

import { create } from "zustand";
import type { Marks } from "./rate.ts";

/**
 * How an upload stands. `checking`: its fingerprint is worked out, and the server asked. `unreached`: tried again by itself.
 * `lost`: it was begun before a reload, or on another device, and its file is not at hand.
 */
export type Standing = "checking" | "sending" | "unreached" | "paused" | "lost" | "joining" | "done" | "failed";

export interface Uploading {
  /** That of the source that it becomes. */
  readonly id: string;
  readonly gameId: string;
  readonly part: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  readonly standing: Standing;
  readonly marks: Marks;
  /** Why it failed, in a sentence. */
  readonly fault: string | null;
  /** The server's word for the file; null until it is worked out. */
  readonly fingerprint: string | null;
  /** The browser can open the file again by itself, if the person lets it. */
  readonly reopens: boolean;
}

interface Uploads {
  readonly uploads: readonly Uploading[];
  /** Files at hand, by the source that they become: they play while they are sent. */
  readonly files: ReadonlyMap<string, File>;
}

export const useUploads = create<Uploads>(() => ({ uploads: [], files: new Map() }));

/** Put an upload in the place of the one with its id, or at the end. */
export function put(upload: Uploading): void {
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.some(({ id }) => id === upload.id)
      ? uploads.map((one) => (one.id === upload.id ? upload : one))
      : [...uploads, upload],
  }));
}

/** Change what is said of an upload; nothing, if it is gone. */
export function change(id: string, changes: Partial<Uploading>): void {
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.map((one) => (one.id === id ? { ...one, ...changes } : one)),
  }));
}

/** Forget an upload; its file stays at hand unless it is to go as well. */
export function forget(id: string, withFile = false): void {
  useUploads.setState(({ uploads, files }) => {
    const left = new Map(files);
    if (withFile) left.delete(id);
    return { uploads: uploads.filter((one) => one.id !== id), files: left };
  });
}

/** Return an upload by its id. */
export function uploadOf(id: string): Uploading | undefined {
  return useUploads.getState().uploads.find((one) => one.id === id);
}

/** Keep a file at hand. */
export function keepFile(id: string, file: File): void {
  useUploads.setState(({ files }) => ({ files: new Map(files).set(id, file) }));
}

/** Return the file of a source, if this page has it: to play it before it has arrived. */
export function useLocalFile(sourceId: string): File | undefined {
  return useUploads(({ files }) => files.get(sourceId));
}

/** Say whether an upload is under way by itself. */
export function isMoving({ standing }: Uploading): boolean {
  return standing === "checking" || standing === "sending" || standing === "unreached" || standing === "joining";
}
