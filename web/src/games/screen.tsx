import { useMutation } from "@tanstack/react-query";
import { Clapperboard, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { sentenceOf } from "../api/errors.ts";
import { type Game, useGames } from "../api/games.ts";
import { Button } from "../look/button.tsx";
import { EmptyState, NotRead } from "../look/empty.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { useToasts } from "../look/toast.tsx";
import { useHotkeys } from "../shell/hotkeys.ts";
import { watchJobs } from "../shell/jobs.ts";
import { useScreenTitle } from "../shell/title.ts";
import type { Brought } from "../uploads/files.ts";
import { addDemo } from "./adding.ts";
import { GameCard } from "./card.tsx";
import { DropZone } from "./drop_zone.tsx";
import { sorted, usable } from "./dropping.ts";
import { NewGame } from "./new_game.tsx";
import { Pitch } from "./pitch.tsx";

/** Every game that was filmed, by match date; new ones come in here. */
export default function GamesScreen() {
  useScreenTitle("Games");
  const games = useGames();
  const [brought, setBrought] = useState<readonly Brought[] | null>(null);
  const navigate = useNavigate();
  const demo = useMutation({
    mutationFn: addDemo,
    onError: (error) =>
      useToasts.getState().tell({ title: "The demo game was not added", text: sentenceOf(error), tone: "loss" }),
  });
  useHotkeys([{ keys: ["N"], label: "Add game", group: "Games", run: () => setBrought([]) }]);
  const works = games.data?.some(isWorkedOn) ?? false;
  useEffect(() => {
    if (works) watchJobs();
  }, [works]);
  const drop = async (files: readonly Brought[]) => {
    if (brought) return setBrought([...brought, ...usable(files)]); // a game is being added: they are its
    const left = await sorted(files, (game) => void navigate(`/games/${game.id}`));
    if (left.length > 0) setBrought(left);
  };
  const add = (
    <Button kind="go" icon={Plus} keys="N" onClick={() => setBrought([])}>
      Add game
    </Button>
  );
  const tryDemo = (
    <Button icon={Clapperboard} busy={demo.isPending} onClick={() => demo.mutate()}>
      Try it with a demo game
    </Button>
  );
  const isEmpty = games.data?.length === 0;
  return (
    <div className="mx-auto grid w-full max-w-360 gap-6 p-4 tablet:p-6 desk:p-8">
      <div className="flex min-h-10 flex-wrap items-center justify-between gap-3">
        <h1 className="text-28">Games</h1>
        {games.data && !isEmpty ? (
          <div className="flex flex-wrap gap-2">
            {games.data.some((game) => game.demo) ? null : tryDemo}
            {add}
          </div>
        ) : null}
      </div>
      {games.data ? (
        isEmpty ? (
          <FirstGame actions={[add, tryDemo]} />
        ) : (
          <ul className={GRID}>
            {games.data.map((game) => (
              <li key={game.id} className="min-w-0">
                <GameCard game={game} />
              </li>
            ))}
          </ul>
        )
      ) : games.isError ? (
        <NotRead
          title="The games are not here yet"
          text={sentenceOf(games.error)}
          isTrying={games.isFetching}
          onAgain={() => void games.refetch()}
        />
      ) : (
        <Coming />
      )}
      {brought ? <NewGame brought={brought} onClose={() => setBrought(null)} /> : null}
      <DropZone onDrop={(files) => void drop(files)} />
    </div>
  );
}

const GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,280px),1fr))] items-start gap-4 tablet:gap-6";

function FirstGame({ actions }: { readonly actions: readonly React.ReactNode[] }) {
  return (
    <div className="relative mx-auto grid w-full max-w-240 tablet:aspect-133/69 tablet:[&>section]:content-center tablet:[&>section]:border-transparent">
      <Pitch
        bare
        className="absolute inset-0 -z-10 size-full mask-[radial-gradient(closest-side,transparent_40%,black)] max-tablet:hidden"
      />
      <EmptyState
        icon={Clapperboard}
        title="Drop a match here"
        text="A file, or its two halves. You can mark clips while it uploads. A phone video of up to a minute becomes a clip at once."
        actions={
          <>
            {actions[0]}
            {actions[1]}
            <Link
              to="/account#enter"
              className="grid min-h-10 basis-full place-content-center rounded-plain text-quiet underline underline-offset-4 hover:text-text"
            >
              Been here before? Enter a recovery code
            </Link>
          </>
        }
      />
    </div>
  );
}

function Coming() {
  return (
    <Loading label="Loading games">
      <div className={GRID}>
        {["a", "b", "c", "d"].map((one) => (
          <div key={one} className="overflow-hidden rounded-plain border border-line bg-surface">
            <Skeleton className="aspect-video rounded-none" />
            <div className="grid gap-2 p-4">
              <Skeleton className="h-6 w-40" />
              <Skeleton className="h-5 w-28" />
              <Skeleton className="h-4 w-24" />
            </div>
          </div>
        ))}
      </div>
    </Loading>
  );
}

function isWorkedOn({ demo, sources }: Game): boolean {
  return sources.some(({ state }) => state === "ingesting") || (demo && sources.length === 0);
}
