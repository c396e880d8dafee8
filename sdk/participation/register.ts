/**
 * How people come on a roll: they consent, and registrars add them. Rolls, segments and counts are whole numbers; tags, leaves and
 * instants (Unix time) are bigint.
 */
import { type ContractTransactionReceipt, type Signer, ZeroAddress } from "ethers";

import { type Census, ICredentials__factory } from "../../typechain-types/index.js";
import { RollKind } from "../enums.js";
import { afterOwn, type Certainty, inBlock } from "../line.js";
import { type AccountSigner, type MessageSigner, NO_SIGNATURE, type Signature } from "../typedData/messages.js";
import { type HasCensus, type RollEntry, signRollEntries, signRollEntry } from "../typedData/participation.js";
import { RunnerError } from "../runner.js";
import { accountLeaf, MAX_ENTRANTS } from "./census.js";

/** How somebody wants to be on a roll. */
export interface RollWish {
  readonly rollId: number;
  readonly segment: number;
  /** Identity commitment; or, on a named roll, the account that votes, see {@link accountLeaf}: that of the holder when left out. */
  readonly leaf?: bigint;
  /** Keyed hash of who it is, from {@link LEAST_TAG} on. Left out where a credential numbers the person. */
  readonly tag?: bigint;
  /** Identity of the person, or account of its device; that of the signer when left out. */
  readonly holder?: string;
  /** Last second at which a registrar can make use of it. */
  readonly deadline: bigint;
}

/** A person's consent to be put on a roll, for a registrar. Serves once. */
export interface RollApplication extends RollEntry {
  /** Identity of the person, or account of its device. */
  readonly holder: string;
  readonly consent: Signature;
}

/** Who adds people. */
export interface Registrars {
  /** Identity of the registrar for which the caller acts; the caller's own when left out. */
  readonly registrar?: string;
  /** The second registrar, where the roll asks for one: its identity, and who signs as its owner. */
  readonly cosigner?: { readonly identity: string; readonly signer: MessageSigner };
  /** Last second for the second registrar's signature; the first deadline among the applications when left out. */
  readonly deadline?: bigint;
}

/** What became of applications. Each that was given is in one of the lists. */
export interface Registered {
  readonly added: readonly RollApplication[];
  /** Of people who were on the roll before, for instance since a call that was broken off, or whose other application was added. */
  readonly known: readonly RollApplication[];
  readonly receipts: readonly ContractTransactionReceipt[];
}

/** An application that nobody can make or take: without a number, holder or commitment, or of another roll than the others. */
export class RegistrationError extends RangeError {
  override readonly name = "RegistrationError";
}

/**
 * Consents to be put on a roll.
 *
 * @param city - The census.
 * @param signer - Owner of the person's identity, or the account of its device.
 * @param wish - Roll, segment and leaf.
 * @returns The consent, for whoever may add people.
 * @throws RegistrationError for a person who holds no numbered credential where the roll counts by it, or who gives no identity
 *   commitment where the roll is anonymous.
 */
export async function applyToRoll(
  { census }: { readonly census: Census },
  signer: AccountSigner | (MessageSigner & { readonly holder?: never }),
  wish: RollWish,
): Promise<RollApplication> {
  const holder = wish.holder ?? (await addressOf(signer));
  const { rollId, segment, deadline } = wish;
  const leaf = wish.leaf ?? (await leafOf(census, rollId, holder));
  const tag = wish.tag ?? (await numberOf(census, holder));
  const times = Number((await census.memberOf(rollId, tag)).times);
  const entry: RollEntry = { rollId, segment, tag, leaf, times, deadline };
  return { ...entry, holder, consent: await signRollEntry({ census }, signer, entry) };
}

/**
 * Puts people on a roll, as many in a call as it takes. If it is broken off, the same call goes on where it was: what this account
 * sent before and nobody has mined yet is waited for first, so that nobody is sent twice.
 *
 * @param city - The census, connected to a registrar.
 * @param applications - Of one roll.
 * @param registrars - For whom the caller acts, and who signs besides.
 * @param certainty - How long a transaction is waited for.
 * @throws RegistrationError for applications to different rolls.
 * @throws RunnerError if the contract is connected to nobody who sends.
 * @throws PendingError if what this account sent before does not get into a block, or no confirmation is waited for and people are
 *   in no block yet.
 * @throws what ethers throws for a transaction that does not count in time.
 * @throws What the census reverts with, if it does not take somebody: nobody of that call is added.
 */
export async function addToRoll(
  { census }: { readonly census: Census },
  applications: readonly RollApplication[],
  registrars: Registrars = {},
  certainty: Certainty = {},
): Promise<Registered> {
  const rollId = applications[0]?.rollId;
  if (rollId === undefined) return { added: [], known: [], receipts: [] };
  const other = applications.find((application) => application.rollId !== rollId);
  if (other !== undefined) throw new RegistrationError(`an application is for roll ${other.rollId}, not ${rollId}`);
  const registrar = registrars.registrar ?? (await senderOf(census));
  const { kind, credentialed } = await census.termsOf(rollId);
  const size = kind === RollKind.Named ? MAX_ENTRANTS.named : MAX_ENTRANTS.anonymous;
  const added: RollApplication[] = [];
  const known: RollApplication[] = [];
  const receipts: ContractTransactionReceipt[] = [];
  for (const segment of new Set(applications.map((application) => application.segment))) {
    await afterOwn(census.runner, certainty);
    const fresh: RollApplication[] = [];
    const tags = new Set<bigint>();
    for (const application of applications.filter((one) => one.segment === segment)) {
      const { present } = await census.memberOf(rollId, application.tag);
      (present || tags.has(application.tag) ? known : fresh).push(application);
      tags.add(application.tag);
    }
    for (let first = 0; first < fresh.length; first += size) {
      const batch = fresh.slice(first, first + size);
      const { cosignature, deadline } = await cosigned({ census }, batch, registrars);
      const entrants = batch.map(({ consent, deadline: until, holder, leaf, tag }) => {
        return { holder, tag: credentialed ? 0n : tag, leaf, deadline: until, consent };
      });
      const second = registrars.cosigner?.identity ?? ZeroAddress;
      const sent = await census.addMembers(rollId, segment, entrants, registrar, second, deadline, cosignature);
      receipts.push(await inBlock(sent, certainty));
      added.push(...batch);
    }
  }
  return { added, known, receipts };
}

async function cosigned(
  city: HasCensus,
  batch: readonly RollApplication[],
  { cosigner, deadline: last }: Registrars,
): Promise<{ cosignature: Signature; deadline: bigint }> {
  const deadline = last ?? batch.reduce((least, one) => (one.deadline < least ? one.deadline : least), LATEST);
  if (cosigner === undefined) return { cosignature: NO_SIGNATURE, deadline };
  const entries = batch.map(({ consent: _consent, holder: _holder, ...entry }) => entry);
  return { cosignature: await signRollEntries(city, cosigner.signer, { entries, deadline }), deadline };
}

/** Last second that 40 bits hold. */
const LATEST = (1n << 40n) - 1n;

/** Number of a person's credential of the type by which the census counts. */
async function numberOf(census: Census, holder: string): Promise<bigint> {
  const credentials = ICredentials__factory.connect(await census.credentials(), census.runner);
  const { index } = await credentials.credentialOf(await census.voterType(), holder);
  if (index !== 0n) return index;
  throw new RegistrationError(`${holder} holds no numbered credential, and a tag was not given`);
}

/** The account as a leaf, which on an anonymous roll would be nobody's key: a vote that is lost. */
async function leafOf(census: Census, rollId: number, holder: string): Promise<bigint> {
  const { kind } = await census.termsOf(rollId);
  if (kind === RollKind.Named) return accountLeaf(holder);
  throw new RegistrationError(`roll ${rollId} is anonymous, and an identity commitment was not given`);
}

async function addressOf(signer: object): Promise<string> {
  const { getAddress } = signer as Partial<AccountSigner>;
  if (getAddress === undefined) throw new RegistrationError("the signer has no address, and a holder was not given");
  return getAddress.call(signer);
}

async function senderOf(census: Census): Promise<string> {
  const runner = census.runner as Partial<Signer> | null;
  if (runner?.getAddress === undefined) throw new RunnerError("the census is connected to nobody who sends");
  return runner.getAddress();
}
