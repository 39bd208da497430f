import { Compass } from "lucide-react";
import { Link } from "react-router";
import { EmptyState } from "../look/empty.tsx";
import { useScreenTitle } from "../shell/title.ts";

/** An address where nothing is. */
export function NotFound() {
  useScreenTitle("Nothing here");
  return (
    <div className="mx-auto w-full max-w-160 p-4 pt-16">
      <h1 className="sr-only">Nothing here</h1>
      <EmptyState
        icon={Compass}
        title="There is nothing at this address"
        text="It may have been deleted, or the address is not whole."
        actions={
          <Link
            to="/"
            className="inline-flex h-10 items-center rounded-plain bg-accent px-4 font-strong text-on-accent hover:bg-accent-hover"
          >
            To the games
          </Link>
        }
      />
    </div>
  );
}
