/** The relay's socket: opened with a ticket, its frames told as what happened. */

import { snapshotFrom } from "../editing/jobs.ts";
import type { Happened } from "../editing/relay.ts";

export class Socket {
  url = "";
  protocol = "";
  readonly #tell: (happened: Happened) => void;
  #open: WebSocket | null = null;

  constructor(tell: (happened: Happened) => void) {
    this.#tell = tell;
  }

  /** Open it; whatever was open before is left. */
  open(ticket: string): void {
    this.close();
    const socket = new WebSocket(this.url, [this.protocol, ticket]);
    this.#open = socket;
    const mine = (act: () => void) => () => this.#open === socket && act();
    socket.onopen = mine(() => this.#tell({ type: "opened" }));
    socket.onmessage = ({ data }) => this.#open === socket && this.#heard(String(data));
    socket.onclose = ({ code }) => {
      if (this.#open !== socket) return;
      this.#open = null;
      this.#tell({ type: "closed", code });
    };
  }

  /** Leave it; nothing is told of it any more. */
  close(): void {
    const socket = this.#open;
    this.#open = null;
    socket?.close();
  }

  #heard(text: string): void {
    const frame = parsed(text);
    const heard = snapshotFrom(frame);
    if (heard) this.#tell({ type: "snapshot", heard });
    else if (typeof frame === "object" && frame !== null && "epoch" in frame && typeof frame.epoch === "string") {
      this.#tell({ type: "hello", epoch: frame.epoch });
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
