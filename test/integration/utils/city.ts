import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { network } from "hardhat";

import { addressesOf as addressesOfDeployed } from "../../../ignition/addresses.js";
import { bodies, type Body } from "../../../ignition/authority.js";
import City from "../../../ignition/modules/City.js";
import type { CityAddresses } from "../../../sdk/index.js";
import {
  AccessManager__factory,
  AdminHandover__factory,
  BallotBox__factory,
  BallotExecutor__factory,
  BatteryLease__factory,
  BatteryPack__factory,
  BatteryTelemetry__factory,
  Census__factory,
  CityEuro__factory,
  Containers__factory,
  Credentials__factory,
  EcoRewards__factory,
  EcoToken__factory,
  EnergyCertificates__factory,
  EnergyMarket__factory,
  EnergyRegistry__factory,
  EnergySharing__factory,
  Identities__factory,
  MaterialCodes__factory,
  MeterReadings__factory,
  RecyclingCertificates__factory,
  Redemption__factory,
  SemaphoreBatchVerifier__factory,
  WasteLots__factory,
  WasteOperators__factory,
} from "../../../typechain-types/index.js";
import { giveCredential, openOffice, type Trade, tradeNames, trades } from "./credentials.js";

export type Connection = Awaited<ReturnType<typeof network.create>>;

/** Parameters by module and name. */
type Parameters = Readonly<Record<string, Readonly<Record<string, number | bigint | string>>>>;

/**
 * Fixture: the city from its real deployment module, with the default accounts as its bodies. The next accounts have a
 * trade, and the credential for it.
 */
export async function deployedCity(connection: Connection) {
  return deployedCityWith(connection, {});
}

/** As {@link deployedCity}, with parameters of the deployment module, which otherwise has its own. */
export async function deployedCityWith({ ethers, ignition }: Connection, parameters: Parameters) {
  const signers = await ethers.getSigners();
  const deployed = await ignition.deploy(City, { parameters });
  const [deployer] = signers as [HardhatEthersSigner];
  const city = {
    manager: AccessManager__factory.connect(await deployed.manager.getAddress(), deployer),
    handover: AdminHandover__factory.connect(await deployed.handover.getAddress(), deployer),
    identities: Identities__factory.connect(await deployed.identities.getAddress(), deployer),
    credentials: Credentials__factory.connect(await deployed.credentials.getAddress(), deployer),
    euro: CityEuro__factory.connect(await deployed.token.getAddress(), deployer),
    pack: BatteryPack__factory.connect(await deployed.pack.getAddress(), deployer),
    telemetry: BatteryTelemetry__factory.connect(await deployed.telemetry.getAddress(), deployer),
    lease: BatteryLease__factory.connect(await deployed.lease.getAddress(), deployer),
    energyRegistry: EnergyRegistry__factory.connect(await deployed.energyRegistry.getAddress(), deployer),
    meterReadings: MeterReadings__factory.connect(await deployed.meterReadings.getAddress(), deployer),
    energyMarket: EnergyMarket__factory.connect(await deployed.energyMarket.getAddress(), deployer),
    energyCertificates: EnergyCertificates__factory.connect(await deployed.energyCertificates.getAddress(), deployer),
    energySharing: EnergySharing__factory.connect(await deployed.energySharing.getAddress(), deployer),
    materialCodes: MaterialCodes__factory.connect(await deployed.materialCodes.getAddress(), deployer),
    wasteOperators: WasteOperators__factory.connect(await deployed.wasteOperators.getAddress(), deployer),
    containers: Containers__factory.connect(await deployed.containers.getAddress(), deployer),
    wasteLots: WasteLots__factory.connect(await deployed.wasteLots.getAddress(), deployer),
    recyclingCertificates: RecyclingCertificates__factory.connect(
      await deployed.recyclingCertificates.getAddress(),
      deployer,
    ),
    ecoToken: EcoToken__factory.connect(await deployed.ecoToken.getAddress(), deployer),
    ecoRewards: EcoRewards__factory.connect(await deployed.ecoRewards.getAddress(), deployer),
    redemption: Redemption__factory.connect(await deployed.redemption.getAddress(), deployer),
    census: Census__factory.connect(await deployed.census.getAddress(), deployer),
    proofVerifier: SemaphoreBatchVerifier__factory.connect(await deployed.proofVerifier.getAddress(), deployer),
    ballotBox: BallotBox__factory.connect(await deployed.ballotBox.getAddress(), deployer),
    ballotExecutor: BallotExecutor__factory.connect(await deployed.ballotExecutor.getAddress(), deployer),
    timelock: deployed.timelock,
    p256Verifier: deployed.p256Verifier,
    actors: Object.fromEntries([...bodies, ...tradeNames].map((name, index) => [name, signers[index]!])) as Record<
      Body | Trade,
      HardhatEthersSigner
    >,
    /** Accounts with no part in the city. */
    people: signers.slice(bodies.length + tradeNames.length),
  };
  for (const body of ["registry", "accreditor"] as const) await openOffice(city, body);
  for (const trade of tradeNames) await giveCredential(city, trades[trade], city.actors[trade]);
  await giveCredential(city, "GRID_OPERATOR", city.actors.gridOperator);
  return city;
}

export type DeployedCity = Awaited<ReturnType<typeof deployedCity>>;

/** What the SDK connects to. */
export async function addressesOf(city: DeployedCity): Promise<CityAddresses> {
  return addressesOfDeployed({ ...city, token: city.euro });
}
