import { Clapperboard, EllipsisVertical, Film, ListFilter, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "../look/button.tsx";
import { EmptyState } from "../look/empty.tsx";
import { Menu } from "../look/menu.tsx";
import { RatingBadge } from "../look/rating.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { Tabs } from "../look/tabs.tsx";
import { clipName, type RatingValue } from "../reel/annotation.ts";

const CLIPS: readonly (readonly [time: string, rating: RatingValue, tags: readonly string[], notes: string])[] = [
  ["3:12", 5, ["Goal", "Assist"], ""],
  ["17:40", 4, ["Dribble"], "Past two on the left, low cross"],
  ["24:05", 3, ["Pass"], ""],
  ["31:58", 2, ["Control"], "هدف رائع في الدقيقة الأخيرة"],
  ["41:02", 1, ["Tackle"], ""],
];

export function Clips() {
  const [shown, show] = useState("clips");
  return (
    <Tabs
      label="Clip list"
      value={shown}
      onChange={show}
      tabs={[
        { id: "clips", label: "Clips", icon: Film, count: CLIPS.length, content: <Listed /> },
        { id: "empty", label: "Empty", content: <Nothing /> },
        { id: "loading", label: "Loading", content: <Coming /> },
      ]}
    />
  );
}

function Listed() {
  return (
    <ul className="grid grid-cols-1 gap-1">
      {CLIPS.map(([time, rating, tags, notes]) => (
        <li key={time} className="flex items-center gap-3 rounded-plain py-1 pr-1 hover:bg-hover tablet:gap-4">
          <time className="w-12 text-right text-quiet">{time}</time>
          <RatingBadge rating={rating} />
          <span className="min-w-0 flex-1 truncate">
            <bdi>{clipName(rating, tags, notes)}</bdi>
          </span>
          <span className="hidden text-quiet tablet:inline">{tags.join(", ")}</span>
          <span className="tabular hidden text-quiet tablet:inline">10.0 s</span>
          <Menu
            trigger={<IconButton icon={EllipsisVertical} label={`More for the clip at ${time}`} measure="small" />}
            groups={[
              [
                { id: "edit", label: "Edit", icon: Pencil, keys: "Enter", onSelect: () => undefined },
                {
                  id: "reel",
                  label: "Make a reel of it",
                  icon: Clapperboard,
                  blocked: rating < 3 ? "Only clips rated 3 or better." : null,
                  onSelect: () => undefined,
                },
              ],
              [{ id: "delete", label: "Delete", icon: Trash2, keys: "Delete", loses: true, onSelect: () => undefined }],
            ]}
          />
        </li>
      ))}
    </ul>
  );
}

function Nothing() {
  return (
    <EmptyState
      icon={ListFilter}
      title="No clips yet"
      text="Play the game and press N when something good just happened: the last 8 seconds and the next 2 become a clip."
      actions={
        <>
          <Button kind="go">Add clip</Button>
          <Button>Bring in a list</Button>
        </>
      }
    />
  );
}

function Coming() {
  return (
    <Loading label="Loading clips">
      <div className="grid gap-2 py-1">
        {["w-3/5", "w-4/5", "w-1/2", "w-2/3"].map((width) => (
          <div key={width} className="flex items-center gap-4 px-2 py-1">
            <Skeleton className="h-5 w-12" />
            <Skeleton className="h-6 w-8" />
            <Skeleton className={`h-5 ${width}`} />
          </div>
        ))}
      </div>
    </Loading>
  );
}
