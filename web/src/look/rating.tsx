import { ToggleGroup } from "radix-ui";
import { RATING_VALUES, RATINGS, type RatingValue } from "../reel/annotation.ts";
import { classes } from "./classes.ts";
import { Tooltip } from "./tooltip.tsx";

const FILLS: Readonly<Record<RatingValue, string>> = {
  1: "bg-rating-1 text-on-rating-1",
  2: "bg-rating-2 text-on-rating-2",
  3: "bg-rating-3 text-on-rating-3",
  4: "bg-rating-4 text-on-rating-4",
  5: "bg-rating-5 text-on-rating-5",
};

interface RatingBadgeProps {
  readonly rating: RatingValue;
  /** With its name beside its symbol. */
  readonly named?: boolean;
}

/** A rating: its colour never stands alone, its symbol is on it. */
export function RatingBadge({ rating, named = false }: RatingBadgeProps) {
  const { symbol, name } = RATINGS[rating];
  return (
    <span
      className={classes(
        "inline-flex h-6 min-w-8 shrink-0 items-center justify-center gap-1.5 rounded-plain px-2 font-strong text-12",
        FILLS[rating],
      )}
    >
      <span aria-hidden>{symbol}</span>
      <span className={named ? "" : "sr-only"}>{name}</span>
    </span>
  );
}

interface RatingPickerProps {
  /** None is chosen where a press is to make something new. */
  readonly value: RatingValue | null;
  readonly onChange: (rating: RatingValue) => void;
}

/** The five ratings, one chosen; 1 to 5 on the keyboard do the same where the editor says so. */
export function RatingPicker({ value, onChange }: RatingPickerProps) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label="Rating"
      value={value === null ? "" : String(value)}
      onValueChange={(next) => next && onChange(Number(next) as RatingValue)}
      className="flex gap-2 pointer-coarse:gap-1"
    >
      {RATING_VALUES.map((rating) => (
        <Tooltip key={rating} text={RATINGS[rating].name} keys={String(rating)}>
          <ToggleGroup.Item
            value={String(rating)}
            aria-label={`${rating}, ${RATINGS[rating].name}`}
            className={classes(
              "size-10 rounded-plain font-strong text-16 outline-offset-2 transition-opacity duration-(--quick) ease-out pointer-coarse:size-11",
              value === null ? "" : "opacity-55",
              "hover:opacity-100 aria-checked:opacity-100 aria-checked:ring-2 aria-checked:ring-text aria-checked:ring-offset-2 aria-checked:ring-offset-ground",
              FILLS[rating],
            )}
          >
            {RATINGS[rating].symbol}
          </ToggleGroup.Item>
        </Tooltip>
      ))}
    </ToggleGroup.Root>
  );
}
