import { stripVTControlCharacters } from "node:util";

export interface Counts {
  solidity: { passed: number; failed: number };
  mocha: { passed: number; failed: number };
  skipped: number;
}

/** Reads the counts from the output of `hardhat test`. */
export function countTests(output: string): Counts {
  const text = stripVTControlCharacters(output);
  const counts: Counts = { solidity: { passed: 0, failed: 0 }, mocha: { passed: 0, failed: 0 }, skipped: 0 };
  for (const [, kind, details] of text.matchAll(/^\d+ (passing|failing|skipped) \((.+)\)$/gm)) {
    for (const [, number, layer] of (details ?? "").matchAll(/(\d+) (solidity|mocha)/g)) {
      if (kind === "skipped") counts.skipped += Number(number);
      else if (layer === "solidity" || layer === "mocha") {
        counts[layer][kind === "passing" ? "passed" : "failed"] = Number(number);
      }
    }
  }
  // Hardhat counts Mocha's pending tests as passed; Mocha's own report tells them apart.
  for (const [, number] of text.matchAll(/^ {2}(\d+) pending$/gm)) {
    counts.mocha.passed -= Number(number);
    counts.skipped += Number(number);
  }
  return counts;
}

/** Why the run counts as failed, or undefined if it does not. `isPart`: only some tests were asked for. */
export function faultOf(counts: Counts, exitCode: number | null, isPart: boolean): string | undefined {
  if (exitCode !== 0) return "The test run failed.";
  const total = (layer: "solidity" | "mocha"): number => counts[layer].passed + counts[layer].failed;
  if (total("solidity") + total("mocha") === 0) return "No test ran.";
  if (isPart) return undefined;
  if (total("solidity") === 0) return "No Solidity test ran.";
  if (total("mocha") === 0) return "No Mocha test ran.";
  return undefined;
}

export function formatCounts({ solidity, mocha }: Counts): string {
  return `${solidity.passed + mocha.passed} passed, ${solidity.failed + mocha.failed} failed`;
}
