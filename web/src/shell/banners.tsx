import { type RefObject, useLayoutEffect, useRef } from "react";
import { useConnection } from "../api/connection.ts";
import { Banner } from "../look/banner.tsx";
import { Button } from "../look/button.tsx";
import { useRelease } from "./release.ts";

/** What is so for the whole page: no network, a service that is away, a newer release. */
export function Banners() {
  const { online, reached } = useConnection();
  const release = useRelease(({ state }) => state);
  const reload = (
    <Button measure="small" onClick={() => location.reload()}>
      Reload
    </Button>
  );
  const box = useRef<HTMLDivElement>(null);
  const isShown = !reached || release !== "current";
  useRoomFor(box, isShown);
  if (!isShown) return null;
  return (
    <div ref={box} className="sticky top-(--bar) z-10 grid gap-2 bg-ground px-4 py-2 tablet:px-6 desk:px-8">
      {reached ? null : (
        <Banner
          tone="offline"
          title={online ? "Reel Ballers does not answer." : "No network."}
          text="Uploads and changes are kept on this device, and go on by themselves when it is back."
        />
      )}
      {release === "newer" ? (
        <Banner title="There is a new version." text="What you did is saved." actions={reload} />
      ) : null}
      {release === "gone" ? (
        <Banner
          tone="doubt"
          title="This page is older than the service."
          text="Parts of it are no longer there. What you did is saved."
          actions={reload}
        />
      ) : null}
    </div>
  );
}

/** Screens that fill the window, and what sticks to its top, give the banners their room. */
function useRoomFor(box: RefObject<HTMLElement | null>, isShown: boolean) {
  useLayoutEffect(() => {
    const element = box.current;
    if (!isShown || !element) return;
    const { style } = document.documentElement;
    const watching = new ResizeObserver(() => style.setProperty("--banners", `${element.offsetHeight}px`));
    watching.observe(element);
    return () => {
      watching.disconnect();
      style.removeProperty("--banners");
    };
  }, [box, isShown]);
}
