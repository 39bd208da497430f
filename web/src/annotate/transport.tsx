import { Gauge, ListVideo, Maximize, Repeat, Scissors, Volume2 } from "lucide-react";
import { memo } from "react";
import { Button, IconButton } from "../look/button.tsx";
import { Menu } from "../look/menu.tsx";
import {
  Clock,
  Controls,
  Hairline,
  NO_PICTURE,
  PlayAndStep,
  SoundButton,
  SpeedMenu,
  useSpeeds,
  wholeSaid,
} from "../player/controls.tsx";
import type { Player } from "../player/player.ts";
import { usePlayer } from "../player/stage.tsx";
import type { Looking } from "../timeline/looking.ts";
import { Zoom } from "../timeline/zoom.tsx";
import type { Desk } from "./desk.ts";

interface TransportProps {
  readonly player: Player | null;
  readonly looking: Looking;
  readonly desk: Desk;
  readonly clips: number;
  readonly onOnlyClips: () => void;
  readonly onFullScreen: () => void;
}

/** Below the picture: play, step, where it is; and the one thing to do: mark what just happened. */
export const Transport = memo(function Transport({
  player,
  looking,
  desk,
  clips,
  onOnlyClips,
  onFullScreen,
}: TransportProps) {
  const muted = usePlayer(player, (state) => state.muted, false);
  const looped = usePlayer(player, (state) => state.loop !== null, false);
  const only = usePlayer(player, (state) => state.only !== null, false);
  const none = player ? null : NO_PICTURE;
  return (
    <Controls className="gap-1 py-1.5">
      <PlayAndStep player={player} blocked={none} />
      <Clock player={player} whole={wholeSaid(player)} />
      <span className="flex-1" />
      <span className="contents max-tablet:hidden">
        <SpeedMenu player={player} />
        <IconButton icon={Repeat} label="Loop the clip" keys="\" aria-pressed={looped} onClick={desk.loop} />
        <SoundButton isMuted={muted} onTurn={() => player?.setSound({ muted: !muted })} />
        <IconButton icon={Maximize} label="Full screen" keys="F" onClick={onFullScreen} />
        <Hairline />
        <Zoom looking={looking} player={player} />
        <Hairline />
      </span>
      <IconButton
        icon={ListVideo}
        label="Play only the clips"
        keys="C"
        aria-pressed={only}
        blocked={clips === 0 ? "There is no clip yet." : none}
        onClick={onOnlyClips}
      />
      <Button kind="go" icon={Scissors} keys="N" className="ml-1" blocked={none} onClick={() => desk.mark()}>
        Add clip
      </Button>
    </Controls>
  );
});

/** On a phone, what does not fit below the picture: speed, loop, sound. */
export function PhonePlaying({ player, desk }: Pick<TransportProps, "player" | "desk">) {
  const muted = usePlayer(player, (state) => state.muted, false);
  const looped = usePlayer(player, (state) => state.loop !== null, false);
  const speeds = useSpeeds(player);
  if (!player) return null;
  return (
    <span className="contents tablet:hidden">
      <Menu
        trigger={<IconButton icon={Gauge} label="Speed and sound" measure="small" />}
        groups={[
          speeds,
          [
            { id: "loop", label: "Loop the clip", icon: Repeat, chosen: looped, onSelect: desk.loop },
            {
              id: "sound",
              label: "Sound",
              icon: Volume2,
              chosen: !muted,
              onSelect: () => player.setSound({ muted: !muted }),
            },
          ],
        ]}
      />
    </span>
  );
}
