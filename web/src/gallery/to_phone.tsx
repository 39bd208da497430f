import { Share } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../look/button.tsx";
import { useToasts } from "../look/toast.tsx";
import { canShareFiles, fetched, shareFile } from "./handing_over.ts";

interface ToPhoneProps {
  readonly media: string;
  readonly name: string;
  readonly label?: string;
}

/** Save to phone: the file itself goes to whatever the device shares with, its photos too. Nothing where it cannot. */
export function ToPhone({ media, name, label = "Save to phone" }: ToPhoneProps) {
  const [came, setCame] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const [again, setAgain] = useState(false);
  const leaving = useRef(new AbortController());
  useEffect(() => {
    leaving.current = new AbortController();
    return () => leaving.current.abort();
  }, []);
  if (!canShareFiles()) return null;
  const share = async () => {
    setBusy(true);
    try {
      const there = file ?? (await fetched(media, name, setCame, leaving.current.signal));
      setFile(there);
      // A device shares only right after a press: a long film has come too late for the one that asked for it.
      setAgain(!(await shareFile(there)));
    } catch (error) {
      if (leaving.current.signal.aborted) return;
      const text = error instanceof Error ? error.message : "";
      useToasts.getState().tell({ title: "It could not be handed over", text, tone: "loss" });
    } finally {
      setBusy(false);
      setCame(null);
    }
  };
  return (
    <Button icon={Share} busy={busy} onClick={() => void share()}>
      {busy ? gettingSaid(came) : again ? "It is here: press once more" : label}
    </Button>
  );
}

function gettingSaid(came: number | null): string {
  return came === null ? "Getting the file" : `Getting the file: ${Math.round(came * 100)} %`;
}
