/** A statement that must hold at the end of the day, with both of its sides. */
export interface Check {
  readonly name: string;
  readonly left: string;
  readonly right: string;
  readonly ok: boolean;
}

/** A check that two sides are equal. */
export function equal(name: string, left: bigint | number | string, right: bigint | number | string): Check {
  const [leftText, rightText] = [left.toString(), right.toString()];
  return { name, left: leftText, right: rightText, ok: leftText === rightText };
}
