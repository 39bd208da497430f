import { LoaderCircle, MoveHorizontal, X } from "lucide-react";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { IconButton } from "../look/button.tsx";
import type { Saver } from "../saving/saver.ts";
import { type PreviewAsked, previewFrame } from "./previewing.ts";

interface SplitProps {
  readonly asked: Omit<PreviewAsked, "draft">;
  readonly saver: Saver;
  readonly onClose: () => void;
}

/** Before and after: one real frame as the camera saw it and as the network makes it, with the edge between in hand. */
export function Split({ asked, saver, onClose }: SplitProps) {
  const { before, after, fault } = usePair(asked, saver);
  const [share, setShare] = useState(0.5);
  const box = useRef<HTMLDivElement>(null);
  const drag = (event: PointerEvent) => {
    const { left, width } = box.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    setShare(Math.min(Math.max((event.clientX - left) / width, 0), 1));
  };
  const keyed = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -0.02, ArrowRight: 0.02, PageUp: -0.1, PageDown: 0.1, Home: -1, End: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setShare((now) => Math.min(Math.max(now + by, 0), 1));
  };
  return (
    <section
      ref={box}
      aria-label="Before and after"
      aria-busy={!(before && after) && !fault}
      className="absolute inset-0 touch-none overflow-hidden bg-picture text-on-scrim"
      onPointerDown={(event) => {
        if (!(event.target instanceof Element && event.target.closest("button"))) {
          event.currentTarget.setPointerCapture(event.pointerId);
          drag(event);
        }
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && drag(event)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    >
      {before ? (
        <img src={before} alt="Before: as the camera saw it" draggable={false} className="absolute inset-0 size-full" />
      ) : null}
      {after ? (
        <img
          src={after}
          alt="After: as the network makes it"
          draggable={false}
          className="absolute inset-0 size-full"
          style={{ clipPath: `inset(0 0 0 ${before ? share * 100 : 0}%)` }}
        />
      ) : null}
      {before && after ? (
        <>
          <span className="absolute bottom-2 left-2 rounded-plain bg-scrim px-2 font-strong text-12">Before</span>
          <span className="absolute right-2 bottom-2 rounded-plain bg-scrim px-2 font-strong text-12">After</span>
          <div
            role="slider"
            tabIndex={0}
            aria-label="Edge between before and after"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(share * 100)}
            onKeyDown={keyed}
            className="absolute inset-y-0 w-0.5 cursor-ew-resize bg-accent"
            style={{ left: `${share * 100}%` }}
          >
            <span className="touchable absolute! top-1/2 left-1/2 grid size-9 -translate-1/2 place-items-center rounded-full bg-accent text-on-accent">
              <MoveHorizontal aria-hidden size={18} />
            </span>
          </div>
        </>
      ) : (
        <div className="absolute inset-0 grid place-items-center p-4 text-center" role={fault ? "alert" : "status"}>
          {fault ? (
            <p className="rounded-plain bg-scrim p-3 text-pretty">{sentenceOf(fault)}</p>
          ) : (
            <p className="grid justify-items-center gap-2 rounded-plain bg-scrim p-3">
              <LoaderCircle aria-hidden size={24} className="turns" />
              {before ? "The network is at work on this frame" : "One frame is being made: a few seconds"}
            </p>
          )}
        </div>
      )}
      <IconButton
        icon={X}
        label="Close before and after"
        keys="Escape"
        measure="small"
        className="absolute! top-2 right-2 bg-scrim text-on-scrim!"
        onClick={onClose}
      />
    </section>
  );
}

interface Pair {
  readonly before: string | null;
  readonly after: string | null;
  readonly fault: unknown;
}

const NOTHING: Pair = { before: null, after: null, fault: null };

/** Ask for both pictures, of what is saved. */
function usePair({ project_id, clip, pts, aspect }: SplitProps["asked"], saver: Saver): Pair {
  const [pair, setPair] = useState(NOTHING);
  useEffect(() => {
    const ends = new AbortController();
    setPair(NOTHING);
    const ask = async () => {
      await saver.flushed();
      const wanted = { project_id, clip, pts, aspect };
      const get = async (name: "before" | "after") => {
        const url = await previewFrame({ ...wanted, draft: name === "before" }, ends.signal);
        setPair((now) => ({ ...now, [name]: url }));
      };
      await get("before"); // the quick one first: side by side, each would wait for the other's worker
      await get("after");
    };
    ask().catch((fault: unknown) => ends.signal.aborted || setPair((now) => ({ ...now, fault })));
    return () => ends.abort();
  }, [project_id, clip, pts, aspect, saver]);
  return pair;
}
