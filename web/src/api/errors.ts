/** What a call can come to beside an answer: the API said no, or nothing came. */

import type codes from "./codes.json";
import type { components } from "./schema.ts";

/** Every code that the API answers with; those of HTTP itself beside them. */
export type ApiCode = keyof typeof codes | "method_not_allowed" | "body_too_large" | "unsupported_media_type";

type ErrorOut = components["schemas"]["ErrorOut"];

/** The API said no, and why in a sentence for people. */
export class ApiError extends Error {
  readonly code: ApiCode;
  readonly status: number;
  readonly details: ErrorOut["details"];
  readonly requestId: string | null;

  constructor(said: ErrorOut, status: number) {
    super(said.message);
    this.name = "ApiError";
    this.code = said.code as ApiCode;
    this.status = status;
    this.details = said.details;
    this.requestId = said.request_id;
  }
}

/** Nothing came back: no network, the service is away, or it took too long. Nobody knows whether it was done. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super("Reel Ballers does not answer. Try again in a moment.", { cause });
    this.name = "Unreachable";
  }
}

/** Return a refusal from what came back, whatever that is: something between us and the API may answer in its place. */
export function refusalFrom(body: unknown, status: number): ApiError {
  if (isErrorOut(body)) return new ApiError(body, status);
  const message = `The answer could not be read (${status}).`;
  return new ApiError({ code: "internal", message, details: {}, request_id: null }, status);
}

/** Say whether an error is a refusal with one of these codes. */
export function isRefusal(error: unknown, ...codes: readonly ApiCode[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));
}

/** Return what to tell a person about an error: what the API said, or what else is so. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError || error instanceof Unreachable ? error.message : "Something went wrong here.";
}

function isErrorOut(body: unknown): body is ErrorOut {
  if (typeof body !== "object" || body === null) return false;
  const { code, message, details } = body as Record<string, unknown>;
  return typeof code === "string" && typeof message === "string" && typeof details === "object" && details !== null;
}
