import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { saidMoment } from "../editing/said.ts";
import { gameSeconds } from "../player/game.ts";
import type { Player } from "../player/player.ts";
import { useColours } from "./colours.ts";
import type { Lane } from "./lane.ts";
import { Lanes } from "./lanes.tsx";
import type { Looking } from "./looking.ts";
import { brushOf, paintDetail } from "./paint.ts";
import { paintOverview } from "./paint_overview.ts";
import { type Deeds, followPointers } from "./pointers.ts";
import type { Scene } from "./scene.ts";
import { DETAIL_PX, FLAG_PX, OVERVIEW_PX } from "./sizes.ts";

interface TimelineProps {
  readonly scene: Scene;
  readonly looking: Looking;
  readonly player: Player | null;
  readonly deeds: Deeds;
  /** What the playhead is in, for who does not see it: "in Brilliant Goal". */
  readonly saidAt: (tick: number) => string;
  /** What else is moved in time, below the strips: keyframes, speeds. */
  readonly lanes?: readonly Lane[];
  /** On a phone there is no room for the whole above the stretch. */
  readonly isLow?: boolean;
}

/**
 * The timeline: the whole game above, a stretch of it below. All that can be done here by dragging can be done by keys,
 * and by the list of clips.
 */
export function Timeline({ scene, looking, player, deeds, saidAt, lanes, isLow = false }: TimelineProps) {
  return (
    <section aria-label="Timeline" className="grid select-none gap-1.5">
      <div className={isLow ? "max-desk:hidden" : undefined}>
        <Overview scene={scene} looking={looking} player={player} deeds={deeds} />
      </div>
      <Detail scene={scene} looking={looking} player={player} deeds={deeds} saidAt={saidAt} />
      {lanes?.length ? <Lanes lanes={lanes} looking={looking} player={player} deeds={deeds} /> : null}
    </section>
  );
}

function Overview({ scene, looking, player, deeds }: Omit<TimelineProps, "saidAt">) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const sight = useRef<HTMLDivElement>(null);
  const width_px = useWidth(box);
  const colours = useColours();
  const { out_pts } = scene.clock.span;

  useLayoutEffect(() => {
    const brush = canvas.current && width_px ? brushOf(canvas.current, width_px, OVERVIEW_PX) : null;
    if (brush) paintOverview(brush, scene, width_px, colours);
  }, [scene, width_px, colours]);

  useEffect(() => {
    const place = () => {
      const { start_pts, px_per_tick, width_px: wide } = looking.view;
      if (!sight.current) return;
      const share = wide / px_per_tick / out_pts;
      sight.current.hidden = share > 0.999; // all of it is in sight below
      sight.current.style.left = `${(start_pts / out_pts) * 100}%`;
      sight.current.style.width = `${share * 100}%`;
    };
    place();
    return looking.state.subscribe(place);
  }, [looking, out_pts]);

  useEffect(
    () =>
      player?.follow((tick) => {
        if (head.current) head.current.style.transform = `translateX(${(tick / out_pts) * width_px}px)`;
      }),
    [player, width_px, out_pts],
  );

  const at = (clientX: number) => {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    return Math.round((Math.min(Math.max(clientX - left, 0), width_px) / width_px) * out_pts);
  };
  return (
    <div
      ref={box}
      aria-hidden // the same moments are gone to by the strip below, the keys and the list
      className="relative touch-none overflow-hidden rounded-plain border border-line bg-picture"
      style={{ height: OVERVIEW_PX + 2 }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        deeds.seek(at(event.clientX));
        looking.centre(at(event.clientX));
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId) || event.buttons === 0) return;
        deeds.scrub(at(event.clientX));
        looking.centre(at(event.clientX));
      }}
    >
      <canvas ref={canvas} className="block" style={{ width: width_px, height: OVERVIEW_PX }} />
      <div
        ref={sight}
        className="pointer-events-none absolute inset-y-0 min-w-2 rounded-plain border-2 border-on-scrim shadow-[0_0_0_100vmax_color-mix(in_srgb,var(--scrim)_68%,transparent)]"
      />
      <div ref={head} className="pointer-events-none absolute inset-y-0 -left-px w-0.5 bg-accent" />
    </div>
  );
}

function Detail({ scene, looking, player, deeds, saidAt }: TimelineProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const width_px = useWidth(box);
  const colours = useColours();
  const now = useRef({ scene, looking, player, deeds });
  now.current = { scene, looking, player, deeds };

  useLayoutEffect(() => {
    if (width_px) looking.resize(width_px);
  }, [looking, width_px]);

  useLayoutEffect(() => {
    let asked = 0;
    const paint = () => {
      asked = 0;
      const brush = canvas.current && width_px ? brushOf(canvas.current, width_px, DETAIL_PX) : null;
      if (brush) paintDetail(brush, scene, looking.view, colours);
    };
    paint();
    const changed = () => {
      asked ||= requestAnimationFrame(paint); // however often it moves, a picture is painted once
    };
    const stop = looking.state.subscribe(changed);
    void document.fonts?.ready.then(changed);
    return () => {
      cancelAnimationFrame(asked);
      stop();
    };
  }, [scene, looking, width_px, colours]);

  useEffect(() => {
    const place = () => {
      const { start_pts, px_per_tick } = looking.view;
      const px = ((player?.tick ?? 0) - start_pts) * px_per_tick;
      if (!head.current) return;
      head.current.style.transform = `translateX(${px}px)`;
      head.current.style.setProperty("--lean", `${leanOf(px, width_px)}px`);
    };
    place();
    const stops = [
      looking.state.subscribe(place),
      player?.follow((tick) => {
        if (player.state.getState().playing) looking.keepUp(tick);
        place();
      }),
    ];
    return () => {
      for (const stop of stops) stop?.();
    };
  }, [player, looking, width_px]);

  useEffect(() => {
    if (!box.current) return;
    return followPointers(box.current, {
      scene: () => now.current.scene,
      looking: () => now.current.looking,
      playhead: () => now.current.player?.tick ?? 0,
      deeds: () => now.current.deeds,
    });
  }, []);

  return (
    <div
      ref={box}
      className="relative touch-none overflow-hidden rounded-plain border border-line bg-ground"
      style={{ height: DETAIL_PX + 2 }}
      data-testid="detail"
    >
      <canvas ref={canvas} className="block" style={{ width: width_px, height: DETAIL_PX }} />
      <div ref={head} className="pointer-events-none absolute inset-y-0 left-0">
        <Playhead player={player} scene={scene} saidAt={saidAt} />
      </div>
    </div>
  );
}

/** How far the playhead's flag leans inwards at an edge, so that it is whole; its tip stays on the line. */
function leanOf(px: number, width_px: number): number {
  if (px < -1 || px > width_px + 1) return 0;
  return Math.max(FLAG_PX / 2 - px, 0) - Math.max(FLAG_PX / 2 - (width_px - px), 0);
}

interface PlayheadProps {
  readonly player: Player | null;
  readonly scene: Scene;
  readonly saidAt: (tick: number) => string;
}

/** How often what is read out follows the playhead. */
const SAY_MS = 500;

/** The playhead, which the keyboard can take hold of too. */
function Playhead({ player, scene: { clock, zero_tick = 0 }, saidAt }: PlayheadProps) {
  const [tick, setTick] = useState(0);
  const last_ms = useRef(0);
  useEffect(
    () =>
      player?.follow((next) => {
        const now = performance.now();
        if (player.state.getState().playing && now - last_ms.current < SAY_MS) return;
        last_ms.current = now;
        setTick(next);
      }),
    [player],
  );
  const move = (event: KeyboardEvent) => {
    const to = player && MOVES[event.key];
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    to(player, event);
  };
  const at_s = gameSeconds(clock, tick);
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label="Playhead"
      aria-valuemin={0}
      aria-valuemax={Math.round(gameSeconds(clock, clock.span.out_pts))}
      aria-valuenow={Math.round(at_s)}
      aria-valuetext={[saidMoment(gameSeconds(clock, tick + zero_tick), 2), saidAt(tick)].filter(Boolean).join(", ")}
      onKeyDown={move}
      className="absolute inset-y-0 -left-px w-0.5 bg-accent focus-visible:outline-offset-1"
    >
      <span className="absolute top-0 -left-1.5 block h-3 w-3.5 translate-x-(--lean) rounded-t-xs bg-accent [clip-path:polygon(0_0,100%_0,100%_55%,calc(50%-var(--lean))_100%,0_55%)]" />
    </div>
  );
}

const MOVES: Readonly<Record<string, (player: Player, event: KeyboardEvent) => void>> = {
  ArrowLeft: (player, event) => along(player, -1, event),
  ArrowRight: (player, event) => along(player, 1, event),
  PageDown: (player) => player.skip(10),
  PageUp: (player) => player.skip(-10),
  Home: (player) => player.seek(0),
  End: (player) => player.seek(player.clock.span.out_pts),
};

/** A frame, with Shift a second, with Ctrl five. */
export function along(
  player: Player,
  direction: -1 | 1,
  event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean },
) {
  if (event.ctrlKey || event.metaKey) player.skip(5 * direction);
  else if (event.shiftKey) player.skip(direction);
  else player.step(direction);
}

/** The width of an element inside its border, in CSS pixels. */
function useWidth(box: React.RefObject<HTMLElement | null>): number {
  const [width_px, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measured = () => setWidth(Math.round(element.clientWidth));
    measured();
    const watching = new ResizeObserver(measured);
    watching.observe(element);
    return () => watching.disconnect();
  }, [box]);
  return width_px;
}
