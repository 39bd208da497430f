import { CircleHelp, CloudOff } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link, useParams } from "react-router";
import { isRefusal, sentenceOf } from "../api/errors.ts";
import { type Game, useGame } from "../api/games.ts";
import { names, queries } from "../api/queries.ts";
import { Button } from "../look/button.tsx";
import { EmptyState } from "../look/empty.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { useScreenTitle } from "../shell/title.ts";
import { useFootage } from "./footage.ts";
import { useGoneNoticed, useLetGo } from "./gone.ts";
import { type Opened, useEditing } from "./use_editing.ts";
import { Workspace } from "./workspace.tsx";

/** While footage is on its way it is asked for again this often, should nothing else tell. */
const LOOK_MS = 4000;

/** Annotate: a game's footage, and the clips that are marked in it. */
export default function Annotate() {
  const { gameId = "" } = useParams();
  const game = useGame(gameId);
  const footage = useFootage(game.data);
  const { opened, fault, again } = useEditing(gameId);
  useScreenTitle(game.data ? nameOf(game.data) : "Annotate");
  useLookingAgain(game.data);
  useGoneNoticed(gameId, opened);
  useLookedOver(game.data, opened);
  const failed = game.error ?? fault;
  if (failed && isRefusal(failed, "not_found")) return <Gone game_id={gameId} opened={opened} />;
  if (failed && !(game.data && opened)) {
    return (
      <Middle>
        <EmptyState
          icon={CloudOff}
          title="This game cannot be opened now"
          text={sentenceOf(failed)}
          actions={
            <Button
              kind="go"
              onClick={() => {
                again();
                void game.refetch();
              }}
            >
              Try again
            </Button>
          }
        />
      </Middle>
    );
  }
  if (!game.data || !opened) return <Coming />;
  return <Workspace key={gameId} game={game.data} footage={footage} opened={opened} />;
}

export function nameOf({ opponent }: Pick<Game, "opponent">): string {
  return opponent || "Game";
}

function useLookingAgain(game: Game | undefined) {
  const works = game?.sources.some(({ state }) => state === "ingesting" || state === "uploading") ?? false;
  const waits = works || (game?.demo === true && game.sources.length === 0); // it is being filmed
  const id = game?.id ?? "";
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => void queries.invalidateQueries({ queryKey: names.game(id), exact: true }), LOOK_MS);
    return () => clearInterval(timer);
  }, [waits, id]);
}

/** Clips that were marked before their footage was looked over are put onto its frames then: they are read anew. */
function useLookedOver(game: Game | undefined, opened: Opened | null) {
  const known = game?.sources.filter(({ facts }) => facts !== null).length ?? 0;
  const before = useRef(known);
  useEffect(() => {
    if (opened && known > before.current) void opened.editing.load().catch(() => undefined);
    before.current = known;
  }, [known, opened]);
}

function Gone({ game_id, opened }: { readonly game_id: string; readonly opened: Opened | null }) {
  useLetGo(game_id, opened);
  return (
    <Middle>
      <EmptyState
        icon={CircleHelp}
        title="This game is not here"
        text="It was deleted, or it belongs to somebody else. Reels that were made of it are still there."
        actions={
          <Link
            to="/"
            className="inline-flex h-10 items-center rounded-plain bg-accent px-4 font-strong text-on-accent hover:bg-accent-hover"
          >
            To the games
          </Link>
        }
      />
    </Middle>
  );
}

function Middle({ children }: { readonly children: React.ReactNode }) {
  return <div className="mx-auto w-full max-w-160 p-4 pt-16">{children}</div>;
}

function Coming() {
  return (
    <Loading label="Loading the game">
      <div className="grid h-[calc(100dvh-var(--head))] desk:grid-cols-[minmax(0,1fr)_380px]">
        <div className="grid grid-rows-[auto_1fr_auto]">
          <div className="flex h-12 items-center px-4">
            <Skeleton className="h-5 w-48" />
          </div>
          <div className="bg-picture" />
          <div className="grid gap-2 p-4">
            <Skeleton className="h-10 w-72" />
            <Skeleton className="h-13 w-full" />
            <Skeleton className="h-26 w-full" />
          </div>
        </div>
        <div className="grid content-start gap-4 border-line border-l p-4 max-desk:hidden">
          <Skeleton className="h-6 w-40" />
          <Skeleton className="h-10 w-60" />
          <Skeleton className="h-32 w-full" />
          {["w-4/5", "w-3/5", "w-2/3"].map((width) => (
            <Skeleton key={width} className={`h-6 ${width}`} />
          ))}
        </div>
      </div>
    </Loading>
  );
}
