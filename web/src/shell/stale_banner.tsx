import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { clockSaid } from "./times.ts";

interface StaleBannerProps {
  /** "This project", "This game". */
  readonly what: string;
  readonly at_ms: number;
  readonly onLoadTheirs: () => void;
  readonly onKeepMine?: (() => void) | undefined;
}

/** Something was changed elsewhere while it was open here: the person says which of the two stays. */
export function StaleBanner({ what, at_ms, onLoadTheirs, onKeepMine }: StaleBannerProps) {
  return (
    <Banner
      tone="doubt"
      title={`${what} was changed in another tab at ${clockSaid(at_ms)}.`}
      actions={
        <>
          <Button measure="small" onClick={onLoadTheirs}>
            Load theirs
          </Button>
          {onKeepMine ? (
            <Button measure="small" onClick={onKeepMine}>
              Keep mine as a copy
            </Button>
          ) : null}
        </>
      }
    />
  );
}
