/** Who says what of whom in the measured city: bodies accredited to issue credentials, and doors that ask for them. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type Wallet, ZeroAddress, ZeroHash } from "ethers";

import { credentialTypes, type CredentialName, typeIdOf } from "../ignition/credentials.js";
import { NO_SIGNATURE, signKeyAppointment } from "../sdk/typedData.js";
import type { Chain } from "./chain.js";
import { gasAt, type PeerName, type Peers } from "./peers.js";
import { accountOf, HOUR, type Town, YEAR } from "./town.js";

/** A body and the key that speaks for it. */
interface Organisation {
  readonly identity: string;
  readonly key: HardhatEthersSigner | Wallet;
}

/** Asks for accreditation at any time, which is the dearer kind. */
const PLAIN: CredentialName = "BATTERY_TESTER";
const NUMBERED: CredentialName = "RESIDENT";
/** Bodies below the type's authority, each accredited by the one before: the longest chain there is. */
const LINKS = ["first link", "second link", "third link", "fourth link"] as const;
/** A word of a status list: list 1, word 0. */
const USED_WORD = 1n << 64n;
const FIRST_CARD = 1n << 255n;

export class Office {
  readonly plainType = typeIdOf(PLAIN);
  readonly numberedType = typeIdOf(NUMBERED);
  /** A word of the issuer's status list in which one card is revoked. */
  readonly usedWord = USED_WORD;

  private constructor(
    private readonly chain: Chain,
    private readonly town: Town,
    private readonly compiled: Peers,
    /** Accredits the issuers of the plain type. */
    readonly authority: Organisation,
    /** Accredited by the authorities of both types. Has issued credentials of both and revoked a card. */
    readonly issuer: Organisation,
    /** At the end of the longest chain, for the plain type. */
    readonly remoteIssuer: Organisation,
  ) {}

  static async prepare(chain: Chain, town: Town, compiled: Peers): Promise<Office> {
    const authority = await authorityOf(chain, town, PLAIN);
    const issuer = await organisation(chain, town, "issuer");
    const links: Organisation[] = [];
    for (const name of LINKS) links.push(await organisation(chain, town, name));
    const office = new Office(chain, town, compiled, authority, issuer, links.at(-1) ?? issuer);
    await office.accredit(authority, office.plainType, issuer.identity);
    await office.accredit(await authorityOf(chain, town, NUMBERED), office.numberedType, issuer.identity);
    for (const [index, link] of links.entries()) {
      await office.accredit(links[index - 1] ?? authority, office.plainType, link.identity);
    }
    for (const typeId of [office.plainType, office.numberedType]) await office.issue(typeId, accountOf("earlier"));
    await office.revokeCards(USED_WORD, FIRST_CARD);
    return office;
  }

  /** Last second of what is said now. */
  get until(): number {
    return this.chain.now + YEAR;
  }

  async accredit(accreditor: Organisation, typeId: string, issuer: string): Promise<number> {
    const { credentials } = this.town.city;
    // An accreditation outlives what is issued under it.
    return this.chain.gasOf(() =>
      credentials.connect(accreditor.key).accredit(typeId, issuer, this.until + YEAR, true),
    );
  }

  async issue(typeId: string, subject: string, root = ZeroHash, { key } = this.issuer): Promise<number> {
    const { credentials } = this.town.city;
    return this.chain.gasOf(() => credentials.connect(key).issue(typeId, subject, this.until, root));
  }

  async revokeCards(position: bigint, cards: bigint): Promise<number> {
    const { credentials } = this.town.city;
    return this.chain.gasOf(() => credentials.connect(this.issuer.key).revokeCards(position, cards));
  }

  /**
   * What a door that asks for the plain type costs more than one that asks nothing. The subject holds the credential,
   * comes itself, and has come before.
   */
  async overheadOf(door: PeerName, subject: Wallet): Promise<number> {
    const { cast, city } = this.town;
    const enter = async (name: PeerName, ...args: unknown[]): Promise<number> => {
      const contract = await this.compiled.deploy(this.chain, name, cast.deployer, ...args);
      const bySubject = contract.connect(subject);
      await gasAt(this.chain, bySubject, "enter", subject.address);
      return gasAt(this.chain, bySubject, "enter", subject.address);
    };
    const free = await enter("OpenDoor");
    return (await enter(door, await city.credentials.getAddress(), this.plainType)) - free;
  }
}

/** The body of the city that accredits issuers of a type. It speaks by its own account. */
async function authorityOf(chain: Chain, { cast, city }: Town, type: CredentialName): Promise<Organisation> {
  const key = cast[credentialTypes[type].authority];
  const { key: standing } = await city.credentials.issuingKeyOf(key);
  if (standing === ZeroAddress) {
    const appointment = appointmentOf(chain, key.address, key.address);
    await chain.send(() => city.credentials.connect(key).appointKey(appointment, NO_SIGNATURE, NO_SIGNATURE));
  }
  return { identity: key.address, key };
}

/** Another body, which speaks by a key of its own. */
async function organisation(chain: Chain, { cast, city }: Town, name: string): Promise<Organisation> {
  const owner = await chain.account(name);
  const key = await chain.account(`key of ${name}`);
  const appointment = appointmentOf(chain, owner.address, key.address);
  const signatures = [
    await signKeyAppointment(city, owner, appointment),
    await signKeyAppointment(city, key, appointment),
  ] as const;
  await chain.send(() => city.credentials.connect(cast.relay).appointKey(appointment, ...signatures));
  return { identity: owner.address, key };
}

function appointmentOf({ now }: Chain, issuer: string, key: string) {
  return { issuer, key, until: BigInt(now + 2 * YEAR), nonce: 0n, deadline: BigInt(now + HOUR) };
}
