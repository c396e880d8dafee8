// Mutants are judged in a process of their own, which is ended and begun anew where one of them does not come to an end.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Judgement, Target } from "./mutation.js";
import type { Mutant } from "./mutants.js";
import { root } from "./project.js";

/** Time to get a target ready, in which its tests are compiled and run. */
const PATIENCE_MS = 1_200_000;
const WORKER = fileURLToPath(new URL("mutationWorker.ts", import.meta.url));

/** Judges the mutants of a target. */
export class Judge {
  readonly #target: Target;
  readonly #milliseconds: number;
  #worker: ChildProcess | undefined;

  /** @param milliseconds Time that a mutant has. */
  constructor(target: Target, milliseconds: number) {
    this.#target = target;
    this.#milliseconds = milliseconds;
  }

  /** Judges a mutant; the first one waits until the target is ready. */
  async judge(mutant: Mutant): Promise<Judgement> {
    if (this.#worker === undefined) {
      // The tests are TypeScript run by whatever runs this.
      this.#worker = fork(WORKER, { cwd: root, execArgv: ["--import", "tsx"] });
      const ready = await this.#ask({ target: this.#target }, PATIENCE_MS);
      if (ready === undefined) throw new Error(`${this.#target.name} takes too long to get ready.`);
    }
    return (await this.#ask({ mutant }, this.#milliseconds)) ?? { verdict: "timed out" };
  }

  /** Ends the process. */
  end(): void {
    this.#worker?.removeAllListeners();
    this.#worker?.kill("SIGKILL");
    this.#worker = undefined;
  }

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
        this.#worker = undefined;
        finish(() => {
          reject(new Error(`The process that judges the mutants of ${this.#target.name} has ended by itself.`));
        });
      });
      this.#worker?.send(question);
    });
  }
}
