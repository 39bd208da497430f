import { Download } from "lucide-react";
import { useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { Button } from "../look/button.tsx";
import { Choice } from "../look/choice.tsx";
import { Dialog } from "../look/dialog.tsx";
import { TextField } from "../look/field.tsx";
import { Slider } from "../look/slider.tsx";
import { useToasts } from "../look/toast.tsx";
import { RATING_VALUES, RATINGS, type RatingValue } from "../reel/annotation.ts";
import { beginExport } from "./handing_out.ts";
import { LastExport } from "./last_export.tsx";
import { mayBe } from "./marking.ts";
import { changeSettings, type MarkSettings } from "./settings.ts";

interface OpenProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

interface ExportDialogProps extends OpenProps {
  readonly game_id: string;
  readonly least: RatingValue;
  readonly counts: ReadonlyMap<RatingValue, number>;
  /** Waits until everything is saved; says whether it is. */
  readonly saved: () => Promise<boolean>;
}

/** The annotated export: which clips, in which order. */
export function ExportDialog({ open, onOpenChange, game_id, least: usual, counts, saved }: ExportDialogProps) {
  const [least, setLeast] = useState(usual);
  const [order, setOrder] = useState<"time" | "best">("time");
  const [title, setTitle] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const many = RATING_VALUES.filter((rating) => rating >= least).reduce(
    (sum, rating) => sum + (counts.get(rating) ?? 0),
    0,
  );
  const make = async () => {
    setBusy(true);
    setFault(null);
    try {
      if (!(await saved())) throw new Error("unsaved");
      await beginExport(game_id, { minimum_rating: least, order, title });
      onOpenChange(false);
      useToasts
        .getState()
        .tell({ title: "The annotated video is being made", text: "You will be told when it is done." });
    } catch (error) {
      setFault(
        error instanceof Error && error.message === "unsaved"
          ? "Not all clips are saved yet. Try it again when they are."
          : sentenceOf(error),
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      held={busy}
      title="Annotated video"
      description="The clips one after another, each under a banner with its rating, name and notes."
      actions={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            kind="go"
            icon={Download}
            busy={busy}
            blocked={many === 0 ? "No clip is rated so." : null}
            onClick={() => void make()}
          >
            Make video of {many === 1 ? "1 clip" : `${many} clips`}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <div className="grid gap-1">
          <span className="font-strong text-12">Rated at least</span>
          <Choice
            label="Rated at least"
            value={String(least)}
            onChange={(value) => setLeast(Number(value) as RatingValue)}
            options={RATING_VALUES.map((rating) => ({
              value: String(rating),
              label: RATINGS[rating].symbol,
              name: RATINGS[rating].name,
            }))}
          />
        </div>
        <div className="grid gap-1">
          <span className="font-strong text-12">Order</span>
          <Choice
            label="Order"
            value={order}
            onChange={setOrder}
            options={[
              { value: "time", label: "By time" },
              { value: "best", label: "Best first" },
            ]}
          />
        </div>
        <TextField
          label="Title"
          hint="Empty: the opponent and the date."
          value={title}
          maxLength={80}
          onChange={(event) => setTitle(event.target.value)}
        />
        <LastExport game_id={game_id} />
        {fault ? (
          <p role="alert" className="text-loss">
            {fault}
          </p>
        ) : null}
      </div>
    </Dialog>
  );
}

interface TimesDialogProps extends OpenProps {
  readonly settings: MarkSettings;
  readonly tags: readonly string[];
}

const USUAL = "";

/** How much a new clip holds: usually, and for each tag that wants it otherwise. */
export function TimesDialog({ open, onOpenChange, settings, tags }: TimesDialogProps) {
  const [of, setOf] = useState(USUAL);
  const own = settings.tag_times[of];
  const { lead_ms, lag_ms } = own ?? settings;
  const [draft, setDraft] = useState<{ lead_ms: number; lag_ms: number } | null>(null);
  const now = draft ?? { lead_ms, lag_ms };
  const save = (times: { lead_ms: number; lag_ms: number } | null) => {
    setDraft(null);
    if (times && !mayBe(times)) return;
    const { [of]: _, ...others } = settings.tag_times;
    const change = of === USUAL ? (times ?? {}) : { tag_times: times ? { ...others, [of]: times } : others };
    void changeSettings(change).catch((error: unknown) =>
      useToasts.getState().tell({ title: "This could not be saved", text: sentenceOf(error), tone: "loss" }),
    );
  };
  const said = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="How much a new clip holds"
      description="A play is over when one marks it: most of a clip lies before the playhead."
      actions={
        <Button kind="go" onClick={() => onOpenChange(false)}>
          Done
        </Button>
      }
    >
      <div className="grid gap-4">
        <label className="grid gap-1">
          <span className="font-strong text-12">For clips begun by</span>
          <select
            value={of}
            onChange={(event) => {
              setOf(event.target.value);
              setDraft(null);
            }}
            className="h-10 rounded-plain border border-outline bg-surface px-3 pointer-coarse:h-11 pointer-coarse:text-16"
          >
            <option value={USUAL}>Add clip, or any other tag</option>
            {tags.map((tag) => (
              <option key={tag} value={tag}>
                {tag}
                {settings.tag_times[tag] ? " (its own)" : ""}
              </option>
            ))}
          </select>
        </label>
        <Slider
          label="Before the playhead"
          value={now.lead_ms}
          least={0}
          most={30_000}
          step={500}
          said={said}
          onChange={(value) => setDraft({ ...now, lead_ms: value })}
          onCommit={(value) => save({ ...now, lead_ms: value })}
        />
        <Slider
          label="After the playhead"
          value={now.lag_ms}
          least={0}
          most={30_000}
          step={500}
          said={said}
          onChange={(value) => setDraft({ ...now, lag_ms: value })}
          onCommit={(value) => save({ ...now, lag_ms: value })}
        />
        {mayBe(now) ? null : <p className="text-12 text-doubt">A clip lasts 1 to 60 seconds.</p>}
        {own ? (
          <Button measure="small" className="justify-self-start" onClick={() => save(null)}>
            As usual
          </Button>
        ) : null}
      </div>
    </Dialog>
  );
}
