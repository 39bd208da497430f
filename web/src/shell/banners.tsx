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
  if (reached && release === "current") return null;
  return (
    <div className="grid gap-2 px-4 pt-3 desk:px-8">
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
