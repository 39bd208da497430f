import { useMutation } from "@tanstack/react-query";
import { useLocation, useNavigate } from "react-router";
import { useStore } from "zustand";
import { sentenceOf } from "../api/errors.ts";
import type { Stuck } from "../editing/saves.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { useToasts } from "../look/toast.tsx";
import { useSavedElsewhere } from "../shell/elsewhere.ts";
import { clockSaid } from "../shell/times.ts";
import { bothChanged, listed } from "./conflict.ts";
import { copyProject } from "./copying.ts";
import type { OpenedProject } from "./use_project.ts";

/** An edit that could not be saved: changed on both sides, deleted elsewhere, or refused. The person says what stays. */
export function StaleEdit({ opened }: { readonly opened: OpenedProject }) {
  const { editing, saver, project } = opened;
  const stuck = useStore(saver.state, ({ saves }) => saves.stuck.find(({ thing }) => thing === editing.thing));
  const saved = useSavedElsewhere(editing.thing, 0);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const letGo = () => {
    saver.takeTheirs(editing.thing);
    return editing.load().catch(() => undefined); // the banner tells that nobody answers
  };
  const copy = useMutation({
    mutationFn: () => copyProject(editing.edit),
    onSuccess: (id) => {
      void letGo();
      useToasts.getState().tell({ title: "Yours is a project of its own now", tone: "done" });
      void navigate(pathname.replace(project.id, id));
    },
    onError: (error) =>
      useToasts.getState().tell({ title: "The copy was not made", text: sentenceOf(error), tone: "loss" }),
  });
  if (!stuck) return null;
  const { title, text, away } = wordsOf(stuck, saved?.at_ms ?? null);
  return (
    <div className="px-2 pt-2 tablet:px-4">
      <Banner
        tone="doubt"
        title={title}
        text={text}
        actions={
          <>
            <Button measure="small" onClick={() => void letGo()}>
              {away}
            </Button>
            <Button measure="small" busy={copy.isPending} onClick={() => copy.mutate()}>
              Keep mine as a copy
            </Button>
          </>
        }
      />
    </div>
  );
}

function wordsOf(stuck: Stuck, at_ms: number | null) {
  if (stuck.why === "gone") {
    return { title: "This project was deleted elsewhere.", text: "What you changed is not saved.", away: "Let it go" };
  }
  if (stuck.why === "refused") {
    return { title: "This could not be saved.", text: stuck.message, away: "Let it go" };
  }
  const where = at_ms === null ? "on another device" : `in another tab at ${clockSaid(at_ms)}`;
  const parts = bothChanged(stuck);
  const text = parts.length ? `Both changed ${listed(parts)}.` : "Both changed the same.";
  return { title: `This project was changed ${where}.`, text, away: "Load theirs" };
}
