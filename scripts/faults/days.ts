/** Days on anvil under faults. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Patience } from "../../sdk/index.js";
import type { StateDigest } from "../day/digest/index.js";
import { firstSecond, readData } from "../day/run.js";
import { startAnvil } from "../e2e/anvil.js";
import { ask, type Client } from "../e2e/client.js";
import type { DayLife } from "./dayLife.js";
import { Door, type Fate } from "./door.js";
import { liveAndDie } from "./lives.js";
import { chanceOf, momentsOf } from "./moments.js";

/** What can be asked for. */
export const PARTS = ["keeper", "relayer", "day", "reorg", "line"] as const;

/** What happens to a day: it is killed, its blocks are replaced, its line is cut. */
export type DayFault = "day" | "reorg" | "line";

/** Which day, and how often it is killed. */
export interface FaultOptions {
  readonly data: string;
  readonly only?: readonly string[];
  readonly kills: number;
  readonly seed: string;
}

/** What a day came to. */
export interface Lived {
  readonly digest: string;
  /** Requests to the node. */
  readonly requests: number;
  readonly seconds: number;
  /** What happened to it, in words. */
  readonly said: string;
}

const PROGRAM = "scripts/faults/dayLife.ts";
/** Times that blocks are replaced in a day. */
const REORGS = 10;
/** Most blocks that are replaced at once. */
const DEEPEST = 4;
/** One request of so many comes to grief. */
const ONE_IN = 50;
/** Shorter than usual: silence is a fault here, and not a slow node. */
const HASTE: Patience = { tries: 8, timeoutMs: 3_000, pauseMs: 20 };
const SEND = "eth_sendRawTransaction";
const MS = 1_000;

/** Lives the day without faults. */
export async function calmDay(options: FaultOptions): Promise<Lived> {
  return onAnvil(options, async (door, tell) => {
    await liveAndDie(PROGRAM, [tell({})], door, []);
    return "undisturbed";
  });
}

/** Lives the day under faults. */
export async function dayUnder(fault: DayFault, options: FaultOptions, calm: Lived): Promise<Lived> {
  const { kills, seed } = options;
  switch (fault) {
    case "day":
      return onAnvil(options, async (door, tell) => {
        const moments = momentsOf(chanceOf(seed, "day"), kills, calm.requests);
        const { killed } = await liveAndDie(PROGRAM, [tell({})], door, moments);
        return `killed ${killed} times`;
      });
    case "reorg":
      return onAnvil(options, async (door, tell, client) => {
        const chance = chanceOf(seed, "reorg");
        const falls = momentsOf(chance, REORGS, calm.requests);
        let blocks = 0;
        let fallen = 0;
        await liveAndDie(PROGRAM, [tell({})], door, [], async (request, body): Promise<Fate> => {
          // What falls due with a transaction comes right after it. Between the last look at the chain and the transaction nobody
          // can help it: it runs on what is there.
          if (request < (falls[fallen]?.request ?? Infinity) || body.includes(SEND)) return "answer";
          fallen += 1;
          blocks += await replaceBlocks(client, chance.whole(1, DEEPEST), chance.whole(0, 1) === 0);
          return "answer";
        });
        return `blocks replaced ${fallen} times, ${blocks} in all`;
      });
    case "line":
      return onAnvil(options, async (door, tell) => {
        const chance = chanceOf(seed, "line");
        let faults = 0;
        await liveAndDie(PROGRAM, [tell({ patience: HASTE })], door, [], () => {
          if (chance.whole(1, ONE_IN) > 1) return "answer";
          faults += 1;
          return chance.pick<Fate>(["cutBefore", "cutAfter", "busy", "silence"]);
        });
        return `line at fault ${faults} times`;
      });
  }
}

/** Takes the last blocks away; with or without others in their place. Tells how many. */
async function replaceBlocks({ url }: Client, depth: number, others: boolean): Promise<number> {
  const number = Number(await ask(url, "eth_blockNumber", []));
  const deep = Math.min(depth, number - 1);
  if (deep < 1) return 0;
  if (others) await ask(url, "anvil_reorg", [deep, []]);
  else await ask(url, "anvil_rollback", [deep]);
  return deep;
}

type Tell = (more: Partial<DayLife>) => string;

/** Lives a day on an anvil of its own, behind a door. */
async function onAnvil(
  { data, only }: FaultOptions,
  live: (door: Door, tell: Tell, client: Client) => Promise<string>,
): Promise<Lived> {
  const out = mkdtempSync(join(tmpdir(), "civitas-faults-"));
  const client = await startAnvil(firstSecond(readData({ data, ...(only === undefined ? {} : { only }) })));
  const door = await Door.open(client.url);
  const since = Date.now();
  try {
    const told: DayLife = {
      url: door.url,
      data,
      folder: join(out, "day"),
      out,
      ...(only === undefined ? {} : { only }),
    };
    const said = await live(door, (more) => JSON.stringify({ ...told, ...more }), client);
    const { digest } = JSON.parse(readFileSync(join(out, "state.json"), "utf8")) as StateDigest;
    return { digest, requests: door.requests, seconds: (Date.now() - since) / MS, said };
  } finally {
    await door.close();
    await client.stop();
    rmSync(out, { recursive: true, force: true });
  }
}
