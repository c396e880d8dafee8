/** The contracts of a deployed city, typed. */
import type { ContractRunner } from "ethers";

import {
  type AccessManager,
  AccessManager__factory,
  type BallotBox,
  BallotBox__factory,
  type BallotExecutor,
  BallotExecutor__factory,
  type BatteryLease,
  BatteryLease__factory,
  type BatteryPack,
  BatteryPack__factory,
  type BatteryTelemetry,
  BatteryTelemetry__factory,
  type Census,
  Census__factory,
  type CityEuro,
  CityEuro__factory,
  type Containers,
  Containers__factory,
  type Credentials,
  Credentials__factory,
  type EcoRewards,
  EcoRewards__factory,
  type EcoToken,
  EcoToken__factory,
  type EnergyCertificates,
  EnergyCertificates__factory,
  type EnergyMarket,
  EnergyMarket__factory,
  type EnergyRegistry,
  EnergyRegistry__factory,
  type EnergySharing,
  EnergySharing__factory,
  type Identities,
  Identities__factory,
  type MaterialCodes,
  MaterialCodes__factory,
  type MeterReadings,
  MeterReadings__factory,
  type RecyclingCertificates,
  RecyclingCertificates__factory,
  type Redemption,
  Redemption__factory,
  type SemaphoreBatchVerifier,
  SemaphoreBatchVerifier__factory,
  type WasteLots,
  WasteLots__factory,
  type WasteOperators,
  WasteOperators__factory,
} from "../typechain-types/index.js";
import { deployments } from "./deployments.js";

/** Where a city stands on its chain. Each is an address in hexadecimal form. */
export interface CityAddresses {
  /** The city's AccessManager. */
  readonly manager?: string;
  readonly identities: string;
  readonly credentials: string;
  /** The settlement token: CityEuro, or the ERC-20 that the city was deployed with. */
  readonly token: string;
  readonly pack: string;
  readonly telemetry: string;
  readonly lease: string;
  readonly energyRegistry: string;
  readonly meterReadings: string;
  readonly energyMarket: string;
  readonly energyCertificates: string;
  readonly energySharing: string;
  readonly materialCodes: string;
  readonly wasteOperators: string;
  readonly containers: string;
  readonly wasteLots: string;
  readonly recyclingCertificates: string;
  readonly ecoToken: string;
  readonly ecoRewards: string;
  readonly redemption: string;
  readonly census: string;
  /** Contract that checks the proofs of anonymous votes. */
  readonly proofVerifier: string;
  readonly ballotBox: string;
  /** OpenZeppelin's TimelockController, through which ballots take effect. */
  readonly timelock: string;
  readonly ballotExecutor: string;
  /** Contract that checks P-256 signatures (ERC-7913). Only devices and accounts with P-256 keys need it. */
  readonly p256Verifier?: string;
}

/** A city's contracts, bound to one runner; `.connect(other)` of each binds another. */
export interface City {
  readonly addresses: CityAddresses;
  /** Absent when the addresses name none. */
  readonly manager?: AccessManager;
  readonly identities: Identities;
  readonly credentials: Credentials;
  /** Amounts in base units: millionths for CityEuro. A foreign ERC-20 has only the functions of its own. */
  readonly token: CityEuro;
  readonly pack: BatteryPack;
  readonly telemetry: BatteryTelemetry;
  readonly lease: BatteryLease;
  /** Feeders, meters, tariffs and the clock of intervals. */
  readonly energyRegistry: EnergyRegistry;
  readonly meterReadings: MeterReadings;
  /** Amounts of accounts in money units, energy in Wh, prices in money units per Wh. */
  readonly energyMarket: EnergyMarket;
  /** Amounts in Wh. */
  readonly energyCertificates: EnergyCertificates;
  readonly energySharing: EnergySharing;
  /** The List of Waste. */
  readonly materialCodes: MaterialCodes;
  /** Collectors and facilities, their keys, permits and licences. */
  readonly wasteOperators: WasteOperators;
  readonly containers: Containers;
  /** Waste from the container to its end. Mass in grams. */
  readonly wasteLots: WasteLots;
  /** Amounts in grams. */
  readonly recyclingCertificates: RecyclingCertificates;
  /** Amounts in millionths. */
  readonly ecoToken: EcoToken;
  readonly ecoRewards: EcoRewards;
  readonly redemption: Redemption;
  /** Rolls of voters. */
  readonly census: Census;
  readonly proofVerifier: SemaphoreBatchVerifier;
  readonly ballotBox: BallotBox;
  readonly ballotExecutor: BallotExecutor;
}

/** No deployment of the city is bundled for the chain. */
export class UnknownCityError extends Error {
  override readonly name = "UnknownCityError";
  /** The chain asked for. */
  readonly chainId: bigint;

  constructor(chainId: bigint) {
    const known = Object.keys(deployments);
    super(
      `No deployment of the city is known on chain ${chainId.toString()}; known chains: ` +
        `${known.length === 0 ? "none" : known.join(", ")}. ` +
        `Pass connectCity the addresses of deployments/${chainId.toString()}.json, which npm run deploy writes.`,
    );
    this.chainId = chainId;
  }
}

/**
 * Connects to a city.
 *
 * @param addressesOrChainId - Its addresses, or the id of a chain with a bundled deployment (`deployments/<id>.json`).
 * @param runner - A provider to read, a signer to read and write; null only to encode calls.
 * @returns Its contracts. Nothing is sent or checked yet.
 * @throws UnknownCityError for a chain without a bundled deployment.
 */
export function connectCity(
  addressesOrChainId: CityAddresses | bigint | number,
  runner: ContractRunner | null = null,
): City {
  const addresses = typeof addressesOrChainId === "object" ? addressesOrChainId : deploymentOn(addressesOrChainId);
  return {
    addresses,
    ...(addresses.manager === undefined ? {} : { manager: AccessManager__factory.connect(addresses.manager, runner) }),
    identities: Identities__factory.connect(addresses.identities, runner),
    credentials: Credentials__factory.connect(addresses.credentials, runner),
    token: CityEuro__factory.connect(addresses.token, runner),
    pack: BatteryPack__factory.connect(addresses.pack, runner),
    telemetry: BatteryTelemetry__factory.connect(addresses.telemetry, runner),
    lease: BatteryLease__factory.connect(addresses.lease, runner),
    energyRegistry: EnergyRegistry__factory.connect(addresses.energyRegistry, runner),
    meterReadings: MeterReadings__factory.connect(addresses.meterReadings, runner),
    energyMarket: EnergyMarket__factory.connect(addresses.energyMarket, runner),
    energyCertificates: EnergyCertificates__factory.connect(addresses.energyCertificates, runner),
    energySharing: EnergySharing__factory.connect(addresses.energySharing, runner),
    materialCodes: MaterialCodes__factory.connect(addresses.materialCodes, runner),
    wasteOperators: WasteOperators__factory.connect(addresses.wasteOperators, runner),
    containers: Containers__factory.connect(addresses.containers, runner),
    wasteLots: WasteLots__factory.connect(addresses.wasteLots, runner),
    recyclingCertificates: RecyclingCertificates__factory.connect(addresses.recyclingCertificates, runner),
    ecoToken: EcoToken__factory.connect(addresses.ecoToken, runner),
    ecoRewards: EcoRewards__factory.connect(addresses.ecoRewards, runner),
    redemption: Redemption__factory.connect(addresses.redemption, runner),
    census: Census__factory.connect(addresses.census, runner),
    proofVerifier: SemaphoreBatchVerifier__factory.connect(addresses.proofVerifier, runner),
    ballotBox: BallotBox__factory.connect(addresses.ballotBox, runner),
    ballotExecutor: BallotExecutor__factory.connect(addresses.ballotExecutor, runner),
  };
}

/** Addresses of the city that is bundled for a chain. */
function deploymentOn(chainId: bigint | number): CityAddresses {
  const found = deployments[chainId.toString()];
  if (found === undefined) throw new UnknownCityError(BigInt(chainId));
  return found;
}
