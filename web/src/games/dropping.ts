/** What becomes of files that were dropped: some go on, some are clips at once, the rest may be a game. */

import { sentenceOf } from "../api/errors.ts";
import type { Game } from "../api/games.ts";
import { useToasts } from "../look/toast.tsx";
import { type Brought, durationOf, isShort, refusalOf } from "../uploads/files.ts";
import { resume, waitingFor } from "../uploads/uploading.ts";
import { addShort } from "./adding.ts";

/** Do with files what needs no question; return those that may be a game. `open` leads to a game. */
export async function sorted(files: readonly Brought[], open: (game: Game) => void): Promise<readonly Brought[]> {
  const { tell } = useToasts.getState();
  const left: Brought[] = [];
  for (const one of files) {
    const refusal = refusalOf(one.file);
    const upload = waitingFor(one.file);
    if (refusal) tell({ title: refusal, tone: "loss" });
    else if (upload) await resume(upload.id, one.file);
    else {
      const lasts_s = await durationOf(one.file);
      if (isShort(lasts_s)) await clipOf(one, lasts_s, open);
      else left.push(one);
    }
  }
  return left;
}

/** Return the files that may be footage; of each other it is said why not. */
export function usable(files: readonly Brought[]): readonly Brought[] {
  const { tell } = useToasts.getState();
  return files.filter(({ file }) => {
    const refusal = refusalOf(file);
    if (refusal) tell({ title: refusal, tone: "loss" });
    return refusal === null;
  });
}

async function clipOf(one: Brought, lasts_s: number, open: (game: Game) => void): Promise<void> {
  const { tell } = useToasts.getState();
  try {
    const game = await addShort(one, lasts_s);
    if (!game) return;
    tell({
      tone: "done",
      title: "A clip and its project are made",
      text: `Of all of “${one.file.name}”, while it uploads.`,
      action: { label: "Open", onPress: () => open(game) },
    });
  } catch (error) {
    tell({ title: `“${one.file.name}” was not added`, text: sentenceOf(error), tone: "loss" });
  }
}
