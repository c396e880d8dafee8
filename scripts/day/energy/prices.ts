const THOUSAND = 1_000n;
const DECIMALS = 3;

/** A price in thousandths as the files write it: 540 is 0.54. */
export function writePrice(price: bigint): string {
  const fraction = (price % THOUSAND).toString().padStart(DECIMALS, "0").replace(/0+$/, "");
  return `${price / THOUSAND}${fraction === "" ? "" : `.${fraction}`}`;
}
