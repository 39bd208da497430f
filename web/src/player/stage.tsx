import { CloudOff, VideoOff } from "lucide-react";
import { type ReactNode, type Ref, useSyncExternalStore } from "react";
import type { Fault } from "./faults.ts";
import type { Player, PlayerState } from "./player.ts";

/** Return a part of what the player says of itself. */
export function usePlayer<T>(player: Player | null, select: (state: PlayerState) => T, before: T): T {
  return useSyncExternalStore(
    (told) => player?.state.subscribe(told) ?? (() => undefined),
    () => (player ? select(player.state.getState()) : before),
  );
}

interface StageProps {
  readonly player: Player | null;
  /** Where the pictures hang. */
  readonly hang: Ref<HTMLDivElement>;
  readonly onPress: () => void;
  /** There is nothing to be played: no picture is waited for. */
  readonly isEmpty?: boolean;
  /** What lies over the pictures. */
  readonly children?: ReactNode;
}

/** Where the pictures are: dark, whole, and never without a word where there is none. */
export function Stage({ player, hang, onPress, isEmpty = false, children }: StageProps) {
  const fault = usePlayer(player, (state) => state.fault, null);
  const waiting = usePlayer(player, (state) => state.waiting || (!state.ready && !state.fault), true);
  return (
    <div className="relative h-full min-h-0 w-full overflow-hidden bg-picture">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the play button and Space do the same */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the play button and Space do the same */}
      <div
        ref={hang}
        onClick={onPress}
        className="absolute inset-0 [&>video]:absolute [&>video]:inset-0 [&>video]:size-full [&>video]:object-contain"
      />
      {waiting && !isEmpty ? <Waits /> : null}
      {fault ? <Faulty fault={fault} /> : null}
      {children}
    </div>
  );
}

const LATE = { animation: "turns 0.9s linear infinite, fade 180ms ease-out 400ms backwards" };

/** Shown only when it takes a while: a quick seek should not flicker. */
function Waits() {
  return (
    <div className="pointer-events-none absolute inset-0 grid place-items-center" role="status">
      <span aria-hidden className="size-10 rounded-full border-2 border-on-scrim/20 border-t-on-scrim" style={LATE} />
      <span className="sr-only">The picture is coming</span>
    </div>
  );
}

function Faulty({ fault }: { readonly fault: Fault }) {
  const Icon = fault.kind === "unreachable" ? CloudOff : VideoOff;
  return (
    <div role="alert" className="absolute inset-0 grid place-items-center bg-scrim p-6 text-center text-on-scrim">
      <div className="grid max-w-100 justify-items-center gap-2">
        <Icon aria-hidden size={28} strokeWidth={1.75} />
        <p className="font-strong text-16">{fault.title}</p>
        <p className="text-pretty">{fault.text}</p>
      </div>
    </div>
  );
}
