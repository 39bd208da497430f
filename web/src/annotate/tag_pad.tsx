import { Plus, Tag } from "lucide-react";
import { type FormEvent, useState } from "react";
import { classes } from "../look/classes.ts";
import { TextField } from "../look/field.tsx";
import { Tooltip } from "../look/tooltip.tsx";
import { MOST_TAG, TAGS } from "../reel/annotation.ts";
import { KEYED_TAGS } from "./desk.ts";

interface TagPadProps {
  /** Those that are on. */
  readonly on: readonly string[];
  /** Tags of one's own, offered beside the usual ones. */
  readonly own: readonly string[];
  readonly onTag: (tag: string) => void;
  readonly onOwn: (tag: string) => void;
}

/** The tags by position, one press each; and one's own. */
export function TagPad({ on, own, onTag, onOwn }: TagPadProps) {
  const usual = Object.values(TAGS).flat();
  const others = [...new Set([...own, ...on])].filter((tag) => !usual.includes(tag));
  return (
    <div className="grid gap-2">
      {Object.entries(TAGS).map(([position, tags]) => (
        <Row key={position} name={position} tags={tags} on={on} onTag={onTag} />
      ))}
      <Row name="Own" tags={others} on={on} onTag={onTag}>
        <OwnTag onOwn={onOwn} />
      </Row>
    </div>
  );
}

interface RowProps {
  readonly name: string;
  readonly tags: readonly string[];
  readonly on: readonly string[];
  readonly onTag: (tag: string) => void;
  readonly children?: React.ReactNode;
}

function Row({ name, tags, on, onTag, children }: RowProps) {
  return (
    <fieldset className="grid grid-cols-[72px_1fr] items-start gap-2">
      <legend className="sr-only">{name}</legend>
      <span aria-hidden className="pt-1.5 text-12 text-quiet pointer-coarse:pt-2.5">
        {name}
      </span>
      <span className="flex min-w-0 flex-wrap gap-1.5">
        {tags.map((tag) => (
          <Chip key={tag} tag={tag} isOn={on.includes(tag)} onTag={onTag} />
        ))}
        {children}
      </span>
    </fieldset>
  );
}

interface ChipProps {
  readonly tag: string;
  readonly isOn: boolean;
  readonly onTag: (tag: string) => void;
}

function Chip({ tag, isOn, onTag }: ChipProps) {
  const key = KEYED_TAGS.indexOf(tag);
  const chip = (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={() => onTag(tag)}
      className={classes(
        "h-7 max-w-full truncate rounded-plain border px-2.5 text-12 transition-colors duration-(--quick) ease-out pointer-coarse:h-9 pointer-coarse:text-14",
        isOn ? "border-accent bg-selected font-strong text-go" : "border-line bg-hover hover:border-outline",
      )}
    >
      <bdi>{tag}</bdi>
    </button>
  );
  return key < 0 ? (
    chip
  ) : (
    <Tooltip text={tag} keys={`Shift+${key + 1}`}>
      {chip}
    </Tooltip>
  );
}

function OwnTag({ onOwn }: { readonly onOwn: (tag: string) => void }) {
  const [asked, ask] = useState(false);
  const [text, setText] = useState("");
  const add = (event: FormEvent) => {
    event.preventDefault();
    const tag = text.replaceAll(",", " ").replace(/\s+/g, " ").trim();
    if (tag) onOwn(tag);
    setText("");
    ask(false);
  };
  if (!asked) {
    return (
      <button
        type="button"
        aria-label="Add a tag of your own"
        onClick={() => ask(true)}
        className="inline-flex h-7 items-center gap-1 rounded-plain border border-line border-dashed px-2 text-12 text-quiet hover:border-outline hover:text-text pointer-coarse:h-9 pointer-coarse:text-14"
      >
        <Plus aria-hidden size={14} />
        <Tag aria-hidden size={14} />
      </button>
    );
  }
  return (
    <form onSubmit={add} className="w-40">
      <TextField
        label="A tag of your own"
        labelHidden
        value={text}
        maxLength={MOST_TAG}
        placeholder="Header, Free kick …"
        autoFocus
        onChange={(event) => setText(event.target.value)}
        onBlur={() => ask(false)}
        onKeyDown={(event) => {
          if (event.key === "Escape") ask(false);
        }}
      />
    </form>
  );
}
