import { Film } from "lucide-react";
import { useState } from "react";
import type { Reel } from "./reels.ts";

const STILL = "(prefers-reduced-motion: reduce), (hover: none)";

/** A reel's cover; while a mouse or the focus is on its card it plays, without sound. Nothing moves for who wants none. */
export function Picture({ reel, plays }: { readonly reel: Reel; readonly plays: boolean }) {
  const [missing, setMissing] = useState(false);
  const [moves, setMoves] = useState(false);
  const cover = `${reel.poster}?version=${reel.newest.version}`;
  const playing = plays && !matchMedia(STILL).matches;
  return (
    <div className="relative aspect-square overflow-hidden bg-picture">
      {missing ? (
        <Film aria-hidden size={40} strokeWidth={1.25} className="absolute inset-0 m-auto text-on-scrim opacity-40" />
      ) : (
        <>
          <img src={cover} alt="" className="absolute inset-0 size-full scale-110 object-cover opacity-40 blur-xl" />
          <img
            src={cover}
            alt=""
            onError={() => setMissing(true)}
            className="absolute inset-0 size-full object-contain"
          />
        </>
      )}
      {playing ? (
        <video
          src={reel.media}
          muted
          loop
          autoPlay
          playsInline
          tabIndex={-1}
          aria-hidden
          onPlaying={() => setMoves(true)}
          onEmptied={() => setMoves(false)}
          className={`absolute inset-0 size-full object-contain transition-opacity duration-(--calm) ease-out ${moves ? "" : "opacity-0"}`}
        />
      ) : null}
    </div>
  );
}
