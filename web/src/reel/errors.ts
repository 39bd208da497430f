/** What the domain can say no with: the codes and sentences of reel/errors.py. The API's other codes are not said here. */

export type Json = boolean | number | string | null | readonly Json[] | { readonly [name: string]: Json };
export type Details = Readonly<Record<string, Json>>;

export const SENTENCES = {
  bad_field: "A field has a wrong value.",
  empty_span: "The out point is not after the in point.",
  clip_outside_source: "The clip reaches past the end of its source.",
  clip_length_out_of_range: "A clip lasts 1 to 60 seconds.",
  crop_outside_picture: "The crop reaches outside the picture.",
  keyframes_out_of_order: "Two keyframes stand at the same time, or not in order.",
  spotlights_overlap: "Two spotlights of one clip overlap in time.",
  spotlight_too_short: "A spotlight lasts at least half a second.",
  speeds_overlap: "Two speed changes of one clip overlap in time.",
  no_clips: "There is no clip to make a reel of.",
  tsv_damaged: "The clip list has faults.",
} as const;

export type Code = keyof typeof SENTENCES;

/** Something went wrong: a stable code, a sentence for people, details for machines. */
export class ReelError extends Error {
  readonly code: Code;
  readonly details: Details;

  constructor(code: Code, details: Details = {}, message: string = SENTENCES[code]) {
    super(message);
    this.name = "ReelError";
    this.code = code;
    this.details = details;
  }
}

/** A value of the wrong type, range or name; `field` is a JSON pointer. */
export function badField(field: string, message: string): ReelError {
  return new ReelError("bad_field", { field }, field ? `${field}: ${message}` : message);
}
