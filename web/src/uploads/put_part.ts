/** One part on its way to the store. XMLHttpRequest, since fetch does not say how much of a body has gone. */

/** The store said no. 403: the address is too old; 404: the upload is not known there any more. */
export class PartRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(status === 507 ? "The disk is full." : `The store refused a part (${status}).`);
    this.name = "PartRefused";
    this.status = status;
  }
}

/** Nothing came back: no network, or nothing has moved for a while. */
export class PartLost extends Error {}

const SILENT_MS = 30_000;

/** PUT a part; tell how many of its bytes have gone. Raises PartRefused, PartLost, and what the signal is ended with. */
export function putPart(url: string, body: Blob, signal: AbortSignal, gone: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    let silence = setTimeout(() => request.abort(), SILENT_MS);
    const moved = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENT_MS);
    };
    const stop = () => request.abort();
    signal.addEventListener("abort", stop, { once: true });
    request.upload.onprogress = ({ loaded }) => {
      moved();
      gone(loaded);
    };
    request.onloadend = () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      if (signal.aborted) reject(signal.reason);
      else if (request.status >= 200 && request.status < 300) resolve();
      else reject(request.status ? new PartRefused(request.status) : new PartLost());
    };
    request.open("PUT", url);
    request.send(body);
  });
}
