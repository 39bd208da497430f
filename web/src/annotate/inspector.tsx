import { ChevronLeft, ChevronRight, Download, EllipsisVertical, Play, Settings2, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { saidDuration, saidMoment } from "../editing/said.ts";
import { IconButton } from "../look/button.tsx";
import { TextArea, TextField } from "../look/field.tsx";
import { Menu } from "../look/menu.tsx";
import { RatingPicker } from "../look/rating.tsx";
import { keepFocus } from "../player/controls.tsx";
import { gameSeconds } from "../player/game.ts";
import { clipName, DEFAULT_RATING, MOST_NAME, MOST_NOTES, type RatingValue } from "../reel/annotation.ts";
import { readTime } from "../reel/tsv.ts";
import type { Desk } from "./desk.ts";
import type { Clip } from "./document.ts";
import type { Editing } from "./editing.ts";
import { Reels } from "./reels.tsx";
import type { MarkSettings } from "./settings.ts";
import { TagPad } from "./tag_pad.tsx";

interface InspectorProps {
  readonly clip: Clip | null;
  /** The projects that show it. */
  readonly reels: readonly string[];
  readonly desk: Desk;
  readonly editing: Editing;
  readonly settings: MarkSettings;
  readonly ticks_per_s: number;
  readonly onSettings: () => void;
  readonly onOwnTag: (tag: string) => void;
  readonly onDownload: (clip: Clip) => void;
  readonly onTime: (clip: Clip, edge: "in" | "out", at_s: number) => void;
}

/** The clip that is selected: when, how good, what, in whose words. With none, a press begins one. */
export function Inspector(props: InspectorProps) {
  const { clip, desk, settings, onOwnTag, onSettings } = props;
  return (
    <section
      aria-label={clip ? "The selected clip" : "Mark a clip"}
      className="grid gap-3 p-4 pb-3"
      onMouseDown={keepFocus}
    >
      {clip ? <Heading {...props} clip={clip} /> : <Hint settings={settings} onSettings={onSettings} />}
      <Rating value={clip?.rating ?? null} onChange={desk.rate} />
      <TagPad on={clip?.tags ?? []} own={settings.own_tags} onTag={desk.tag} onOwn={onOwnTag} />
      {clip ? <Words key={clip.id} {...props} clip={clip} /> : null}
      {props.reels.length ? <Reels ids={props.reels} /> : null}
    </section>
  );
}

function Hint({ settings, onSettings }: Pick<InspectorProps, "settings" | "onSettings">) {
  return (
    <header className="flex items-start justify-between gap-2">
      <div className="grid gap-0.5">
        <h2 className="text-16">What just happened?</h2>
        <p className="text-12 text-pretty text-quiet">
          A rating or a tag marks it: the last {settings.lead_ms / 1000} s and the next {settings.lag_ms / 1000}.
        </p>
      </div>
      <IconButton icon={Settings2} label="How much a new clip holds" measure="small" onClick={onSettings} />
    </header>
  );
}

function Rating({
  value,
  onChange,
}: {
  readonly value: RatingValue | null;
  readonly onChange: (rating: RatingValue) => void;
}) {
  // With nothing selected none is chosen: a press on the usual one marks as well
  return <RatingPicker value={value} onChange={onChange} />;
}

function Heading({ clip, desk, editing, ticks_per_s, onDownload, onTime }: InspectorProps & { readonly clip: Clip }) {
  const span = desk.spanOf(clip);
  const [in_s, out_s] = [span?.in_pts ?? 0, span?.out_pts ?? 0].map((tick) => gameSeconds({ ticks_per_s }, tick)) as [
    number,
    number,
  ];
  return (
    <header className="grid gap-3">
      <div className="flex items-center gap-1">
        <h2 className="flex-1 text-16">
          Clip <span className="tabular font-normal text-quiet">{saidDuration(out_s - in_s)}</span>
        </h2>
        <IconButton icon={Play} label="Play this clip" measure="small" onClick={() => desk.open(clip.id, true)} />
        <IconButton icon={Trash2} label="Delete the clip" keys="Delete" measure="small" onClick={() => desk.remove()} />
        <Menu
          trigger={<IconButton icon={EllipsisVertical} label="More for this clip" measure="small" />}
          groups={[[{ id: "raw", label: "Download this clip", icon: Download, onSelect: () => onDownload(clip) }]]}
        />
      </div>
      <div className="grid grid-cols-2 gap-3">
        <Edge
          name="Starts"
          keys="I"
          at_s={in_s}
          onTime={(at_s) => onTime(clip, "in", at_s)}
          onNudge={(by) => desk.nudge("in", by)}
          onRest={() => editing.settle()}
        />
        <Edge
          name="Ends"
          keys="O"
          at_s={out_s}
          onTime={(at_s) => onTime(clip, "out", at_s)}
          onNudge={(by) => desk.nudge("out", by)}
          onRest={() => editing.settle()}
        />
      </div>
    </header>
  );
}

interface EdgeProps {
  readonly name: string;
  readonly keys: string;
  readonly at_s: number;
  readonly onTime: (at_s: number) => void;
  readonly onNudge: (by: number) => void;
  readonly onRest: () => void;
}

/** An edge in numbers: to be typed, and moved by frames. */
function Edge({ name, keys, at_s, onTime, onNudge, onRest }: EdgeProps) {
  const said = saidMoment(at_s, 2);
  const [text, setText] = useState(said);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    setText(said);
    setFault(null);
  }, [said]);
  const take = () => {
    if (text === said) return;
    try {
      onTime(readTime(text, "").toNumber());
      setFault(null);
    } catch (error) {
      setFault(error instanceof Error ? error.message : null);
    }
  };
  return (
    <fieldset className="flex items-end gap-1" onPointerUp={onRest}>
      <legend className="sr-only">{name}</legend>
      <IconButton
        icon={ChevronLeft}
        label={`${name} a frame earlier`}
        measure="small"
        className="mb-1 w-6!"
        onClick={() => onNudge(-1)}
      />
      <TextField
        label={name}
        value={text}
        error={fault}
        inputMode="decimal"
        title={`Key ${keys} sets it at the playhead`}
        className="min-w-0 flex-1 [&_input]:tabular [&_input]:px-1 [&_input]:text-center"
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
          if (event.key === "Escape") setText(said);
        }}
      />
      <IconButton
        icon={ChevronRight}
        label={`${name} a frame later`}
        measure="small"
        className="mb-1 w-6!"
        onClick={() => onNudge(1)}
      />
    </fieldset>
  );
}

/** Name and notes, saved while they are typed; spaces at the ends only once one has gone on. */
function Words({ clip, editing }: InspectorProps & { readonly clip: Clip }) {
  const [name, setName] = useState(clip.name);
  const [notes, setNotes] = useState(clip.notes);
  useEffect(() => setName((typed) => (typed.trim() === clip.name ? typed : clip.name)), [clip.name]);
  useEffect(() => setNotes((typed) => (typed.trim() === clip.notes ? typed : clip.notes)), [clip.notes]);
  const change = (field: "name" | "notes", text: string) =>
    editing.change(clip.id, field === "name" ? "Name" : "Write notes", { [field]: text.trim() }, `${field}/${clip.id}`);
  return (
    <div className="grid gap-3">
      <TextField
        label="Name"
        value={name}
        maxLength={MOST_NAME}
        placeholder={clipName(clip.rating ?? DEFAULT_RATING, clip.tags, clip.notes)}
        onChange={(event) => {
          setName(event.target.value);
          change("name", event.target.value);
        }}
        onBlur={() => editing.settle()}
      />
      <TextArea
        label="Notes"
        rows={2}
        value={notes}
        most={MOST_NOTES}
        maxLength={MOST_NOTES}
        placeholder="What to see in it"
        onChange={(event) => {
          setNotes(event.target.value);
          change("notes", event.target.value);
        }}
        onBlur={() => editing.settle()}
      />
    </div>
  );
}
