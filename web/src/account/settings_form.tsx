import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { sentenceOf } from "../api/errors.ts";
import { Banner } from "../look/banner.tsx";
import { Choice } from "../look/choice.tsx";
import { TextField } from "../look/field.tsx";
import { Skeleton } from "../look/skeleton.tsx";
import { changeSettings, type Settings, type SettingsChange, useAccount } from "./account.ts";
import { Section } from "./section.tsx";

const SHAPES = ["9:16", "16:9", "1:1", "4:5"].map((value) => ({ value, label: value }));
const LOOKS = [
  { value: "usual", label: "Usual" },
  { value: "crisp", label: "Crisp" },
  { value: "natural", label: "Natural" },
];
const STARS = ["1", "2", "3", "4", "5"].map((value) => ({ value, label: value, name: `${value} of 5` }));

/** How everything new begins. Each change is saved as it is made. */
export function SettingsForm() {
  const account = useAccount();
  const save = useMutation({ mutationFn: changeSettings });
  const settings = account.data?.settings;
  return (
    <Section title="Settings" text="How clips and projects begin; each can be changed later.">
      {settings ? (
        <div className="grid gap-4 tablet:grid-cols-2">
          <Seconds label="A clip begins before the press" name="lead_ms" settings={settings} onSave={save.mutate} />
          <Seconds label="A clip ends after the press" name="lag_ms" settings={settings} onSave={save.mutate} />
          <Chosen
            label="Shape of a new project"
            value={settings.aspect}
            options={SHAPES}
            onChange={(aspect) => save.mutate({ aspect: aspect as Settings["aspect"] })}
          />
          <Chosen
            label="Look of the pictures"
            value={settings.look ?? "usual"}
            options={LOOKS}
            onChange={(look) => save.mutate({ look: look === "usual" ? null : (look as Settings["look"]) })}
          />
          <Chosen
            label="Least rating of an annotated video"
            value={String(settings.minimum_rating)}
            options={STARS}
            onChange={(least) => save.mutate({ minimum_rating: Number(least) })}
          />
        </div>
      ) : account.isError ? null : (
        <Skeleton className="h-32" />
      )}
      {save.isError ? <Banner tone="loss" title="It was not saved." text={sentenceOf(save.error)} /> : null}
    </Section>
  );
}

interface SecondsProps {
  readonly label: string;
  readonly name: "lead_ms" | "lag_ms";
  readonly settings: Settings;
  readonly onSave: (change: SettingsChange) => void;
}

function Seconds({ label, name, settings, onSave }: SecondsProps) {
  const saved = String(settings[name] / 1000);
  const [said, say] = useState(saved);
  useEffect(() => say(saved), [saved]);
  const keep = () => {
    const seconds = Number(said);
    if (said.trim() === "" || !Number.isFinite(seconds) || seconds < 0 || seconds > 60) say(saved);
    else if (seconds !== settings[name] / 1000) onSave({ [name]: Math.round(seconds * 1000) });
  };
  return (
    <TextField
      label={label}
      hint="In seconds; both together 1 to 60."
      type="number"
      inputMode="decimal"
      min={0}
      max={60}
      step={0.5}
      value={said}
      onChange={({ target }) => say(target.value)}
      onBlur={keep}
      onKeyDown={({ key }) => key === "Enter" && keep()}
    />
  );
}

interface ChosenProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly name?: string }[];
  readonly onChange: (value: string) => void;
}

function Chosen({ label, value, options, onChange }: ChosenProps) {
  return (
    <div className="grid content-start justify-items-start gap-1">
      <span aria-hidden className="text-12 font-strong">
        {label}
      </span>
      <Choice label={label} value={value} options={options} onChange={onChange} />
    </div>
  );
}
