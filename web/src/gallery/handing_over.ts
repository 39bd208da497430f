/** Handing a video over: to the browser's downloads, or as a file to whatever the device shares with. */

const TRIED = () => new File([], "reel.mp4", { type: "video/mp4" });

/** Return the address that saves a medium under its name. */
export function saving(media: string): string {
  return `${media}${media.includes("?") ? "&" : "?"}download=true`;
}

/** Let the browser save a medium; the page stays, also where nothing comes. */
export function save(media: string): void {
  const link = document.createElement("a");
  link.href = saving(media);
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

/** Say whether this device shares video files. */
export function canShareFiles(): boolean {
  try {
    return typeof navigator.canShare === "function" && navigator.canShare({ files: [TRIED()] });
  } catch {
    return false;
  }
}

/** Return a medium as a file of a name. Raises an Error that says how the store answered; `told` hears what part came. */
export async function fetched(
  media: string,
  name: string,
  told: (share: number | null) => void,
  signal: AbortSignal,
): Promise<File> {
  const answer = await fetch(media, { signal });
  if (!answer.ok || !answer.body) throw new Error(`The video did not come (${answer.status}).`);
  const whole = Number(answer.headers.get("Content-Length")) || null;
  const parts: BlobPart[] = [];
  let came = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    came += value.byteLength;
    told(whole ? came / whole : null);
  }
  return new File(parts, fileName(name), { type: "video/mp4" });
}

/** Let the device share a file. Return false if the press that asked for it is too long ago: it has to be pressed again. */
export async function shareFile(file: File): Promise<boolean> {
  try {
    await navigator.share({ files: [file] });
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return true; // the person changed their mind
    if (error instanceof DOMException && error.name === "NotAllowedError") return false;
    throw error;
  }
}

/** Return a name that every disk takes. */
export function fileName(name: string): string {
  const kept = name
    .replace(/[/\\:*?"<>|\p{C}]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return `${kept.replace(/^[ .]+|[ .]+$/g, "") || "Reel"}.mp4`;
}
