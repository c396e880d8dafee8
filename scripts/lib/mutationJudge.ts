// Mutants are judged in a process of their own, which is ended and begun anew where one of them does not come to an end.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Judgement, Target } from "./mutation.js";
import type { Mutant } from "./mutants.js";
import { root } from "./project.js";

/** Time to get a target ready, in which its tests are compiled and run. */
const PATIENCE_MS = 1_200_000;
const WORKER = fileURLToPath(new URL("mutationWorker.ts", import.meta.url));

/** Judges the mutants of one target after the other. */
export class Judge {
  readonly #milliseconds: number;
  #worker: ChildProcess | undefined;
  /** What the process has got ready for. */
  #ready: Target | undefined;

  /** @param milliseconds Time that a mutant has. */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Judges a mutant of a target; the first one of each waits until its tests are ready. */
  async judge(target: Target, mutant: Mutant): Promise<Judgement> {
    // The process is TypeScript, which Node alone does not run.
    this.#worker ??= fork(WORKER, { cwd: root, execArgv: ["--import", "tsx"] });
    if (this.#ready !== target) {
      const answer = await this.#ask({ target }, PATIENCE_MS);
      if (answer === undefined)
        throw new Error(`${target.name} does not get ready: its tests take too long, or too much memory.`);
      this.#ready = target;
    }
    // Where a mutant brings the process down, as by taking all memory, it does not come to an end either.
    return (await this.#ask({ mutant }, this.#milliseconds)) ?? { verdict: "timed out" };
  }

  /** Ends the process. */
  end(): void {
    this.#worker?.removeAllListeners();
    this.#worker?.kill("SIGKILL");
    this.#worker = undefined;
    this.#ready = undefined;
  }

  /** Asks the process, and has no answer where that takes too long or ends it. */
  #ask(question: object, patience: number): Promise<Judgement | undefined> {
    return new Promise((resolve, reject) => {
      const finish = (action: () => void): void => {
        clearTimeout(timer);
        this.#worker?.removeAllListeners();
        action();
      };
      const timer = setTimeout(() => {
        this.end();
        resolve(undefined);
      }, patience);
      this.#worker?.once("message", (answer: Judgement & { fault?: string }) => {
        finish(() => {
          if (answer.fault === undefined) resolve(answer);
          else reject(new Error(answer.fault));
        });
      });
      this.#worker?.once("exit", () => {
        finish(() => {
          this.end();
          resolve(undefined);
        });
      });
      this.#worker?.send(question);
    });
  }
}
