import { RefreshCw, TriangleAlert } from "lucide-react";
import { useRouteError } from "react-router";
import { isRefusal } from "../api/errors.ts";
import { Button } from "../look/button.tsx";
import { EmptyState } from "../look/empty.tsx";
import { useRelease } from "../shell/release.ts";
import { NotFound } from "./not_found.tsx";

const OF_LOADING = /dynamically imported module|Importing a module script failed|error loading dynamically/i;

/** A screen that broke: the rest stands. What was saved is safe; loading it anew is what helps most. */
export function ScreenFault() {
  const error = useRouteError();
  const release = useRelease(({ state }) => state);
  if (isRefusal(error, "not_found")) return <NotFound />;
  const old = release === "gone" || (error instanceof Error && OF_LOADING.test(error.message));
  return (
    <div className="mx-auto w-full max-w-160 p-4 pt-16">
      <EmptyState
        icon={TriangleAlert}
        title={old ? "This page is older than the service" : "This screen broke"}
        text={
          old
            ? "Parts of it are no longer there. What you did is saved; load it anew."
            : "What you did is saved. Load it anew; if it breaks again, something is wrong on our side."
        }
        actions={
          <Button kind="go" icon={RefreshCw} onClick={() => location.reload()}>
            Reload
          </Button>
        }
      />
      {!old && error instanceof Error ? (
        <details className="mt-4 text-12 text-quiet">
          <summary className="cursor-pointer">For whoever mends it</summary>
          <pre className="mt-2 overflow-x-auto whitespace-pre-wrap">{error.message}</pre>
        </details>
      ) : null}
    </div>
  );
}
