/** The files of a game that are at hand: they play while they are sent, and on after that. */

import { useEffect, useRef, useState } from "react";
import type { Source } from "../api/games.ts";
import { useUploads } from "../uploads/store.ts";
import { isReadable } from "../uploads/uploading.ts";

/** A file that this browser can read the length of. */
export interface Local {
  readonly url: string;
  readonly duration_s: number;
  /** It was moved, changed or taken out since: it can no longer be read. */
  readonly is_gone: boolean;
}

/** A file and the address that it is lent. */
interface Lent {
  readonly file: File;
  readonly url: string;
}

/** Chromium tells nothing of a file that is gone: it tries again and again, and no seek is answered. So it is looked at. */
const LOOK_MS = 2000;
const NONE: ReadonlyMap<string, Local> = new Map();

/** Return the files at hand by their sources. A file's address stays the same while it is: what plays is not begun anew. */
export function useLocals(sources: readonly Source[]): ReadonlyMap<string, Local> {
  const files = useUploads((uploads) => uploads.files);
  const [locals, setLocals] = useState(NONE);
  const lent = useRef(new Map<string, Lent>());
  const ids = sources.map(({ id }) => id).join();
  useEffect(() => {
    const wanted = ids.split(",").filter((id) => files.has(id));
    for (const [id, { file, url }] of lent.current) {
      if (wanted.includes(id) && files.get(id) === file) continue;
      URL.revokeObjectURL(url);
      lent.current.delete(id);
      setLocals((before) => new Map([...before].filter(([other]) => other !== id)));
    }
    for (const id of wanted) {
      const file = files.get(id);
      if (!file || lent.current.has(id)) continue;
      const one = { file, url: URL.createObjectURL(file) };
      lent.current.set(id, one);
      void durationOf(one.url).then((duration_s) => {
        if (!duration_s || lent.current.get(id) !== one) return;
        setLocals((before) => new Map(before).set(id, { url: one.url, duration_s, is_gone: false }));
      });
    }
  }, [ids, files]);
  useEffect(
    () => () => {
      for (const { url } of lent.current.values()) URL.revokeObjectURL(url);
      lent.current.clear();
    },
    [],
  );
  useEffect(() => {
    const here = [...locals].filter(([, { is_gone }]) => !is_gone).map(([id]) => id);
    if (here.length === 0) return;
    const timer = setInterval(() => {
      for (const id of here) {
        const one = lent.current.get(id);
        if (one) void isReadable(one.file).then((can) => can || lent.current.get(id) !== one || setLocals(without(id)));
      }
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [locals]);
  return locals;
}

/** Return what marks a source's file as gone. */
function without(id: string) {
  return (before: ReadonlyMap<string, Local>) => {
    const local = before.get(id);
    return local ? new Map(before).set(id, { ...local, is_gone: true }) : before;
  };
}

function durationOf(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    const probe = document.createElement("video");
    probe.preload = "metadata";
    probe.onloadedmetadata = () => resolve(Number.isFinite(probe.duration) ? probe.duration : null);
    probe.onerror = () => resolve(null);
    probe.src = url;
  });
}
