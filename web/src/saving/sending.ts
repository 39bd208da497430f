/** How what is saved goes to the API, and what its answers mean to the saver. */

import { answered, api, newId } from "../api/client.ts";
import { useConnection } from "../api/connection.ts";
import { ApiError, refusalFrom, Unreachable } from "../api/errors.ts";
import { send } from "../api/sending.ts";
import type { Fields, Queued } from "../editing/saves.ts";
import { bodyFrom, clipFrom, clipRevision, idOf, unsnapped } from "./clips.ts";
import { editRevision, projectOf, refusedEdit } from "./edits.ts";
import { type Outcome, Saver } from "./saver.ts";
import { ownPlace } from "./tabs.ts";

const METHODS: Readonly<Record<Queued["kind"], string>> = {
  create: "POST",
  change: "PATCH",
  replace: "PUT",
  remove: "DELETE",
};

let one: Promise<Saver> | null = null;

/** Return the one saver of this tab, with what was left unsaved before. */
export function theSaver(): Promise<Saver> {
  one ??= begun();
  return one;
}

async function begun(): Promise<Saver> {
  const { texts, keep } = await ownPlace(newId);
  const world = { send: sendWrite, now_ms: () => Date.now(), newKey: newId, random: Math.random, keep };
  const saver = new Saver(world, texts);
  useConnection.subscribe((now, before) => {
    if (now.online && now.reached && !(before.online && before.reached)) saver.hurry();
  });
  return saver;
}

async function sendWrite(write: Queued, body: Fields | null): Promise<Outcome> {
  const is_edit = projectOf(write.thing) !== null;
  const init: RequestInit = { method: METHODS[write.kind], headers: { "Idempotency-Key": write.key } };
  if (body) {
    init.headers = { ...init.headers, "Content-Type": "application/json" };
    init.body = JSON.stringify(is_edit ? body : bodyFrom(body));
  }
  try {
    const answer = await send(new Request(new URL(write.path, location.origin), init));
    const said: unknown = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (answer.ok) return { kind: "saved", revision: is_edit ? editRevision(said) : clipRevision(said), answer: said };
    const refusal = refusalFrom(said, answer.status);
    if (refusal.status === 429 || refusal.status >= 500) return later(answer);
    return is_edit ? refusedEdit(refusal) : await refusedClip(write, refusal);
  } catch (error) {
    if (error instanceof Unreachable || error instanceof ApiError) return { kind: "later", retry_after_s: null };
    throw error;
  }
}

function later(answer: Response): Outcome {
  const after_s = Number(answer.headers.get("Retry-After"));
  return { kind: "later", retry_after_s: Number.isFinite(after_s) ? after_s : null };
}

/** What a refusal of a clip's save means. */
async function refusedClip(write: Queued, { status, code, message }: ApiError): Promise<Outcome> {
  if (status === 404) return { kind: "gone", message: "This clip, or its game, was deleted elsewhere." };
  if (code !== "stale_revision" && code !== "already_exists") return { kind: "refused", message };
  const clip_id = idOf(write.thing) ?? "";
  const there = await answered(api.GET("/api/clips/{clip_id}", { params: { path: { clip_id } } }));
  return { kind: "stale", current: unsnapped(clipFrom(there), write.base), revision: there.revision, message };
}
