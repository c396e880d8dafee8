/** Ids of certificates of recycled mass: twin of contracts/waste/certificates/RecyclingIds.sol. */
import { Fate } from "../enums.js";
import { fateOf, operationText, wasteCodeText } from "./codes.js";
import { checkField, field, maxOf } from "./packing.js";

/** What a certificate is of. */
export interface CertificateKind {
  /** List of Waste code as a number. */
  readonly code: number;
  /** A recycling operation, R2 to R9. */
  readonly op: number;
  /** Operator that recycled the mass. */
  readonly facility: number;
  /** Months since January 1970. */
  readonly month: number;
}

const CODE_SHIFT = 56n;
const OP_SHIFT = 48n;
const FACILITY_SHIFT = 16n;
const ID_BITS = 80;
const MS_PER_SECOND = 1_000;
const FIRST_YEAR = 1970;
const MONTHS_PER_YEAR = 12;

/**
 * Id of the certificates of a kind: code 24 | operation 8 | facility 32 | month 16.
 *
 * @throws RangeError for a code or an operation that there is not, and for an operation that does not recycle.
 * @throws FieldError for a facility or month that does not fit.
 */
export function certificateId({ code, op, facility, month }: CertificateKind): bigint {
  wasteCodeText(code);
  if (fateOf(op) !== Fate.Recycled) throw new RangeError(`${operationText(op)} recycles nothing; R2 to R9 do`);
  return (
    (BigInt(code) << CODE_SHIFT) |
    (BigInt(op) << OP_SHIFT) |
    (checkField("facility", facility, 1n, maxOf(32)) << FACILITY_SHIFT) |
    field("month", month, 16)
  );
}

/**
 * What an id says.
 *
 * @throws FieldError for an id above 80 bits.
 */
export function certificateKind(id: bigint): CertificateKind {
  field("certificate", id, ID_BITS);
  return {
    code: Number(id >> CODE_SHIFT),
    op: Number((id >> OP_SHIFT) & maxOf(8)),
    facility: Number((id >> FACILITY_SHIFT) & maxOf(32)),
    month: Number(id & maxOf(16)),
  };
}

/** Month of an instant, months since January 1970 by the civil calendar in UTC. */
export function monthOf(at: bigint): number {
  const date = new Date(Number(at) * MS_PER_SECOND);
  return (date.getUTCFullYear() - FIRST_YEAR) * MONTHS_PER_YEAR + date.getUTCMonth();
}

/** First second of a month. */
export function monthStart(month: number): bigint {
  return BigInt(Date.UTC(FIRST_YEAR, month, 1) / MS_PER_SECOND);
}

/**
 * Last second at which mass of a month can be certified.
 *
 * @param balanceDays - Of the facility's licence; zero: without end.
 * @returns Undefined: without end.
 */
export function certifiableUntil(month: number, balanceDays: number): bigint | undefined {
  return balanceDays === 0 ? undefined : monthStart(month + 1) + BigInt(balanceDays) * SECONDS_PER_DAY - 1n;
}

const SECONDS_PER_DAY = 86_400n;
