/** Which tab this is, so that two tabs keep their unsaved work apart, and what a closed one left is not forgotten. */

const TAB = "reel.tab";
const KEPT = "reel.saves.";

/** Where unsaved work is kept. A browser that keeps nothing (a private window, a full disk) throws: then it is lost with the page. */
export interface Kept {
  /** What this tab, and tabs that are gone, left unsaved. */
  readonly texts: readonly string[];
  readonly keep: (text: string) => void;
}

/** Return this tab's place, and take over what tabs that are gone have left. */
export async function ownPlace(newId: () => string): Promise<Kept> {
  const storage = storageThere();
  if (!storage) return { texts: [], keep: () => undefined };
  const tab = await ownTab(newId);
  const alive = await tabsAlive();
  const mine = `${KEPT}${tab}`;
  const left = Object.keys(storage).filter((key) => key.startsWith(KEPT) && (key === mine || !alive.has(key)));
  const texts = left.sort().flatMap((key) => storage.getItem(key) ?? []);
  for (const key of left) if (key !== mine) storage.removeItem(key);
  return { texts, keep: (text) => keep(storage, mine, text) };
}

/** A duplicated tab has the other's name: the lock of that is held, so it takes another. */
async function ownTab(newId: () => string): Promise<string> {
  const before = sessionStorage.getItem(TAB);
  if (before !== null && (await locked(before))) return before;
  const tab = newId();
  sessionStorage.setItem(TAB, tab);
  await locked(tab);
  return tab;
}

/** Hold a tab's lock for as long as the page stands; answer whether it could be had. Without locks it always can. */
function locked(tab: string): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`${KEPT}${tab}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise(() => undefined);
    });
  });
}

async function tabsAlive(): Promise<ReadonlySet<string>> {
  const held = (await navigator.locks?.query())?.held ?? [];
  return new Set(held.flatMap(({ name }) => name ?? []));
}

function storageThere(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function keep(storage: Storage, key: string, text: string): void {
  try {
    storage.setItem(key, text);
  } catch {
    // The disk is full: it is saved to the server anyway, as soon as that answers.
  }
}
