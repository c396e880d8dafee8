/** A door in front of a node at which requests are counted, and at which things go wrong. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { localUrl } from "../e2e/client.js";

/** What becomes of a request. */
export type Fate =
  /** It is answered. */
  | "answer"
  /** The line is cut before the node hears of it. */
  | "cutBefore"
  /** The node does it, and the line is cut before the answer. */
  | "cutAfter"
  /** Nobody answers, and the line stays open. */
  | "silence"
  /** The node says that it has no time. */
  | "busy";

/** Decides what becomes of a request by its number, from 1; may do something before. */
export type Judge = (request: number, body: string) => Fate | Promise<Fate>;

const BUSY = 503;

/** See the head of this file. */
export class Door {
  readonly #node: string;
  readonly #server: Server;
  /** Decides what becomes of requests; all are answered while it is left out. */
  judge: Judge | undefined;
  #requests = 0;

  private constructor(node: string) {
    this.#node = node;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    // Lines are cut when it is said so, and not because they were idle.
    this.#server.keepAliveTimeout = 0;
  }

  /** Opens a door in front of a node. */
  static async open(node: string): Promise<Door> {
    const door = new Door(node);
    await once(door.#server.listen(0, "127.0.0.1"), "listening");
    return door;
  }

  get url(): string {
    return localUrl((this.#server.address() as AddressInfo).port);
  }

  /** Requests that came so far. Several in one package are one. */
  get requests(): number {
    return this.#requests;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    this.#requests += 1;
    const fate = (await this.judge?.(this.#requests, body)) ?? "answer";
    if (fate === "silence") return;
    if (fate === "busy") response.writeHead(BUSY).end();
    else if (fate === "cutBefore") response.destroy();
    else {
      const text = await this.forward(body);
      if (fate === "cutAfter") response.destroy();
      else response.setHeader("content-type", "application/json").end(text);
    }
  }

  /** Asks the node. */
  async forward(body: string): Promise<string> {
    const headers = { "content-type": "application/json" };
    return (await fetch(this.#node, { method: "POST", headers, body })).text();
  }
}
