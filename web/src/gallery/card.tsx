import { Download, Ellipsis, LinkIcon, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { IconButton } from "../look/button.tsx";
import { Menu } from "../look/menu.tsx";
import { DeleteReel } from "./delete_reel.tsx";
import { save } from "./handing_over.ts";
import { Picture } from "./picture.tsx";
import type { Reel } from "./reels.ts";
import { RenameReel } from "./rename_reel.tsx";
import { lineOf, titleOf, whenSaid } from "./saying.ts";

/** A reel: its cover, its name, how long and of which shape it is, and when it was made. The whole card leads to it. */
export function ReelCard({ reel }: { readonly reel: Reel }) {
  const [asked, ask] = useState<"rename" | "delete" | null>(null);
  const [looked, look] = useState(false);
  const navigate = useNavigate();
  return (
    <article
      aria-label={titleOf(reel)}
      onPointerEnter={() => look(true)}
      onPointerLeave={() => look(false)}
      onFocus={() => look(true)}
      onBlur={() => look(false)}
      className="group relative flex flex-col overflow-hidden rounded-plain border border-line bg-surface transition-colors duration-(--quick) ease-out hover:border-outline"
    >
      <Picture reel={reel} plays={looked} />
      <div className="flex flex-1 items-start gap-2 p-4 pr-2">
        <div className="grid min-w-0 flex-1 grid-cols-1 gap-1">
          <h2 className="flex items-center gap-2 text-16 font-strong">
            <Link
              to={`/gallery/${reel.id}`}
              dir="auto"
              className="min-w-0 truncate outline-none after:absolute after:inset-0 after:rounded-plain focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-(--focus)"
            >
              {titleOf(reel)}
            </Link>
            {reel.newest.draft ? <DraftSign /> : null}
          </h2>
          <p className="tabular truncate text-quiet">{lineOf(reel)}</p>
          <p className="tabular truncate text-12 text-quiet">{whenSaid(reel.newest.created_at)}</p>
        </div>
        <div className="relative -my-2">
          <Menu
            trigger={<IconButton icon={Ellipsis} label={`More for ${titleOf(reel)}`} />}
            groups={[
              [
                {
                  id: "download",
                  label: "Download",
                  icon: Download,
                  onSelect: () => save(reel.media),
                },
                {
                  id: "share",
                  label: "Share links",
                  icon: LinkIcon,
                  onSelect: () => void navigate(`/gallery/${reel.id}#links`),
                },
                { id: "rename", label: "Rename", icon: Pencil, onSelect: () => ask("rename") },
              ],
              [{ id: "delete", label: "Delete reel", icon: Trash2, loses: true, onSelect: () => ask("delete") }],
            ]}
          />
        </div>
      </div>
      {asked === "rename" ? <RenameReel reel={reel} onClose={() => ask(null)} /> : null}
      {asked === "delete" ? <DeleteReel reel={reel} onClose={() => ask(null)} /> : null}
    </article>
  );
}

/** That a reel was made of a draft, without a network. */
export function DraftSign() {
  return <span className="shrink-0 rounded-full bg-doubtful px-2 py-0.5 font-strong text-12 text-doubt">Draft</span>;
}
