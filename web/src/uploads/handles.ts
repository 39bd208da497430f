/**
 * Files that the browser can open again after a reload (File System Access: Chromium, over https or on this machine).
 * Where it cannot, the person chooses the file again.
 */

const DATABASE = "reel-files";
const STORE = "handles";

/** The browser's own word for a file on the disk; TypeScript does not know the calls that ask for leave yet. */
export interface Handle extends FileSystemFileHandle {
  queryPermission?(how: { mode: "read" }): Promise<PermissionState>;
  requestPermission?(how: { mode: "read" }): Promise<PermissionState>;
}

/** Keep a handle, as far as the browser can. */
export async function keepHandle(id: string, handle: Handle): Promise<void> {
  await inStore("readwrite", (store) => store.put(handle, id)).catch(() => undefined);
}

/** Forget a handle. */
export async function dropHandle(id: string): Promise<void> {
  await inStore("readwrite", (store) => store.delete(id)).catch(() => undefined);
}

/** Return the ids of uploads whose files can be opened again. */
export async function handleIds(): Promise<ReadonlySet<string>> {
  const ids = await inStore("readonly", (store) => store.getAllKeys()).catch(() => []);
  return new Set(ids.map(String));
}

/** Open a file again; null if the browser no longer can or the person says no. Has to follow a press. */
export async function reopened(id: string): Promise<File | null> {
  try {
    const handle = (await inStore("readonly", (store) => store.get(id))) as Handle | undefined;
    if (!handle) return null;
    const given = (await handle.queryPermission?.({ mode: "read" })) ?? "granted";
    const allowed = given === "granted" || (await handle.requestPermission?.({ mode: "read" })) === "granted";
    return allowed ? await handle.getFile() : null;
  } catch {
    return null; // moved, renamed, or of a browser that forgot
  }
}

function inStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asked = act(opening.result.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
      asked.transaction?.addEventListener("complete", () => opening.result.close());
    };
  });
}
