import { useMutation } from "@tanstack/react-query";
import { ArrowUpDown, FilePlus2, Film, Upload, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ApiError, sentenceOf } from "../api/errors.ts";
import type { Game } from "../api/games.ts";
import { Banner } from "../look/banner.tsx";
import { Button, IconButton } from "../look/button.tsx";
import { Choice, Switch } from "../look/choice.tsx";
import { Dialog } from "../look/dialog.tsx";
import { useToasts } from "../look/toast.tsx";
import { dateHere, sizeSaid } from "../shell/times.ts";
import { ACCEPTED, type Brought, durationOf, inOrder, isShort, refusalOf } from "../uploads/files.ts";
import { addGame, addShort, type Said } from "./adding.ts";
import { GameForm } from "./game_form.tsx";
import { partSaid } from "./saying.ts";

interface NewGameProps {
  /** What was dropped, also while it is open; none where the person begins with the form. */
  readonly brought: readonly Brought[];
  readonly onClose: () => void;
}

type Split = "one" | "each";

const MOST_PARTS = 8;

/** A game to be: its file or its halves, and what is to be said of it. */
export function NewGame({ brought, onClose }: NewGameProps) {
  const [files, setFiles] = useState(() => inOrder(brought));
  const [said, say] = useState<Said>(() => ({ opponent: "", match_date: dayOf(brought), venue: null }));
  const known = useRef(brought);
  useEffect(() => {
    const more = brought.filter((one) => !known.current.includes(one));
    known.current = brought;
    if (more.length > 0) setFiles((there) => [...there, ...inOrder(more)].slice(0, MOST_PARTS));
  }, [brought]);
  const [refusals, setRefusals] = useState<readonly string[]>([]);
  const [split, setSplit] = useState<Split>("one");
  const navigate = useNavigate();
  const [isPlay, setPlay] = useState(true);
  const several = files.length > 1 && split === "each";
  const lasts_s = useShortLength(files);
  const play_s = isPlay ? lasts_s : null;
  const add = useMutation({
    mutationFn: () => added(said, files, several, play_s),
    onSuccess: (games) => {
      onClose();
      const [first] = games;
      if (!first || files.length === 0) return;
      useToasts.getState().tell({
        title: files.length > 1 ? `${files.length} files are on their way` : "It is on its way",
        text: play_s === null ? "You can mark clips while it uploads." : "Its clip and a project are made.",
        action: { label: play_s === null ? "Mark clips" : "Open", onPress: () => void navigate(`/games/${first.id}`) },
      });
    },
  });
  const take = (more: readonly File[]) => {
    const [good, bad] = [more.filter((file) => !refusalOf(file)), more.map(refusalOf).filter((one) => one !== null)];
    setRefusals(bad);
    setFiles((there) => [...there, ...inOrder(good.map((file) => ({ file })))].slice(0, MOST_PARTS));
    if (files.length === 0 && good[0]) say({ ...said, match_date: dateHere(good[0].lastModified) });
  };
  const fault = add.error instanceof ApiError ? fieldOf(add.error) : null;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Add game"
      description="One file, or the two halves: they play as one."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="go" submits form="new-game" busy={add.isPending}>
            {several ? `Add ${files.length} games` : "Add game"}
          </Button>
        </>
      }
    >
      <form
        id="new-game"
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        {several ? null : <GameForm said={said} onChange={say} fault={fault} />}
        <Files
          files={files}
          several={several}
          onChange={setFiles}
          onMore={take}
          onSwap={() => setFiles([...files].reverse())}
        />
        {files.length > 1 ? (
          <Choice<Split>
            label="What these files are"
            value={split}
            onChange={setSplit}
            options={[
              { value: "one", label: files.length === 2 ? "Two halves of one game" : "Parts of one game" },
              { value: "each", label: `${files.length} games` },
            ]}
          />
        ) : null}
        {lasts_s !== null ? (
          <Switch
            label="It is one play"
            hint="All of it becomes a clip, with a project of its own."
            on={isPlay}
            onChange={setPlay}
          />
        ) : null}
        {refusals.map((refusal) => (
          <Banner key={refusal} tone="loss" title={refusal} />
        ))}
        {add.isError && !fault ? <Banner tone="loss" title="It was not added." text={sentenceOf(add.error)} /> : null}
      </form>
    </Dialog>
  );
}

interface FilesProps {
  readonly files: readonly Brought[];
  readonly several: boolean;
  readonly onChange: (files: readonly Brought[]) => void;
  readonly onMore: (files: readonly File[]) => void;
  readonly onSwap: () => void;
}

function Files({ files, several, onChange, onMore, onSwap }: FilesProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="grid gap-2">
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={ACCEPTED}
        aria-label="Video files"
        onChange={({ target }) => {
          onMore([...(target.files ?? [])]);
          target.value = "";
        }}
      />
      {files.length > 0 ? (
        <ol className="grid gap-2">
          {files.map((one, index) => (
            <li
              key={`${one.file.name} ${one.file.size}`}
              className="flex items-center gap-3 rounded-plain border border-line bg-surface py-2 pr-2 pl-3"
            >
              <Film aria-hidden size={20} className="shrink-0 text-quiet" />
              <p className="grid min-w-0 flex-1">
                <span className="truncate">{one.file.name}</span>
                <span className="tabular text-12 text-quiet">
                  {several ? "" : `${partSaid(index + 1, files.length)} · `}
                  {sizeSaid(one.file.size)}
                </span>
              </p>
              <IconButton
                icon={X}
                label={`Leave ${one.file.name} out`}
                measure="small"
                onClick={() => onChange(files.filter((other) => other !== one))}
              />
            </li>
          ))}
        </ol>
      ) : null}
      <div className="flex flex-wrap gap-2">
        {files.length < MOST_PARTS ? (
          <Button icon={files.length ? FilePlus2 : Upload} onClick={() => input.current?.click()}>
            {files.length === 0 ? "Choose video files" : files.length === 1 ? "Add the second half" : "Add another"}
          </Button>
        ) : null}
        {files.length === 2 && !several ? (
          <Button kind="quiet" icon={ArrowUpDown} onClick={onSwap}>
            Swap the halves
          </Button>
        ) : null}
      </div>
      {files.length === 0 ? (
        <p className="text-12 text-quiet">Up to 20 GB each. You can also add the footage later.</p>
      ) : null}
    </div>
  );
}

/** Return how long the one file lasts if it is a short phone video; null while that is not known, or if it is none. */
function useShortLength(files: readonly Brought[]): number | null {
  const file = files.length === 1 ? files[0]?.file : undefined;
  const [known, setKnown] = useState<{ readonly file: File; readonly lasts_s: number | null } | null>(null);
  useEffect(() => {
    if (file) void durationOf(file).then((lasts_s) => setKnown({ file, lasts_s }));
  }, [file]);
  return known && known.file === file && isShort(known.lasts_s) ? known.lasts_s : null;
}

async function added(
  said: Said,
  files: readonly Brought[],
  several: boolean,
  play_s: number | null,
): Promise<readonly Game[]> {
  const [first] = files;
  if (first && play_s !== null) {
    const game = await addShort(first, play_s, said);
    return game ? [game] : [];
  }
  if (!several) return [await addGame(said, files)];
  const games: Game[] = [];
  for (const one of files) {
    games.push(await addGame({ opponent: "", match_date: dayOf([one]), venue: null }, [one]));
  }
  return games;
}

function dayOf([first]: readonly Brought[]): string {
  return dateHere(first?.file.lastModified ?? Date.now());
}

/** Return which field the server means, and what it has against it. */
function fieldOf({ code, details, message }: ApiError): { field: string; message: string } | null {
  const { field } = details;
  if (code !== "bad_field" || (field !== "/opponent" && field !== "/match_date")) return null;
  return { field, message: message.replace(`${field}: `, "") };
}
