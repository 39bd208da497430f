import { CloudUpload, FileWarning, Film, LoaderCircle } from "lucide-react";
import { Link } from "react-router";
import type { Game } from "../api/games.ts";

interface EmptyStageProps {
  readonly game: Game;
  /** The source whose file can no longer be read. */
  readonly gone: string | null;
}

/** Where nothing of a game can be played: why, and what happens next. */
export function EmptyStage({ game, gone }: EmptyStageProps) {
  const { icon: Icon, title, text, link } = gone === null ? saidOf(game) : goneSaid(game, gone);
  return (
    <div className="absolute inset-0 grid place-items-center bg-picture p-6 text-center text-on-scrim">
      <div className="grid max-w-100 justify-items-center gap-2">
        <Icon aria-hidden size={30} strokeWidth={1.75} className={Icon === LoaderCircle ? "turns" : ""} />
        <p className="font-strong text-16">{title}</p>
        <p className="text-pretty text-14">{text}</p>
        {link ? (
          <Link
            to="/"
            className="mt-2 inline-flex h-10 items-center rounded-plain bg-accent px-4 font-strong text-on-accent hover:bg-accent-hover"
          >
            {link}
          </Link>
        ) : null}
      </div>
    </div>
  );
}

function goneSaid({ sources }: Game, gone: string) {
  const source = sources.find(({ id }) => id === gone);
  const title = "The file cannot be read any more";
  const why = `“${source?.name ?? ""}” was moved, changed or taken out.`;
  if (source?.state === "uploading") {
    const text = `${why} Choose it again, and the upload goes on where it was. Clips that you marked are kept.`;
    return { icon: FileWarning, title, text, link: "See the upload" };
  }
  return {
    icon: FileWarning,
    title,
    text: `${why} It was uploaded whole: it plays from there in a moment.`,
    link: null,
  };
}

function saidOf({ demo, sources }: Game) {
  if (demo && sources.length === 0) {
    return {
      icon: LoaderCircle,
      title: "Filming the demo game",
      text: "Half a minute or so: a match is filmed, and four of its plays are marked. It opens by itself.",
    };
  }
  const states = sources.map(({ state }) => state);
  const failed = sources.find(({ state }) => state === "failed" || state === "refused");
  if (states.includes("ingesting")) {
    return {
      icon: LoaderCircle,
      title: "Looking the footage over",
      text: "A moment: its frames are read and its timeline is drawn. It opens by itself.",
    };
  }
  if (states.includes("uploading")) {
    return {
      icon: CloudUpload,
      title: "The footage is on its way",
      text: "It is being uploaded from another tab or device, or the upload is waiting to go on.",
      link: "See the upload",
    };
  }
  if (failed) {
    const message = failed.error?.message;
    const text = typeof message === "string" ? message : "What was uploaded could not be used.";
    return { icon: FileWarning, title: `${failed.name} could not be used`, text, link: "See what can be done" };
  }
  return {
    icon: Film,
    title: "This game has no footage yet",
    text: "Drop a video on it: clips can be marked while it uploads.",
    link: "Add footage",
  };
}
