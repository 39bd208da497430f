/** What the page follows for as long as it is open: keys, network, jobs, releases; and what it finds when it opens. */

import { answered, api } from "../api/client.ts";
import { followNetwork, useConnection } from "../api/connection.ts";
import { names, queries } from "../api/queries.ts";
import { idOf } from "../saving/clips.ts";
import { theSaver } from "../saving/sending.ts";
import { followKeys } from "../shell/hotkeys.ts";
import { followDevice, onEnded, watchJobs } from "../shell/jobs.ts";
import { tellEnd } from "../shell/notices.ts";
import { followRelease } from "../shell/release.ts";
import { followTitle } from "../shell/title.ts";
import { findLost, onArrived } from "../uploads/uploading.ts";

/** Begin to follow it all. */
export function follow(): void {
  followNetwork();
  followTitle();
  followKeys();
  followDevice();
  followRelease();
  onEnded(tellEnd);
  onArrived(watchJobs);
  useConnection.subscribe(({ reached }, before) => {
    if (reached && !before.reached) void queries.invalidateQueries(); // what could not be asked for meanwhile
  });
  keepDrops();
  void theSaver().then((saver) => saver.hear(forget)); // what an earlier visit could not save goes out from any screen
  void lookAround();
}

/** A clip was saved: what was read of clips, and of the projects that show them, is old on the next screen. */
function forget(thing: string): void {
  if (idOf(thing) === null) return;
  void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "games" && queryKey[2] === "clips" });
  void queries.invalidateQueries({ queryKey: names.projects });
}

/** A file that is dropped where nobody takes it would lead the browser away from the page. */
function keepDrops(): void {
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
}

/** Of who is somebody already: find what was under way when the page was left. */
async function lookAround(): Promise<void> {
  try {
    const session = await queries.fetchQuery({
      queryKey: names.session,
      queryFn: () => answered(api.GET("/api/session")),
    });
    if (!session.user) return;
    await findLost();
    const open = await answered(api.GET("/api/jobs", { params: { query: { active: true, limit: 1 } } }));
    if (open.items.length > 0) watchJobs();
  } catch {
    // Away just now: the banner says so, and each screen asks for what it needs.
  }
}
