const EURO_DECIMALS = 6;
const CENT_DECIMALS = 2;
const GROUP = /\B(?=(\d{3})+(?!\d))/g;

/** A euro in base units of the settlement token. */
export const EURO = 10n ** BigInt(EURO_DECIMALS);

/** An amount for a reader: 1,234.56, cut after the cents. */
export function writeEuro(amount: bigint): string {
  const size = (amount < 0n ? -amount : amount).toString().padStart(EURO_DECIMALS + 1, "0");
  const whole = size.slice(0, -EURO_DECIMALS).replace(GROUP, ",");
  const cents = size.slice(-EURO_DECIMALS).slice(0, CENT_DECIMALS);
  return `${amount < 0n ? "-" : ""}${whole}.${cents}`;
}

/** A whole number for a reader: 1,234,567. */
export function writeWhole(value: bigint | number): string {
  return value.toString().replace(GROUP, ",");
}
