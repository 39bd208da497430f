import { Clapperboard, Crop, Eye } from "lucide-react";
import { Link } from "react-router";
import { Button } from "../look/button.tsx";
import { Choice } from "../look/choice.tsx";
import { EmptyState } from "../look/empty.tsx";
import type { Player } from "../player/player.ts";
import { ASPECTS, type Aspect, type Edit, type EditClip, isFramed } from "../project/document.ts";
import { ProjectHead } from "../project/head.tsx";
import type { OpenedProject } from "../project/use_project.ts";
import { OUTPUT_SIZES } from "../reel/geometry.ts";
import type { Frame } from "./box.ts";
import { keyHere, windowOf } from "./cropping.ts";
import type { Desk } from "./desk.ts";
import { meterSaid } from "./saying.ts";
import { Transport, type TransportProps } from "./transport.tsx";
import { useAtPlayhead } from "./use_player.ts";

interface ShapesProps {
  readonly edit: Edit;
  readonly desk: Desk;
}

/** The reel's shape; each has crops of its own. */
export function Shapes({ edit, desk }: ShapesProps) {
  return (
    <Choice
      label="Shape of the reel"
      options={ASPECTS.map((aspect) => ({
        value: aspect,
        name: `${aspect}, ${edit.clips.filter((clip) => isFramed(clip, aspect)).length} of ${edit.clips.length} framed`,
        label: <ShapeSaid aspect={aspect} />,
      }))}
      value={edit.aspect}
      onChange={desk.setAspect}
    />
  );
}

interface PhoneSwitchProps {
  readonly shown: "source" | "result";
  readonly onShown: (shown: "source" | "result") => void;
}

/** On a phone one of the two pictures is seen: the other is one press away. */
export function PhoneSwitch({ shown, onShown }: PhoneSwitchProps) {
  return (
    <Button
      icon={shown === "source" ? Eye : Crop}
      measure="small"
      className="absolute! right-2 bottom-2 z-20 desk:hidden"
      onClick={() => onShown(shown === "source" ? "result" : "source")}
    >
      {shown === "source" ? "Result" : "Source"}
    </Button>
  );
}

function ShapeSaid({ aspect }: { readonly aspect: Aspect }) {
  const { width, height } = OUTPUT_SIZES[aspect];
  const unit = 14 / Math.max(width, height);
  return (
    <span className="tabular flex items-center gap-1.5">
      <span
        aria-hidden
        className="shrink-0 rounded-[2px] border-2 border-current max-tablet:hidden"
        style={{ width: unit * width, height: unit * height }}
      />
      {aspect}
    </span>
  );
}

interface HereProps {
  readonly clip: EditClip;
  readonly frame: Frame;
  readonly player: Player | null;
}

/** How much of what is seen here the network makes. */
export function Meter({ clip, frame, player }: HereProps) {
  const { aspect, source } = frame;
  const said = useAtPlayhead(player, (pts) => meterSaid(windowOf(clip, pts, aspect, source), source, aspect));
  return (
    <output className="tabular shrink-0 whitespace-nowrap text-12 text-quiet" data-testid="meter">
      {said}
    </output>
  );
}

/** The transport, which knows whether a keyframe stands at the playhead. */
export function KeyedTransport(props: Omit<TransportProps, "isOnKey" | "meter"> & { readonly frame: Frame | null }) {
  const { frame, ...rest } = props;
  const { clip, player } = rest;
  const isOnKey = useAtPlayhead(player, (pts) => clip !== null && frame !== null && keyHere(clip, frame, pts) !== null);
  const meter = clip && frame ? <Meter clip={clip} frame={frame} player={player} /> : null;
  return <Transport {...rest} isOnKey={isOnKey} meter={meter} />;
}

/** A project without a clip. */
export function NoClips({ opened }: { readonly opened: OpenedProject }) {
  return (
    <div>
      <ProjectHead opened={opened} at="framing" />
      <div className="mx-auto w-full max-w-160 p-4 pt-12">
        <EmptyState
          icon={Clapperboard}
          title="There is no clip to frame yet"
          text="Add clips to this project; then say here what of each picture the reel shows."
          actions={
            <Link
              to={`/projects/${opened.project.id}`}
              className="inline-flex h-10 items-center rounded-plain bg-accent px-4 font-strong text-on-accent hover:bg-accent-hover"
            >
              To its clips
            </Link>
          }
        />
      </div>
    </div>
  );
}
