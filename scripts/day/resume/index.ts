/** A day on a chain that outlives it: whenever it is killed, the same day can go on. */
import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import { network } from "hardhat";

import { freePort } from "../../e2e/client.js";
import { type Front, openFront } from "../../e2e/front.js";
import { type Patience, textHash } from "../../../sdk/index.js";
import { deployByIgnitionAs } from "../deploy.js";
import { keepProofs } from "../elections/prover.js";
import { filesBelow } from "../folder.js";
import { modules } from "../modules.js";
import { type DayOptions, type DayResult, liveDay, type openChain } from "../run.js";
import { drawFrom } from "./randomness.js";
import { Replay } from "./replay.js";

export { LineError } from "./line.js";
export { DivergedError, Replay, type ReplayOptions } from "./replay.js";

/** End of the digits of a hash that stand for a folder. */
const NAME_END = 10;
/** Digits of a hash that tell contents apart. */
const CONTENTS_DIGITS = 16;

/** Where a day goes on that was broken off. */
export interface Resumption {
  /** Folder for the journal and the proofs, which are removed when the day has ended. */
  readonly folder: string;
  /** Whether to go on with the day that was broken off; otherwise one is begun. */
  readonly resume: boolean;
  /** Accounts that sign here; those of the network when left out. */
  readonly accounts?: { readonly mnemonic: string; readonly count: number };
  /** Where the node of the day answers; is told when the chain is to begin if it is to be made. */
  readonly url: (at: bigint) => Promise<string>;
  readonly tell?: (line: string) => void;
  readonly patience?: Patience;
}

/** What a day is lived from, in words that differ when it does, also where files have other contents by the same names. */
export function wordsOf({ data, only, skipBadRows }: DayOptions): string {
  const names = modules.map(({ name }) => name).filter((name) => only?.includes(name) ?? true);
  const files = names.filter((name) => existsSync(join(data, name))).flatMap((name) => filesBelow(data, name));
  const hash = createHash("sha256");
  for (const { name, text } of files) hash.update(JSON.stringify([name, text]));
  const contents = hash.digest("hex").slice(0, CONTENTS_DIGITS);
  return JSON.stringify([data, only ?? "all", skipBadRows === true, contents]);
}

/**
 * Lives a day on a chain that outlives it, or goes on with one.
 *
 * @throws LineError if the node gives no answer any more; the day can go on later.
 * @throws DivergedError if the chain is not as the day left it.
 * @throws what {@link liveDay} throws.
 */
export async function liveResumably(options: DayOptions, resumption: Resumption): Promise<DayResult> {
  const { accounts, folder, patience, resume, tell = () => undefined, url } = resumption;
  const journal = join(folder, "journal.jsonl");
  let replay: Replay | undefined;
  let front: Front | undefined;
  const connect: typeof openChain = async (name, at) => {
    const node = await url(at);
    if (!resume && existsSync(journal)) tell("The day that was broken off is given up; --resume would go on with it.");
    replay = await Replay.open({
      url: node,
      journal,
      day: wordsOf(options),
      resume,
      tell,
      ...(patience === undefined ? {} : { patience }),
    });
    front = await openFront(replay, await freePort());
    keepProofs(join(folder, "proofs"));
    drawFrom("civitas day");
    const override = { url: front.url, ...(accounts === undefined ? {} : { accounts }) };
    return network.create({ network: name ?? "localhost", override });
  };
  // Two days at once, on chains of their own, are not to find each other's journals of Ignition.
  const deploy = deployByIgnitionAs(`day-${textHash(resolve(folder)).slice(2, NAME_END)}`);
  try {
    const result = await liveDay({ ...options, connect, deploy });
    rmSync(folder, { recursive: true, force: true });
    return result;
  } catch (error) {
    throw replay?.failure ?? error;
  } finally {
    await front?.close();
    replay?.close();
    keepProofs(undefined);
  }
}
