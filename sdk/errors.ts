/** What a revert means: its name, its arguments, and a sentence. */
import { type ErrorDescription, type Interface, isHexString } from "ethers";

import {
  AccessManager__factory,
  AdminHandover__factory,
  BatteryLease__factory,
  BatteryPack__factory,
  BatteryTelemetry__factory,
  CityEuro__factory,
  Credentials__factory,
  EnergyMarket__factory,
  IBallotBox__factory,
  IBallotExecutor__factory,
  IBatteryLease__factory,
  ICensus__factory,
  IContainers__factory,
  IEcoRewards__factory,
  IEcoToken__factory,
  IEnergyCertificates__factory,
  IEnergyRegistry__factory,
  IEnergySharing__factory,
  IMaterialCodes__factory,
  IMeterReadings__factory,
  IRecyclingCertificates__factory,
  IRedemption__factory,
  ISemaphoreBatchVerifier__factory,
  IWasteLots__factory,
  IWasteOperators__factory,
  Identities__factory,
  InstantRunoff__factory,
  SurveyAnswers__factory,
  SurveyCells__factory,
} from "../typechain-types/index.js";
import {
  BallotKind,
  BallotState,
  BinStatus,
  ClaimStatus,
  EntryType,
  IntervalState,
  LeaseState,
  LotState,
  MeterStatus,
  nameIn,
  Participants,
  ProgrammeKind,
  ReadingFault,
  Rule,
  Secrecy,
  Standing,
  Status,
  VoucherStatus,
} from "./enums.js";
import { credentialTypeName } from "./identity/credentials.js";

/** A revert of one of the suite's contracts. */
export interface Revert {
  /** Name of the error, for instance `BatteryLeaseTooEarly`. */
  readonly name: string;
  /** Its arguments by name. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Name and arguments in words. */
  readonly message: string;
}

const contracts: readonly Interface[] = [
  BatteryLease__factory,
  IBatteryLease__factory,
  BatteryPack__factory,
  BatteryTelemetry__factory,
  CityEuro__factory,
  Identities__factory,
  Credentials__factory,
  EnergyMarket__factory,
  IEnergyRegistry__factory,
  IMeterReadings__factory,
  IEnergyCertificates__factory,
  IEnergySharing__factory,
  IMaterialCodes__factory,
  IWasteOperators__factory,
  IContainers__factory,
  IWasteLots__factory,
  IRecyclingCertificates__factory,
  IEcoRewards__factory,
  IEcoToken__factory,
  IRedemption__factory,
  ICensus__factory,
  ISemaphoreBatchVerifier__factory,
  IBallotBox__factory,
  IBallotExecutor__factory,
  InstantRunoff__factory,
  SurveyAnswers__factory,
  SurveyCells__factory,
  AccessManager__factory,
  AdminHandover__factory,
].map((factory) => factory.createInterface());

/** Arguments that are instants, besides those that end in `At`. */
const INSTANTS = new Set([
  "timestamp",
  "deadline",
  "until",
  "earliest",
  "latest",
  "paidThrough",
  "since",
  "validAfter",
  "validBefore",
]);

/** Arguments that are days since 1 January 1970, by the beginning of the error's name and their own. */
const DAYS: readonly (readonly [error: string, argument: string])[] = [
  ["EcoRewardsBadDay", "day"],
  ["EcoRewardsBadDay", "earliest"],
  ["EcoRewardsBadDay", "latest"],
  ["WasteLotsCodeNotValid", "day"],
  ["MaterialCodesInvalidDays", "fromDay"],
  ["MaterialCodesInvalidDays", "toDay"],
  ["MaterialCodesTooEarly", "fromDay"],
  ["MaterialCodesTooEarly", "earliest"],
];

/** Arguments that are types of credentials. */
const TYPE_IDS = new Set(["typeId", "make"]);

/** Arguments that are members of an enum, by the beginning of the error's name and their own; the first that fits counts. */
const ENUM_ARGUMENTS: readonly (readonly [
  error: string,
  argument: string,
  values: Readonly<Record<string, bigint>>,
])[] = [
  ["Energy", "state", IntervalState],
  ["WasteLots", "state", LotState],
  ["BallotBox", "state", BallotState],
  ["", "state", LeaseState],
  ["", "standing", Standing],
  ["Energy", "status", MeterStatus],
  ["Containers", "status", BinStatus],
  ["Containers", "wanted", BinStatus],
  ["Redemption", "status", VoucherStatus],
  ["EcoRewards", "status", ClaimStatus],
  ["", "status", Status],
  ["", "fault", ReadingFault],
  ["MaterialCodes", "entryType", EntryType],
  ["EcoRewards", "kind", ProgrammeKind],
  ["BallotBox", "kind", BallotKind],
  ["BallotBox", "rule", Rule],
  ["BallotBox", "secrecy", Secrecy],
  ["EcoRewards", "participants", Participants],
];

/** What Solidity's own panics mean. */
const PANICS: Readonly<Record<string, string>> = {
  "1": "an assertion failed",
  "17": "a number is too small or too large",
  "18": "division by zero",
  "33": "a value is no member of its enum",
  "50": "an index is beyond the end of a list",
};

/**
 * Reads the revert out of what a failed call threw.
 *
 * @param failure - What ethers or a provider threw, or the revert data in hexadecimal form.
 * @returns Undefined when there is no revert data in it, or the error is none of the suite's.
 */
export function explainRevert(failure: unknown): Revert | undefined {
  const data = revertData(failure);
  if (data === undefined) return undefined;
  for (const contract of contracts) {
    const error = contract.parseError(data);
    if (error !== null) return describe(error);
  }
  return undefined;
}

/** Looks for revert data in an error and what it wraps; providers differ in where they put it. */
function revertData(failure: unknown, depth = 5): string | undefined {
  if (isHexString(failure)) return failure.length >= "0x12345678".length ? failure : undefined;
  if (typeof failure !== "object" || failure === null || depth === 0) return undefined;
  const inside = failure as Readonly<Record<string, unknown>>;
  for (const place of ["data", "error", "info", "cause", "revert"]) {
    const found = revertData(inside[place], depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function describe({ name, args: values, fragment }: ErrorDescription): Revert {
  const named = fragment.inputs.map(
    ({ name: argument }, index) =>
      [argument === "" ? `argument ${index + 1}` : argument, values[index] as unknown] as const,
  );
  const args = Object.fromEntries(named);
  if (name === "Error") return { name, args, message: String(values[0]) };
  if (name === "Panic") return { name, args, message: `Panic: ${PANICS[String(values[0])] ?? String(values[0])}` };
  const told = named.map(([argument, value]) => `${words(argument)} ${tell(name, argument, value)}`);
  return { name, args, message: told.length === 0 ? words(name) : `${words(name)}: ${told.join(", ")}` };
}

/** A name in words: `BatteryLeaseTooEarly` becomes "battery lease too early". */
function words(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .map((word) => (/^[A-Z]{2,}\d*$/.test(word) ? word : word.toLowerCase()))
    .join(" ");
}

function tell(error: string, argument: string, value: unknown): string {
  if (TYPE_IDS.has(argument)) return credentialTypeName(String(value));
  if (typeof value !== "bigint") return String(value);
  const member = ENUM_ARGUMENTS.find(([contract, name]) => error.startsWith(contract) && name === argument);
  if (member !== undefined) return nameIn(member[2], value);
  if (DAYS.some(([contract, name]) => error.startsWith(contract) && name === argument)) return tellDay(value);
  const isInstant = INSTANTS.has(argument) || argument.endsWith("At") || error.startsWith("BatteryTelemetryTime");
  if (isInstant && argument !== "packId" && value > 0n && value < MAX_DATE) {
    return `${value.toString()} (${new Date(Number(value) * MS_PER_SECOND).toISOString()})`;
  }
  return value.toString();
}

/** A day with its date; zero is none. */
function tellDay(day: bigint): string {
  if (day === 0n || day * SECONDS_PER_DAY >= MAX_DATE) return day.toString();
  const [date] = new Date(Number(day * SECONDS_PER_DAY) * MS_PER_SECOND).toISOString().split("T");
  return `${day.toString()} (${date ?? ""})`;
}

const MS_PER_SECOND = 1_000;
const SECONDS_PER_DAY = 86_400n;
/** The last second that a Date can hold, the end of the year 275,760. */
const MAX_DATE = 8_640_000_000_000n;
