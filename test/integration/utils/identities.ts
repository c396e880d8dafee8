import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, Wallet } from "ethers";

import type { City, P256Signer } from "../../../sdk/index.js";
import { connectCity, explainRevert } from "../../../sdk/index.js";
import { SoftwareP256Key } from "../../../sdk/p256Keys.js";
import { addressesOf, type Connection, deployedCity } from "./city.js";

/** Long ago, so that the wall clock, by which the resolver judges what is valid now, lies between near and far ends. */
export const START = new Date("2025-01-01T00:00:00Z");

const DAY = 86_400n;
const YEAR = 365n * DAY;

/** Spans that begin soon after {@link START}. */
export const spans = {
  day: DAY,
  year: YEAR,
  /** Over when the tests run. */
  short: 30n * DAY,
  /** Not over when the tests run. */
  long: 100n * YEAR,
} as const;

/** Fixture: a city, people who send for themselves, a relayer who sends for others, and keys without accounts. */
export async function inhabitedCity(connection: Connection) {
  const deployed = await deployedCity(connection);
  const { ethers, networkHelpers } = connection;
  const [relayer, ada, ben, cid] = deployed.people as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const addresses = await addressesOf(deployed);
  const city: City = connectCity(addresses, relayer);
  const { chainId } = await ethers.provider.getNetwork();
  const p256Signer = (name: string): P256Signer => {
    return { verifier: addresses.p256Verifier!, key: new SoftwareP256Key(id(name)) };
  };
  return {
    ethers,
    networkHelpers,
    chainId,
    addresses,
    city,
    actors: deployed.actors,
    relayer,
    ada,
    ben,
    cid,
    /** A key whose account holds no coins. */
    penniless: new Wallet(id("penniless")),
    p256Signer,
  };
}

export type InhabitedCity = Awaited<ReturnType<typeof inhabitedCity>>;

/** Name of the error by which the chain refuses an act; undefined when it accepts it. */
export async function refusal(act: Promise<unknown>): Promise<string | undefined> {
  return act.then(
    () => undefined,
    (failure: unknown) => explainRevert(failure)?.name ?? String(failure),
  );
}
