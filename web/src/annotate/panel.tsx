import { FileUp, ListFilter, Scissors } from "lucide-react";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { sentenceOf } from "../api/errors.ts";
import { Button } from "../look/button.tsx";
import { classes } from "../look/classes.ts";
import { EmptyState } from "../look/empty.tsx";
import { useToasts } from "../look/toast.tsx";
import { type GameClock, partOf, placeAt } from "../player/game.ts";
import { type RatingValue, TAGS } from "../reel/annotation.ts";
import { ClipList } from "./clip_list.tsx";
import type { Desk } from "./desk.ts";
import { ExportDialog, TimesDialog } from "./dialogs.tsx";
import { type Clip, idOf } from "./document.ts";
import { beginProject, downloadClip, saveClipList } from "./handing_out.ts";
import { Inspector } from "./inspector.tsx";
import { ListTools } from "./list_tools.tsx";
import { EVERYTHING, type Filter, type Order, type Row, ratingCounts, tagsIn } from "./listing.ts";
import { changeSettings, type MarkSettings } from "./settings.ts";
import { TsvIn } from "./tsv_in.tsx";
import { type Opened, useEdited } from "./use_editing.ts";

interface PanelProps {
  readonly game_id: string;
  readonly opened: Opened;
  readonly desk: Desk;
  readonly clip: Clip | null;
  readonly clips: readonly Clip[];
  readonly rows: readonly Row[];
  readonly selected: string | null;
  readonly projects: ReadonlyMap<string, readonly string[]>;
  readonly settings: MarkSettings;
  readonly clock: GameClock;
  readonly filter: Filter;
  readonly order: Order;
  readonly isFiltered: boolean;
  readonly onFilter: (filter: Filter) => void;
  readonly onOrder: (order: Order) => void;
}

/** As many as a project takes. */
const MOST_IN_PROJECT = 200;
const isClip = (thing: string) => idOf(thing) !== null;
const NO_REELS: readonly string[] = [];

/** Beside the picture: the clip that is selected, and the list of all. On a phone one of the two, below it. */
export const Panel = memo(function Panel(props: PanelProps) {
  const { game_id, opened, desk, clip, clips, rows, selected, projects, settings, clock } = props;
  const { editing, saver } = opened;
  const navigate = useNavigate();
  const [asked, ask] = useState<"export" | "times" | null>(null);
  const [isListShown, showList] = useState(true);
  const marked = useEdited(opened, (state) => state.marked);
  useEffect(() => {
    if (marked > 0) showList(false); // on a phone what was just marked is rated and tagged next
  }, [marked]);
  const field = useRef<HTMLInputElement>(null);
  const counts = useMemo(() => ratingCounts(clips), [clips]);
  const tags = useMemo(() => tagsIn(clips), [clips]);
  const tell = useToasts((toasts) => toasts.tell);
  const isSaved = async () => {
    if (await saver.flushed(isClip)) return true;
    tell({ title: "Not all clips are saved yet", text: "They are kept here. Try it again when they are saved." });
    return false;
  };
  const failed = (title: string) => (error: unknown) => tell({ title, text: sentenceOf(error), tone: "loss" });

  const onProject = async () => {
    if (!(await isSaved())) return;
    try {
      const id = await beginProject(rows.slice(0, MOST_IN_PROJECT).map((row) => row.clip.id));
      void navigate(`/projects/${id}`);
    } catch (error) {
      failed("The reel could not be begun")(error);
    }
  };
  const onDownload = async ({ id }: Clip) => {
    if (!(await isSaved())) return;
    await downloadClip(id, () =>
      tell({ title: "The clip is being cut out", text: "Its download begins by itself." }),
    ).catch(failed("The clip could not be cut out"));
  };
  const onOwnTag = (tag: string) => {
    desk.tag(tag);
    if (settings.own_tags.includes(tag) || Object.values(TAGS).flat().includes(tag)) return;
    void changeSettings({ own_tags: [...settings.own_tags, tag] }).catch(failed("The tag could not be kept"));
  };
  const onTime = (of: Clip, edge: "in" | "out", at_s: number) => {
    const part = partOf(clock, of.source_id);
    if (!part) return;
    const { pts } = placeAt(clock, Math.min(Math.max(Math.round(at_s * clock.ticks_per_s), part.begins), part.ends));
    desk.edgeTo(of, edge, pts);
  };
  const onOpen = useMemo(() => (id: string) => desk.open(id), [desk]);
  const onPlay = useMemo(() => (id: string) => desk.open(id, true), [desk]);

  return (
    <aside
      aria-label="Clips and tags"
      className="flex min-h-0 flex-col border-line bg-surface max-desk:border-t desk:border-l"
    >
      <div role="tablist" aria-label="Below the picture" className="flex border-line border-b desk:hidden">
        <PhoneTab label={clip ? "This clip" : "Mark"} isOn={!isListShown} onPress={() => showList(false)} />
        <PhoneTab label={`Clips ${clips.length}`} isOn={isListShown} onPress={() => showList(true)} />
      </div>
      <div
        className={classes(
          "min-h-0 overflow-y-auto max-desk:flex-1 desk:shrink-0",
          clips.length ? "desk:h-[70%]" : "desk:max-h-[70%]", // the list stays under the pointer, whatever is chosen
          isListShown && "max-desk:hidden",
        )}
      >
        <Inspector
          clip={clip}
          reels={(clip && projects.get(clip.id)) ?? NO_REELS}
          desk={desk}
          editing={editing}
          settings={settings}
          ticks_per_s={clock.ticks_per_s}
          onSettings={() => ask("times")}
          onOwnTag={onOwnTag}
          onDownload={(one) => void onDownload(one)}
          onTime={onTime}
        />
      </div>
      <div className={classes("flex min-h-0 flex-1 flex-col", !isListShown && "max-desk:hidden")}>
        <ListTools
          filter={props.filter}
          order={props.order}
          tags={tags}
          counts={counts}
          shown={rows.length}
          all={clips.length}
          onFilter={props.onFilter}
          onOrder={props.onOrder}
          onProject={() => void onProject()}
          onExport={() => ask("export")}
          onTsvOut={() => void isSaved().then((saved) => saved && saveClipList(game_id))}
          onTsvIn={() => field.current?.click()}
          onSettings={() => ask("times")}
        />
        {rows.length ? (
          <ClipList
            rows={rows}
            selected={selected}
            ticks_per_s={clock.ticks_per_s}
            projects={projects}
            onOpen={onOpen}
            onPlay={onPlay}
          />
        ) : (
          <Nothing
            isFiltered={props.isFiltered}
            onEverything={() => props.onFilter(EVERYTHING)}
            onTsvIn={() => field.current?.click()}
            settings={settings}
          />
        )}
      </div>
      <TsvIn game_id={game_id} field={field} onBrought={() => void editing.load().catch(() => undefined)} />
      <ExportDialog
        open={asked === "export"}
        onOpenChange={(open) => ask(open ? "export" : null)}
        game_id={game_id}
        least={settings.minimum_rating as RatingValue}
        counts={counts}
        saved={() => saver.flushed(isClip)}
      />
      <TimesDialog
        open={asked === "times"}
        onOpenChange={(open) => ask(open ? "times" : null)}
        settings={settings}
        tags={[...Object.values(TAGS).flat(), ...settings.own_tags]}
      />
    </aside>
  );
});

interface PhoneTabProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onPress: () => void;
}

function PhoneTab({ label, isOn, onPress }: PhoneTabProps) {
  return (
    <button
      type="button"
      role="tab"
      aria-selected={isOn}
      onClick={onPress}
      className={classes(
        "-mb-px h-11 flex-1 border-b-2 font-strong",
        isOn ? "border-accent text-text" : "border-transparent text-quiet",
      )}
    >
      {label}
    </button>
  );
}

interface NothingProps {
  readonly isFiltered: boolean;
  readonly settings: MarkSettings;
  readonly onEverything: () => void;
  readonly onTsvIn: () => void;
}

function Nothing({ isFiltered, settings, onEverything, onTsvIn }: NothingProps) {
  return (
    <div className="overflow-y-auto p-4">
      {isFiltered ? (
        <EmptyState
          icon={ListFilter}
          title="No clip is like that"
          text="The filter lets none through."
          actions={<Button onClick={onEverything}>Show all clips</Button>}
        />
      ) : (
        <EmptyState
          icon={Scissors}
          title="No clips yet"
          text={`Play the game and press N when something good just happened: the last ${settings.lead_ms / 1000} seconds and the next ${settings.lag_ms / 1000} become a clip.`}
          actions={
            <Button icon={FileUp} onClick={onTsvIn}>
              Bring in a list
            </Button>
          }
        />
      )}
    </div>
  );
}
