import { Choice } from "../look/choice.tsx";
import { TextField } from "../look/field.tsx";
import type { Said } from "./adding.ts";
import { VENUES } from "./saying.ts";

const MOST_OPPONENT = 100; // characters, as the API takes them

interface GameFormProps {
  readonly said: Said;
  readonly onChange: (said: Said) => void;
  /** What the server has against a field. */
  readonly fault?: { readonly field: string; readonly message: string } | null | undefined;
}

/** What a person says of a game: against whom, when, where. All of it may be left out. */
export function GameForm({ said, onChange, fault }: GameFormProps) {
  const faultOf = (field: string) => (fault?.field === `/${field}` ? fault.message : null);
  return (
    <div className="grid gap-4">
      <TextField
        label="Opponent"
        placeholder="FC Tigers"
        maxLength={MOST_OPPONENT}
        autoComplete="off"
        value={said.opponent}
        error={faultOf("opponent")}
        onChange={({ target }) => onChange({ ...said, opponent: target.value })}
      />
      <div className="grid gap-4">
        <TextField
          label="Match date"
          type="date"
          value={said.match_date ?? ""}
          error={faultOf("match_date")}
          onChange={({ target }) => onChange({ ...said, match_date: target.value || null })}
        />
        <div className="grid content-start gap-1">
          <span aria-hidden className="text-12 font-strong">
            Where
          </span>
          <Choice
            label="Where"
            value={said.venue ?? ""}
            options={Object.entries(VENUES).map(([value, label]) => ({ value, label }))}
            onChange={(venue) => onChange({ ...said, venue: venue as Said["venue"] })}
          />
        </div>
      </div>
    </div>
  );
}
