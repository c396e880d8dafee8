/** A program that is killed again and again, and started anew each time, until it ends by itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

import { root } from "../lib/project.js";
import type { Door, Judge } from "./door.js";
import type { Moment } from "./moments.js";

/** Lines of a program that are kept for the message when it fails. */
const TAIL = 4_000;

/** How often a program lived, and what came of it. */
export interface Lives {
  /** Times that it was killed. */
  readonly killed: number;
  /** What the last one wrote. */
  readonly output: string;
}

/** A program failed by itself. */
export class LifeError extends Error {
  override readonly name = "LifeError";
}

/**
 * Runs a TypeScript program until it ends, and kills it at moments of its talk with the node: nothing of it gets a chance to tidy up.
 * Moments count the requests of all its lives together.
 *
 * @param file - The program, from the root of the project.
 * @param args - What it is told.
 * @param door - In front of the node; the program asks nobody else.
 * @param judge - What becomes of requests at which it is not killed.
 * @throws LifeError if it ends in another way than well.
 */
export async function liveAndDie(
  file: string,
  args: readonly string[],
  door: Door,
  moments: readonly Moment[],
  judge: Judge = () => "answer",
): Promise<Lives> {
  let child: ChildProcess | undefined;
  let next = 0;
  const begun = door.requests;
  const kill = async (): Promise<void> => {
    if (child === undefined) return;
    const over = once(child, "exit");
    child.kill("SIGKILL");
    await over;
  };
  door.judge = async (request, body) => {
    const moment = moments[next];
    if (moment === undefined || request - begun < moment.request) return judge(request - begun, body);
    next += 1;
    // The node hears of it first, and the program is dead before the answer.
    if (moment.side === "after") await door.forward(body);
    await kill();
    return "cutBefore";
  };
  try {
    for (let killed = 0; ; killed += 1) {
      child = spawn(process.execPath, ["--import", "tsx", file, ...args], {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      const listen = (text: Buffer): void => void (output = (output + text.toString()).slice(-TAIL));
      child.stdout?.on("data", listen);
      child.stderr?.on("data", listen);
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      if (signal === "SIGKILL") continue;
      if (code !== 0) throw new LifeError(`${file} ended with ${String(code)} after ${killed} kills:\n${output}`);
      return { killed, output };
    }
  } finally {
    door.judge = undefined;
  }
}
