import { Plus, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { newId } from "../api/client.ts";
import { Button, IconButton } from "../look/button.tsx";
import { TextArea } from "../look/field.tsx";
import { Slider } from "../look/slider.tsx";
import type { Edit, EditCard } from "../project/document.ts";
import type { ProjectEditing } from "../project/editing.ts";
import { OUTPUT_SIZES } from "../reel/geometry.ts";
import { drawCard } from "./card.ts";
import type { Drawer } from "./drawer.ts";
import { whenLettered } from "./lettering.ts";

interface CardsPanelProps {
  readonly edit: Edit;
  readonly editing: ProjectEditing;
  readonly drawer: Drawer;
  /** The clip at the playhead. */
  readonly clip_id: string | null;
}

/** As reel/edit.py takes them. */
const MOST_CARDS = 50;
const MOST_TEXT = 280;
const [SHORTEST_S, LONGEST_S, DEFAULT_S, STEP_S] = [0.5, 10, 3, 0.5];

/** The texts that fill the picture: before a clip, or at the end. */
export function CardsPanel({ edit, editing, drawer, clip_id }: CardsPanelProps) {
  const ordered = [
    ...edit.clips.flatMap(({ id }) => edit.cards.filter(({ before }) => before === id)),
    ...edit.cards.filter(({ before }) => before === null),
  ];
  const add = (before: string | null) => {
    const card: EditCard = { id: newId(), revision: 0, before, duration_s: DEFAULT_S, text: "" };
    editing.change("Add text", (now) => ({ ...now, cards: [...now.cards, card] }));
  };
  const full = edit.cards.length >= MOST_CARDS ? `A reel takes ${MOST_CARDS} texts.` : null;
  return (
    <section aria-label="Texts" className="grid gap-4">
      <div className="flex flex-wrap gap-2">
        <Button
          icon={Plus}
          measure="small"
          blocked={full ?? (clip_id ? null : "There is no clip here.")}
          onClick={() => add(clip_id)}
        >
          Before this clip
        </Button>
        <Button icon={Plus} measure="small" blocked={full} onClick={() => add(null)}>
          At the end
        </Button>
      </div>
      {ordered.length === 0 ? (
        <p className="text-pretty text-quiet">
          A text fills the picture for a few seconds: the match and the score before a play, or how to reach you at the
          end.
        </p>
      ) : null}
      <ul className="grid gap-4">
        {ordered.map((card) => (
          <Card key={card.id} card={card} edit={edit} editing={editing} drawer={drawer} />
        ))}
      </ul>
    </section>
  );
}

interface CardProps extends Omit<CardsPanelProps, "clip_id"> {
  readonly card: EditCard;
}

function Card({ card, edit, editing, drawer }: CardProps) {
  const [lasts_s, setLasts] = useState(card.duration_s);
  useEffect(() => setLasts(card.duration_s), [card.duration_s]);
  const place = edit.clips.findIndex(({ id }) => id === card.before) + 1;
  const where = place > 0 ? `Before clip ${place}` : "At the end";
  const change = (label: string, to: Partial<EditCard>, gesture?: string) =>
    editing.change(
      label,
      (now) => ({ ...now, cards: now.cards.map((one) => (one.id === card.id ? { ...one, ...to } : one)) }),
      gesture,
    );
  const shown = useRef(false);
  const show = (text: string) => {
    shown.current = true;
    drawer.over({ kind: "card", card: { ...card, text } });
  };
  const hide = () => {
    if (shown.current) drawer.over(null);
    shown.current = false;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when it goes
  useEffect(() => hide, []);
  return (
    <li className="grid gap-2 rounded-plain border border-line bg-surface p-3">
      <div className="flex items-center gap-2">
        <h3 className="flex-1 text-14">{where}</h3>
        <IconButton
          icon={Trash2}
          label={`Delete the text ${where.toLowerCase()}`}
          measure="small"
          onClick={() => {
            hide();
            editing.change("Delete text", (now) => ({ ...now, cards: now.cards.filter(({ id }) => id !== card.id) }));
          }}
        />
      </div>
      <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-3">
        <Preview text={card.text} edit={edit} />
        <TextArea
          label={`Text ${where.toLowerCase()}`}
          labelHidden
          rows={3}
          value={card.text}
          most={MOST_TEXT}
          maxLength={MOST_TEXT}
          placeholder="FC Tigers, 17 May"
          onFocus={() => show(card.text)}
          onChange={(event) => {
            change("Write text", { text: event.target.value }, `card/${card.id}`);
            show(event.target.value);
          }}
          onBlur={() => {
            editing.settle();
            hide();
          }}
        />
      </div>
      <Slider
        label="Stands for"
        value={lasts_s}
        least={SHORTEST_S}
        most={LONGEST_S}
        step={STEP_S}
        said={(value) => `${value} s`}
        onChange={setLasts}
        onCommit={(duration_s) => change("How long the text stands", { duration_s })}
      />
    </li>
  );
}

const PREVIEW_PX = 96; // its longer side

/** The card as the reel will have it. */
function Preview({ text, edit }: { readonly text: string; readonly edit: Edit }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const output = OUTPUT_SIZES[edit.aspect];
  const scale = PREVIEW_PX / Math.max(output.width, output.height);
  useEffect(() => {
    const element = canvas.current;
    const brush = element?.getContext("2d");
    if (!element || !brush) return;
    const fine = scale * Math.min(globalThis.devicePixelRatio || 1, 2) * 2; // twice: small letters stay crisp
    [element.width, element.height] = [Math.round(output.width * fine), Math.round(output.height * fine)];
    const draw = () => drawCard(brush, text, output, fine);
    draw();
    const gone = new AbortController();
    whenLettered(draw, gone.signal);
    return () => gone.abort();
  }, [text, output, scale]);
  return (
    <canvas
      ref={canvas}
      aria-hidden
      className="rounded-[4px] border border-line"
      style={{ width: output.width * scale, height: output.height * scale }}
    />
  );
}
