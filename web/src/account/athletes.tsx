import { useMutation } from "@tanstack/react-query";
import { Pencil, Trash2, UserPlus } from "lucide-react";
import { useState } from "react";
import { isRefusal, sentenceOf } from "../api/errors.ts";
import { useAthletes } from "../api/session.ts";
import { Banner } from "../look/banner.tsx";
import { Button, IconButton } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { TextField } from "../look/field.tsx";
import { Skeleton } from "../look/skeleton.tsx";
import { type Athlete, deleteAthlete, refreshAthletes, saveAthlete } from "./account.ts";
import { Section } from "./section.tsx";

const MOST_NAME = 60; // characters, as the API takes them

/** The players that this account makes reels of. */
export function Athletes() {
  const athletes = useAthletes();
  const [edited, edit] = useState<Athlete | "new" | null>(null);
  const [removed, remove] = useState<Athlete | null>(null);
  return (
    <Section title="Athletes" text="Whose reels these are. A share link shows the first name, or what you choose.">
      {athletes.isError ? (
        <Banner tone="doubt" title="The athletes are not here yet." text={sentenceOf(athletes.error)} />
      ) : athletes.data === undefined ? (
        <Skeleton className="h-12" />
      ) : athletes.data.length > 0 ? (
        <ul className="grid divide-y divide-line">
          {athletes.data.map((athlete) => (
            <li key={athlete.id} className="flex items-center gap-2 py-1 first:pt-0 last:pb-0">
              <p className="min-w-0 flex-1 truncate">
                <bdi className="font-strong">{athlete.name}</bdi>
                {athlete.shirt_number === null ? null : (
                  <span className="tabular text-quiet"> · number {athlete.shirt_number}</span>
                )}
              </p>
              <IconButton icon={Pencil} label={`Edit ${athlete.name}`} onClick={() => edit(athlete)} />
              <IconButton icon={Trash2} label={`Delete ${athlete.name}`} onClick={() => remove(athlete)} />
            </li>
          ))}
        </ul>
      ) : null}
      <div>
        <Button icon={UserPlus} onClick={() => edit("new")}>
          Add athlete
        </Button>
      </div>
      {edited ? <EditAthlete athlete={edited === "new" ? null : edited} onClose={() => edit(null)} /> : null}
      {removed ? <DeleteAthlete athlete={removed} onClose={() => remove(null)} /> : null}
    </Section>
  );
}

function EditAthlete({ athlete, onClose }: { readonly athlete: Athlete | null; readonly onClose: () => void }) {
  const [name, say] = useState(athlete?.name ?? "");
  const [number, wear] = useState(athlete?.shirt_number?.toString() ?? "");
  const save = useMutation({
    mutationFn: () => saveAthlete(athlete, { name: name.trim(), shirt_number: number === "" ? null : Number(number) }),
    onSuccess: onClose,
    onError: (error) => isRefusal(error, "stale_revision") && refreshAthletes(),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={athlete ? "Edit athlete" : "Add athlete"}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="go"
            submits
            form="athlete"
            busy={save.isPending}
            blocked={name.trim() ? null : "Say a name first."}
          >
            Save
          </Button>
        </>
      }
    >
      <form
        id="athlete"
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) save.mutate();
        }}
      >
        <TextField
          label="Name"
          placeholder="Mia"
          maxLength={MOST_NAME}
          autoComplete="off"
          value={name}
          onChange={({ target }) => say(target.value)}
        />
        <TextField
          label="Shirt number"
          hint="May be left out."
          type="number"
          inputMode="numeric"
          min={0}
          max={999}
          value={number}
          onChange={({ target }) => wear(target.value)}
        />
        {save.isError ? <Banner tone="loss" title="It was not saved." text={sentenceOf(save.error)} /> : null}
      </form>
    </Dialog>
  );
}

function DeleteAthlete({ athlete, onClose }: { readonly athlete: Athlete; readonly onClose: () => void }) {
  const remove = useMutation({ mutationFn: () => deleteAthlete(athlete.id), onSuccess: onClose });
  return (
    <Dialog
      open
      held={remove.isPending}
      onOpenChange={(open) => open || onClose()}
      title={`Delete ${athlete.name}?`}
      description="Projects and reels stay, as nobody's. Links that show the name go on showing it."
      actions={
        <>
          <Button onClick={onClose}>Keep</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete athlete
          </Button>
        </>
      }
    >
      {remove.isError ? <Banner tone="loss" title="They are still there." text={sentenceOf(remove.error)} /> : null}
    </Dialog>
  );
}
