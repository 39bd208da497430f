import { Film } from "lucide-react";
import { useNavigate, useParams } from "react-router";
import { sentenceOf } from "../api/errors.ts";
import { Button } from "../look/button.tsx";
import { EmptyState, NotRead } from "../look/empty.tsx";
import { Loading, Skeleton } from "../look/skeleton.tsx";
import { useScreenTitle } from "../shell/title.ts";
import { ReelCard } from "./card.tsx";
import { ReelPage } from "./reel_page.tsx";
import { useReels } from "./reels.ts";

/** The gallery: every finished reel; behind each card, the reel itself. */
export default function GalleryScreen() {
  const { reelId } = useParams();
  return reelId ? <ReelPage key={reelId} id={reelId} /> : <Gallery />;
}

function Gallery() {
  useScreenTitle("Gallery");
  const reels = useReels();
  const navigate = useNavigate();
  return (
    <div className="mx-auto grid w-full max-w-360 gap-6 p-4 tablet:p-6 desk:p-8">
      <div className="flex min-h-10 items-center">
        <h1 className="text-28">Gallery</h1>
      </div>
      {reels.data ? (
        reels.data.length === 0 ? (
          <EmptyState
            icon={Film}
            title="No reels yet"
            text="A project becomes a reel: frame its clips, put the spotlight on, and make it. It then stands here, to be watched, saved and shared."
            actions={
              <Button kind="go" onClick={() => void navigate("/projects")}>
                To the projects
              </Button>
            }
          />
        ) : (
          <ul className={GRID}>
            {reels.data.map((reel) => (
              <li key={reel.id} className="min-w-0">
                <ReelCard reel={reel} />
              </li>
            ))}
          </ul>
        )
      ) : reels.isError ? (
        <NotRead
          title="The reels are not here yet"
          text={sentenceOf(reels.error)}
          isTrying={reels.isFetching}
          onAgain={() => void reels.refetch()}
        />
      ) : (
        <Loading label="Loading reels">
          <div className={GRID}>
            {["a", "b", "c", "d"].map((one) => (
              <div key={one} className="overflow-hidden rounded-plain border border-line bg-surface">
                <Skeleton className="aspect-square rounded-none" />
                <div className="grid gap-2 p-4">
                  <Skeleton className="h-6 w-40" />
                  <Skeleton className="h-5 w-28" />
                </div>
              </div>
            ))}
          </div>
        </Loading>
      )}
    </div>
  );
}

const GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,240px),1fr))] items-start gap-4 tablet:gap-6";
