/**
 * What a recorded cell stands for. Public ageing data are of single cells; here each stands for a pack of a thousand such
 * cells that age alike.
 */
import { type BatteryCycle, RATED_MAH } from "../../../sdk/importers/index.js";

/** Cells in a pack. */
export const CELLS = 1_000n;
/** Nominal voltage of a lithium-ion cell, tenths of a volt. */
const DECIVOLTS = 37n;
const DECI = 10n;
const MILLI = 1_000n;
/** Zero degrees Celsius, tenths of a kelvin, rounded up. */
const ZERO_CELSIUS_DK = 2_732n;
const BP_PER_MILLE = 10n;

/** Energy of a pack with a cell capacity, Wh, rounded down. */
export function packWh(capacityMAh: bigint): bigint {
  return (capacityMAh * DECIVOLTS * CELLS) / (DECI * MILLI);
}

/** Rated energy of a new pack, Wh. */
export const RATED_WH = packWh(RATED_MAH);

/** A row of the record, as the pack's device and the laboratory see it. */
export interface PackCycle {
  readonly cycle: bigint;
  /** Unix time on the chain. */
  readonly at: bigint;
  /** Energy of a full discharge, Wh. */
  readonly measuredWh: bigint;
  /** Energy given since the record began, Wh. */
  readonly throughputWh: bigint;
  /** State of health by the record, basis points. */
  readonly sohBp: bigint;
  /** Temperature of the room, tenths of a kelvin. */
  readonly tempDK: bigint;
}

/** A cell's row for its pack, moved in time by `shift` seconds. */
export function packCycle(row: BatteryCycle, shift: bigint): PackCycle {
  return {
    cycle: row.cycle,
    at: row.at + shift,
    measuredWh: packWh(row.capacityMAh),
    throughputWh: (row.throughputMilliWh * CELLS) / MILLI,
    sohBp: row.sohPermille * BP_PER_MILLE,
    tempDK: row.ambientDeciC + ZERO_CELSIUS_DK,
  };
}
