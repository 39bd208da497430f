/** The page's title: what is shown, and a sign that something was done while nobody looked. */

import { useEffect } from "react";
import { create } from "zustand";

interface Title {
  readonly screen: string;
  /** How many things were done unseen. */
  readonly unseen: number;
}

const useTitle = create<Title>(() => ({ screen: "", unseen: 0 }));

const NAME = "Reel Ballers";

/** Name the screen in the page's title. */
export function useScreenTitle(screen: string): void {
  useEffect(() => useTitle.setState({ screen }), [screen]);
}

/** Count something that was done; it is forgotten once the page is looked at. */
export function countUnseen(): void {
  if (document.hidden) useTitle.setState(({ unseen }) => ({ unseen: unseen + 1 }));
}

/** Keep the document's title. Returns what stops that. */
export function followTitle(): () => void {
  const show = ({ screen, unseen }: Title) => {
    document.title = `${unseen ? `(${unseen}) ` : ""}${screen ? `${screen} · ` : ""}${NAME}`;
  };
  const seen = () => document.hidden || useTitle.setState({ unseen: 0 });
  show(useTitle.getState());
  document.addEventListener("visibilitychange", seen);
  const leave = useTitle.subscribe(show);
  return () => {
    leave();
    document.removeEventListener("visibilitychange", seen);
  };
}
