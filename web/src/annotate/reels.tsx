import { useQueries } from "@tanstack/react-query";
import { Clapperboard } from "lucide-react";
import { Link } from "react-router";
import { answered, api } from "../api/client.ts";
import { names } from "../api/queries.ts";

/** As many as have room; the others are among the projects. */
const MOST = 4;

/** The reels that a clip is in, first its own if it has five stars: a press leads there. */
export function Reels({ ids }: { readonly ids: readonly string[] }) {
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: names.project(id),
      queryFn: () => answered(api.GET("/api/projects/{id}", { params: { path: { id } } })),
    })),
    combine: (all) => all.flatMap(({ data }) => data ?? []),
  });
  const ordered = found.toSorted((a, b) => Number(b.automatic) - Number(a.automatic));
  return (
    <nav aria-label="Reels with this clip" className="grid gap-1">
      <p className="font-strong text-12">In {ids.length === 1 ? "a reel" : `${ids.length} reels`}</p>
      <ul className="flex min-h-8 flex-wrap gap-1">
        {ordered.slice(0, MOST).map(({ id, title }) => (
          <li key={id} className="min-w-0">
            <Link
              to={`/projects/${id}`}
              className="touchable flex h-8 max-w-80 items-center gap-2 rounded-plain border border-line px-3 hover:border-outline hover:bg-hover"
            >
              <Clapperboard aria-hidden size={16} className="shrink-0 text-quiet" />
              <bdi className="truncate">{title || "Untitled reel"}</bdi>
            </Link>
          </li>
        ))}
        {ids.length > MOST ? (
          <li>
            <Link to="/projects" className="touchable flex h-8 items-center rounded-plain px-3 hover:bg-hover">
              All projects
            </Link>
          </li>
        ) : null}
      </ul>
    </nav>
  );
}
