/** Whole numbers of any size in JSON, for what a test hands to a program that it starts. */

interface Whole {
  readonly whole: string;
}

/** For `JSON.stringify`. */
export function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? ({ whole: value.toString() } satisfies Whole) : value;
}

/** For `JSON.parse`. */
export function revived(_: string, value: unknown): unknown {
  const isWhole = typeof value === "object" && value !== null && typeof (value as Partial<Whole>).whole === "string";
  return isWhole ? BigInt((value as Whole).whole) : value;
}
