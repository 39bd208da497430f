import { Ellipsis, FilePlus2, Pencil, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { Link } from "react-router";
import type { Game } from "../api/games.ts";
import { IconButton } from "../look/button.tsx";
import { Menu } from "../look/menu.tsx";
import { useToasts } from "../look/toast.tsx";
import { ACCEPTED, refusalOf } from "../uploads/files.ts";
import { bring } from "./adding.ts";
import { DeleteGame } from "./delete_game.tsx";
import { EditGame } from "./edit_game.tsx";
import { Footage } from "./footage.tsx";
import { Poster } from "./poster.tsx";
import { countsOf, lineOf, nextPart, titleOf } from "./saying.ts";

/** A game: its picture, what is said of it, what is going on with its footage. The whole card leads to it. */
export function GameCard({ game }: { readonly game: Game }) {
  const [asked, ask] = useState<"edit" | "delete" | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const part = nextPart(game);
  const title = titleOf(game);
  const line = lineOf(game);
  const take = (file: File) => {
    const refusal = refusalOf(file);
    if (refusal) useToasts.getState().tell({ title: refusal, tone: "loss" });
    else if (part !== null) void bring(game.id, part, { file });
  };
  return (
    <article
      aria-label={title}
      className="group relative flex flex-col overflow-hidden rounded-plain border border-line bg-surface transition-colors duration-(--quick) ease-out hover:border-outline"
    >
      <Poster game={game} />
      <div className="flex flex-1 items-start gap-2 p-4 pr-2">
        <div className="grid min-w-0 flex-1 grid-cols-1 gap-1">
          <h2 className="flex items-center gap-2 text-16 font-strong">
            <Link
              to={`/games/${game.id}`}
              dir="auto"
              className="min-w-0 truncate outline-none after:absolute after:inset-0 after:rounded-plain focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-(--focus)"
            >
              {title}
            </Link>
            {game.demo ? (
              <span className="shrink-0 rounded-full bg-selected px-2 py-0.5 font-strong text-12 text-go">Demo</span>
            ) : null}
          </h2>
          {line ? <p className="truncate text-quiet">{line}</p> : null}
          <p className="tabular truncate text-12 text-quiet">{countsOf(game)}</p>
        </div>
        <div className="relative -my-2">
          <Menu
            trigger={<IconButton icon={Ellipsis} label={`More for ${title}`} />}
            groups={[
              [
                { id: "edit", label: "Edit game", icon: Pencil, onSelect: () => ask("edit") },
                {
                  id: "add",
                  label:
                    game.sources.length === 0
                      ? "Add footage"
                      : game.sources.length === 1
                        ? "Add the second half"
                        : "Add footage",
                  icon: FilePlus2,
                  blocked: part === null ? "A game has up to eight parts." : null,
                  onSelect: () => input.current?.click(),
                },
              ],
              [{ id: "delete", label: "Delete game", icon: Trash2, loses: true, onSelect: () => ask("delete") }],
            ]}
          />
        </div>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        accept={ACCEPTED}
        aria-label={`More footage for ${title}`}
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) take(file);
          target.value = "";
        }}
      />
      <Footage game={game} />
      {asked === "edit" ? <EditGame game={game} onClose={() => ask(null)} /> : null}
      {asked === "delete" ? <DeleteGame game={game} onClose={() => ask(null)} /> : null}
    </article>
  );
}
