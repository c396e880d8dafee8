/** The formulas of battery telemetry: twin of contracts/batteries/TelemetryMath.sol, in bigint. */
import { DeviceFlags } from "../enums.js";

const BASIS_POINTS = 10_000n;
const SECONDS_PER_HOUR = 3_600n;
/** Greatest step of estimated health between two readings that is not marked, basis points. */
const HEALTH_STEP_BP = 200n;
/** 60 degrees Celsius in tenths of a kelvin. */
const HOT_DK = 3_330n;
/** Rated power may be exceeded by a fifth: the factor 6/5. */
const POWER_TOLERANCE_NUMERATOR = 6n;
const POWER_TOLERANCE_DENOMINATOR = 5n;

/**
 * State of health from a capacity test, basis points of rated energy, rounded down.
 *
 * @param measuredWh - Energy measured, Wh.
 * @param ratedWh - Rated energy when new, Wh.
 * @throws RangeError when the rated energy is zero.
 */
export function sohBpDown(measuredWh: bigint, ratedWh: bigint): bigint {
  return (measuredWh * BASIS_POINTS) / ratedWh;
}

/**
 * Mark of a pack that gave more energy than its rated power allows.
 *
 * @param energyWh - Energy given since the last reading, Wh.
 * @param elapsed - Seconds since the last reading.
 * @param ratedPowerW - Rated power, W; zero: not stated, so never marked.
 * @returns `DeviceFlags.IMPLAUSIBLE_POWER` or nothing.
 */
export function powerMark(energyWh: bigint, elapsed: bigint, ratedPowerW: bigint): bigint {
  if (ratedPowerW === 0n) return 0n;
  const givenWs = energyWh * SECONDS_PER_HOUR * POWER_TOLERANCE_DENOMINATOR;
  return givenWs > ratedPowerW * elapsed * POWER_TOLERANCE_NUMERATOR ? DeviceFlags.IMPLAUSIBLE_POWER : 0n;
}

/**
 * Mark of an estimated health that moved too far between two readings, up or down.
 *
 * @returns `DeviceFlags.HEALTH_JUMP` or nothing.
 */
export function healthMark(sohBp: bigint, lastBp: bigint): bigint {
  const step = sohBp > lastBp ? sohBp - lastBp : lastBp - sohBp;
  return step > HEALTH_STEP_BP ? DeviceFlags.HEALTH_JUMP : 0n;
}

/**
 * Mark of a hot cell.
 *
 * @param maxTempDK - Greatest cell temperature, tenths of a kelvin.
 * @returns `DeviceFlags.HOT` or nothing.
 */
export function heatMark(maxTempDK: bigint): bigint {
  return maxTempDK > HOT_DK ? DeviceFlags.HOT : 0n;
}
