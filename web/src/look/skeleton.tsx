import type { ReactNode } from "react";
import { classes } from "./classes.ts";

/** The shape of what is coming, in its place and size, so that nothing jumps. */
export function Skeleton({ className }: { readonly className: string }) {
  return <span aria-hidden className={classes("waits block rounded-plain bg-hover", className)} />;
}

interface LoadingProps {
  /** What is coming: "Loading games". */
  readonly label: string;
  /** The skeletons. */
  readonly children: ReactNode;
}

/** Around skeletons: says that something is coming to who does not see them. */
export function Loading({ label, children }: LoadingProps) {
  return (
    <div role="status" aria-busy="true">
      <span className="sr-only">{label}</span>
      {children}
    </div>
  );
}
