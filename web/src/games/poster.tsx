import { useEffect, useRef, useState } from "react";
import { mediaUrl } from "../api/client.ts";
import type { Game, Source } from "../api/games.ts";
import { useLocalFile } from "../uploads/store.ts";
import { Pitch } from "./pitch.tsx";
import { drawFrame, drawSheet, layoutOf } from "./poster_drawing.ts";

/** A game's picture: moments of it from the sprite sheet; while it is on its way, a frame of the file; else a pitch. */
export function Poster({ game }: { readonly game: Game }) {
  const source = game.sources.find(({ facts }) => facts !== null) ?? game.sources[0];
  return (
    <div className="relative aspect-video overflow-hidden bg-ground">
      <Pitch className="absolute inset-0 size-full" />
      {source ? <Picture key={`${source.id} ${source.state}`} source={source} /> : null}
    </div>
  );
}

function Picture({ source }: { readonly source: Source }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState(false);
  const file = useLocalFile(source.id);
  const layout = layoutOf(source.facts?.sprite);
  const url = mediaUrl("sprite", source.id);
  const film = file ?? (source.plays ? mediaUrl(source.plays, source.id) : undefined);
  const made = JSON.stringify(layout);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a layout is compared by what it says
  useEffect(() => {
    const ends = new AbortController();
    const there = () => ends.signal.aborted || setDrawn(true);
    if (!canvas.current) return;
    if (layout) drawSheet(canvas.current, url, layout, ends.signal).then(there, () => undefined);
    else if (film) drawFrame(canvas.current, film, ends.signal).then(there, () => undefined);
    return () => ends.abort();
  }, [url, made, film]);
  return (
    <canvas
      ref={canvas}
      aria-hidden
      className={`absolute inset-0 size-full object-cover transition-opacity duration-(--calm) ease-out ${drawn ? "" : "opacity-0"}`}
    />
  );
}
