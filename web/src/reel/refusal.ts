/** Test support: the refusal that a function comes to. */

import { ReelError } from "./errors.ts";

/** Return the ReelError that `act` raises. */
export function refusalOf(act: () => unknown): ReelError {
  try {
    act();
  } catch (refusal) {
    if (refusal instanceof ReelError) return refusal;
    throw refusal;
  }
  throw new Error("Nothing was refused.");
}
