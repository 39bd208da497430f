/** Uploads: begun, paused, gone on with, given up. Each goes on by itself through cuts of the network. */

import { answered, api, newId, type Shown } from "../api/client.ts";
import { useConnection } from "../api/connection.ts";
import { ApiError, sentenceOf, Unreachable } from "../api/errors.ts";
import { refreshGames } from "../api/games.ts";
import { names, queries } from "../api/queries.ts";
import { pause as wait } from "../api/sending.ts";
import { fullJitter } from "../editing/backoff.ts";
import { fingerprint } from "./fingerprint.ts";
import { dropHandle, type Handle, handleIds, keepHandle, reopened } from "./handles.ts";
import { sendParts } from "./parts.ts";
import { PartLost, PartRefused } from "./put_part.ts";
import { marked } from "./rate.ts";
import { change, forget, isMoving, keepFile, put, type Uploading, uploadOf, useUploads } from "./store.ts";

/** A file that somebody brings, and to which part of which game. */
export interface Wish {
  readonly gameId: string;
  readonly part: number;
  readonly file: File;
  readonly handle?: Handle | undefined;
}

type Begun = Shown<"BegunOut">;

const AGAIN = { least_ms: 500, most_ms: 15_000 };
const TOLD_EVERY_MS = 200;

const running = new Map<string, AbortController>();
let arrivedListener: () => void = () => undefined;

/** Let something be done whenever a file has arrived: its job is followed. */
export function onArrived(listener: () => void): void {
  arrivedListener = listener;
}

/**
 * Begin to bring a file; return what the server made of that once it has answered: the sending goes on by itself.
 * Null if it was refused: the upload then stands as failed, and says why.
 */
export async function begin({ gameId, part, file, handle }: Wish): Promise<Begun | null> {
  const id = newId();
  put(fresh(id, { gameId, part, name: file.name, sizeBytes: file.size, reopens: handle !== undefined }));
  keepFile(id, file);
  try {
    const made = await fingerprint(file);
    const begun = await asked({ id, gameId, part, file, made });
    forget(id, begun.source.id !== id);
    keepFile(begun.source.id, file);
    if (handle) void keepHandle(begun.source.id, handle);
    await Promise.all([refreshGames(), queries.invalidateQueries({ queryKey: names.session })]);
    if (begun.upload) {
      put({ ...fromServer(begun.upload), standing: "sending", reopens: handle !== undefined });
      void run(begun.upload.id, file);
    }
    return begun;
  } catch (error) {
    change(id, { standing: "failed", fault: await faultOf(error, file) });
    return null;
  }
}

/** Begin anew to bring a file that the server never heard of; nothing where the file is not at hand. Follows a press. */
export async function beginAgain(id: string): Promise<void> {
  const [upload, file] = [uploadOf(id), useUploads.getState().files.get(id)];
  if (!upload || !file) return;
  forget(id, true);
  await begin({ gameId: upload.gameId, part: upload.part, file });
}

/** Stop an upload for now. */
export function pauseUpload(id: string): void {
  running.get(id)?.abort();
  change(id, { standing: "paused", marks: [] });
}

/** Go on with an upload whose file is at hand, or can be opened again; return whether it does. Follows a press. */
export async function goOn(id: string): Promise<boolean> {
  const file = useUploads.getState().files.get(id) ?? (await reopened(id));
  if (!file) {
    change(id, { reopens: false, standing: "lost" });
    return false;
  }
  return resume(id, file);
}

/** Go on with an upload with a file that was chosen again; return whether it is the right one. */
export async function resume(id: string, file: File): Promise<boolean> {
  const upload = uploadOf(id);
  if (!upload || isMoving(upload)) return false;
  change(id, { standing: "checking", fault: null });
  try {
    const right = file.size === upload.sizeBytes && (await fingerprint(file)) === upload.fingerprint;
    if (!right) {
      change(id, { standing: "lost", fault: `“${file.name}” is another file. Choose “${upload.name}” again.` });
      return false;
    }
  } catch (error) {
    change(id, { standing: "failed", fault: await faultOf(error, file) });
    return false;
  }
  keepFile(id, file);
  void run(id, file);
  return true;
}

/** Give an upload up, here and in the store. Raises ApiError and Unreachable. */
export async function giveUp(id: string): Promise<void> {
  running.get(id)?.abort();
  const known = uploadOf(id)?.fingerprint !== null;
  change(id, { standing: "paused" });
  if (known) await answered(api.DELETE("/api/uploads/{upload_id}", { params: { path: { upload_id: id } } }));
  forget(id, true);
  void dropHandle(id);
  await refreshGames();
}

/** Find the uploads that were begun before this page, or on another device. */
export async function findLost(): Promise<void> {
  const [page, reopening] = await Promise.all([
    answered(api.GET("/api/uploads", { params: { query: { limit: 100 } } })),
    handleIds(),
  ]);
  for (const upload of page.items) {
    if (!uploadOf(upload.id)) {
      put({ ...fromServer(upload), standing: "lost", reopens: reopening.has(upload.id) });
    }
  }
}

/** Return the upload that waits for this file, as far as its name and size tell. */
export function waitingFor(file: File): Uploading | undefined {
  return useUploads
    .getState()
    .uploads.find(
      ({ standing, name, sizeBytes }) => standing === "lost" && name === file.name && sizeBytes === file.size,
    );
}

async function run(id: string, file: File): Promise<void> {
  const control = new AbortController();
  running.get(id)?.abort();
  running.set(id, control);
  for (let failures = 0; ; failures += 1) {
    try {
      await sendWhole(id, file, control.signal);
      change(id, { standing: "done", sentBytes: file.size });
      arrivedListener();
      await refreshGames();
      forget(id);
      void dropHandle(id);
      return;
    } catch (error) {
      if (control.signal.aborted) return;
      if (!mayPass(error) || !(await isReadable(file))) {
        change(id, { standing: "failed", fault: await faultOf(error, file), marks: [] });
        return;
      }
      if ((uploadOf(id)?.marks.length ?? 0) > 1) failures = 0; // something went since: it is not the same cut
      change(id, { standing: "unreached", marks: [] });
      await aWhile(fullJitter(failures, Math.random(), AGAIN), control.signal);
      if (control.signal.aborted) return;
    }
  }
}

/** Wait; no longer than until the service answers again. */
function aWhile(wait_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = useConnection.subscribe((now, before) => {
      if (now.online && now.reached && !(before.online && before.reached)) done();
    });
    const done = () => {
      stop();
      resolve();
    };
    void wait(wait_ms, signal).then(done, done);
  });
}

/** Send what has not arrived, and join it. */
async function sendWhole(id: string, file: File, signal: AbortSignal): Promise<void> {
  const path = { upload_id: id };
  const upload = await answered(api.GET("/api/uploads/{upload_id}", { params: { path }, signal }));
  if (upload.completed_at === null) {
    change(id, { standing: "sending" });
    await sendParts(file, upload, signal, told(id));
    change(id, { standing: "joining", sentBytes: file.size, marks: [] });
  }
  await answered(api.POST("/api/uploads/{upload_id}/complete", { params: { path }, signal }));
}

/** Return what says how much has gone, a few times a second; also the last of it, after which nothing may come for long. */
function told(id: string): (bytes: number) => void {
  let newest = 0;
  let waiting = false;
  const tell = () => {
    waiting = false;
    const upload = uploadOf(id);
    if (upload?.standing !== "sending") return;
    change(id, { sentBytes: newest, marks: marked(upload.marks, performance.now(), newest) });
  };
  return (bytes) => {
    newest = bytes;
    if (waiting) return;
    waiting = true;
    setTimeout(tell, TOLD_EVERY_MS);
  };
}

async function asked({
  id,
  gameId,
  part,
  file,
  made,
}: Omit<Wish, "handle"> & { id: string; made: string }): Promise<Begun> {
  const type = /^[a-z]+\/[a-zA-Z0-9.+-]+$/.test(file.type) ? { content_type: file.type } : {};
  const body = { id, part, name: file.name, size_bytes: file.size, fingerprint: made, ...type };
  return answered(api.POST("/api/games/{game_id}/uploads", { params: { path: { game_id: gameId } }, body }));
}

/** Say whether an error may pass by itself: no network, a store that is away, an address that is too old. */
function mayPass(error: unknown): boolean {
  if (error instanceof PartLost || error instanceof Unreachable) return true;
  if (error instanceof PartRefused) return error.status !== 507 && error.status !== 400;
  if (!(error instanceof ApiError)) return false;
  const missing = error.code === "bad_field" && Array.isArray(error.details.missing);
  return missing || [429, 500, 502, 503, 504].includes(error.status);
}

async function faultOf(error: unknown, file: File): Promise<string> {
  if (!(await isReadable(file))) {
    return `“${file.name}” can no longer be read: it was moved, changed or taken out. Choose it again.`;
  }
  if (error instanceof PartRefused) return error.message;
  return error instanceof ApiError && error.code === "not_found"
    ? "This upload was given up elsewhere. Add the file again."
    : sentenceOf(error);
}

/** A browser holds a file to how it was when it was chosen: one that was moved or changed since is not read any more. */
export async function isReadable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function fromServer(upload: Shown<"UploadOut">): Uploading {
  const { id, game_id, part, name, size_bytes } = upload;
  return {
    ...fresh(id, { gameId: game_id, part, name, sizeBytes: size_bytes, reopens: false }),
    sentBytes: upload.arrived_bytes,
    fingerprint: upload.fingerprint,
  };
}

function fresh(id: string, said: Pick<Uploading, "gameId" | "part" | "name" | "sizeBytes" | "reopens">): Uploading {
  return { id, ...said, sentBytes: 0, standing: "checking", marks: [], fault: null, fingerprint: null };
}
