import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One agreed case: what is given, what is done, and the exact outcome. */
export interface Case {
  readonly id: string;
  readonly title: string;
  readonly given: unknown;
  readonly when: unknown;
  readonly expect: unknown;
}

export interface CaseFile {
  readonly baseTerms: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

const folder = fileURLToPath(new URL("../../../../shared/cases/", import.meta.url));

/** Reads the agreed cases of a module, which stand beside the repository; undefined where they do not. */
export function readCases(module: string): CaseFile | undefined {
  const path = `${folder}${module}.json`;
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as CaseFile) : undefined;
}

/**
 * An instant or span as the cases write it: a sum such as `start+2*period+grace+1` or `start+10d`, with equal sums
 * behind `=`. Names stand for seconds.
 *
 * @throws Error when the sums differ or a part is not understood.
 */
export function seconds(expression: string, names: Readonly<Record<string, bigint>>): bigint {
  const [value, ...others] = expression.split("=").map((sum) =>
    sum
      .trim()
      .split("+")
      .map((part) => product(part, names))
      .reduce((a, b) => a + b),
  );
  if (value === undefined || others.some((other) => other !== value)) throw new Error(`not one instant: ${expression}`);
  return value;
}

const UNITS: Readonly<Record<string, bigint>> = { s: 1n, d: 86_400n, "": 1n };

function product(text: string, names: Readonly<Record<string, bigint>>): bigint {
  return text
    .split("*")
    .map((factor) => {
      const name = factor.trim();
      const known = names[name];
      if (known !== undefined) return known;
      const [, digits, unit] = /^(\d+)([sd]?)$/.exec(name) ?? [];
      if (digits === undefined) throw new Error(`no instant or span: ${name}`);
      return BigInt(digits) * UNITS[unit!]!;
    })
    .reduce((a, b) => a * b);
}
