/**
 * Civitas: typed contracts of a city, the messages that people and devices sign for them, the trees behind their roots,
 * and models of their money formulas.
 */
export { type BlockRange, inRanges, type OpenRange, rangesToLatest } from "./blocks.js";
export { type City, type CityAddresses, connectCity, UnknownCityError } from "./city.js";
export * from "./enums.js";
export { explainError, explainRevert, type Failure, type FailureKind, type Revert } from "./errors.js";
export { type DecodedEvent, decodeLogs, type RawLog } from "./events.js";
export * from "./leaves.js";
export * from "./line.js";
export * as leaseModel from "./models/lease.js";
export { LeaseAccount, type Owed, type Payment } from "./models/leaseAccount.js";
export * as telemetryModel from "./models/telemetry.js";
export * from "./p256.js";
export * from "./packs.js";
export {
  checkDeployment,
  connectDeployment,
  type DeployedCity,
  type Deployment,
  DeploymentError,
  readDeployment,
} from "./records.js";
export { RunnerError } from "./runner.js";
export * from "./typedData.js";
export type { Argument } from "./words.js";
export type {
  AccessManager,
  BallotBox,
  BallotExecutor,
  BatteryLease,
  BatteryPack,
  BatteryTelemetry,
  Census,
  CityEuro,
  Containers,
  Credentials,
  EcoRewards,
  EcoToken,
  EnergyCertificates,
  EnergyMarket,
  EnergyRegistry,
  EnergySharing,
  Identities,
  MaterialCodes,
  MeterReadings,
  RecyclingCertificates,
  Redemption,
  SemaphoreBatchVerifier,
  WasteLots,
  WasteOperators,
} from "../typechain-types/index.js";
