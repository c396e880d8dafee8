import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { id, Wallet, ZeroAddress } from "ethers";

import { BallotKind, RollKind, Secrecy } from "../../../sdk/enums.js";
import {
  accountLeaf,
  ballotTerms,
  LEAST_TAG,
  type NamedPlace,
  placeOnRoll,
  readRollEvents,
  Roll,
  textHashes,
} from "../../../sdk/participation/index.js";
import { NO_SIGNATURE } from "../../../sdk/typedData/messages.js";
import { paperEntriesHash, type RollEntry, signRollEntry } from "../../../sdk/typedData/participation.js";
import type { BallotBox, Census } from "../../../typechain-types/index.js";
import type { Connection } from "./city.js";
import { FOREVER } from "./credentials.js";
import { type Act, bySignature, type SignedAct } from "./signedActs.js";

/** Contracts and offices that ballots need. */
export interface PollOffices extends Pick<Connection, "ethers" | "networkHelpers"> {
  readonly box: BallotBox;
  readonly census: Census;
  /** Opens rolls. */
  readonly rollOpener: HardhatEthersSigner;
  readonly registrar: HardhatEthersSigner;
  /** Another registrar. */
  readonly cosigner: HardhatEthersSigner;
  /** Publishes ballots. */
  readonly ballotClerk: HardhatEthersSigner;
  readonly returningOfficer: HardhatEthersSigner;
  readonly relayer: HardhatEthersSigner;
}

const [SEGMENT, EMPTY_SEGMENT] = [0, 1];
const HOUR = 3_600n;
const DAY = 24n * HOUR;
const VOTER = new Wallet(id("voter of acts"));
const NEWCOMER = new Wallet(id("newcomer of acts"));
const NEIGHBOUR = new Wallet(id("neighbour of acts"));

const tagOf = ({ address }: Wallet): bigint => LEAST_TAG + BigInt(address);

/** A consent to be put on a roll for the first time. */
function entryOf(rollId: number, segment: number, person: Wallet, deadline = FOREVER): RollEntry {
  return { rollId, segment, tag: tagOf(person), leaf: accountLeaf(person.address), times: 0, deadline };
}

/** Somebody who consents, as the census takes it. */
async function entrantOf({ census }: PollOffices, person: Wallet, entry: RollEntry) {
  const consent = await signRollEntry({ census }, person, entry);
  return { holder: person.address, tag: entry.tag, leaf: entry.leaf, deadline: entry.deadline, consent };
}

/** Opens a roll that asks for a second registrar and one that does not, with a voter each, and two ballots of the latter. */
export async function furnishPolls(offices: PollOffices) {
  const { ballotClerk, box, census, cosigner, ethers, networkHelpers, registrar, rollOpener } = offices;
  const opened = { kind: RollKind.Named, credentialed: false, depth: 16, segments: 2, growthBp: 0, growthLeast: 0 };
  const rolls: number[] = [];
  for (const cosigned of [false, true]) {
    await census.connect(rollOpener).openRoll({ ...opened, cosigned });
    rolls.push(Number(await census.rollCount()));
  }
  const [plainRoll, cosignedRoll] = rolls as [number, number];
  const byRegistrar = census.connect(registrar);
  const first = await entrantOf(offices, VOTER, entryOf(plainRoll, SEGMENT, VOTER));
  await byRegistrar.addMembers(plainRoll, SEGMENT, [first], registrar, ZeroAddress, FOREVER, NO_SIGNATURE);
  const entry = entryOf(cosignedRoll, SEGMENT, VOTER);
  const domain = await domainOf(census);
  const second = await cosigner.signTypedData(domain, ENTRIES, { entries: [entry], deadline: FOREVER });
  const entrant = await entrantOf(offices, VOTER, entry);
  await byRegistrar.addMembers(cosignedRoll, SEGMENT, [entrant], registrar, cosigner, FOREVER, bySignature(second));

  const places: NamedPlace[] = [];
  for (const rollId of rolls) {
    const events = await readRollEvents(ethers.provider, { census: await census.getAddress(), rollId });
    places.push(placeOnRoll(new Roll(RollKind.Named, events), tagOf(VOTER)));
  }
  const [plainPlace, cosignedPlace] = places as [NamedPlace, NamedPlace];

  const notice = await box.noticePeriod();
  const now = BigInt(await networkHelpers.time.latest());
  const freezesAt = now + HOUR;
  const opensAt = freezesAt + 1n + notice;
  // What other modules need takes days.
  const [closesAt, countsUntil] = [opensAt + 30n * DAY, opensAt + 31n * DAY];
  const times = { freezesAt, opensAt, closesAt, countsUntil, texts: textHashes({ en: "Yes or no?" }) };
  const common = {
    ...times,
    rollId: plainRoll,
    segments: [SEGMENT],
    kind: BallotKind.Single,
    options: 2,
    revotes: true,
  };
  const setting = { rollKind: RollKind.Named, rollSegments: 2, noticePeriod: notice, now };
  const ballots = [
    ballotTerms({ ...common, paperElectorate: 100 }, setting),
    ballotTerms({ ...common, secrecy: Secrecy.Committed }, setting),
  ];
  const numbers: number[] = [];
  for (const terms of ballots) {
    numbers.push(Number(await box.connect(ballotClerk).publish.staticCall(terms)));
    await box.connect(ballotClerk).publish(terms);
  }
  await networkHelpers.time.increaseTo(freezesAt + 1n);
  for (const [index, terms] of ballots.entries()) await box.freeze(numbers[index]!, terms, 1);
  await networkHelpers.time.increaseTo(opensAt);
  const [publicBallot, committedBallot] = numbers as [number, number];
  return { ...offices, plainRoll, cosignedRoll, plainPlace, cosignedPlace, publicBallot, committedBallot };
}

/** A place where participation's typed structs can be acted upon. */
export type PollScene = Awaited<ReturnType<typeof furnishPolls>>;

const ENTRY = [
  { name: "rollId", type: "uint32" },
  { name: "segment", type: "uint16" },
  { name: "tag", type: "uint256" },
  { name: "leaf", type: "uint256" },
  { name: "times", type: "uint32" },
  { name: "deadline", type: "uint40" },
];
const ENTRIES = {
  RollEntries: [
    { name: "entries", type: "RollEntry[]" },
    { name: "deadline", type: "uint40" },
  ],
  RollEntry: ENTRY,
};

/** The domain as the contract tells it (ERC-5267). */
async function domainOf(census: Census) {
  const { name, version, chainId, verifyingContract } = await census.eip712Domain();
  return { name, version, chainId, verifyingContract };
}

/** One act for each typed struct of participation. A count in place of a nonce is in each of them but the last. */
export const participationActs = {
  // Census.
  RollEntry: { build: rollEntry },
  RollEntries: { build: rollEntries },
  RollRemoval: { build: rollRemoval },
  // BallotBox.
  Vote: { build: vote },
  Commitment: { build: commitment },
  Protocol: { build: protocol },
} as const satisfies Readonly<Record<string, SignedAct<PollScene>>>;

async function rollEntry(scene: PollScene, _nonce: bigint, deadline: number): Promise<Act> {
  const { census, plainRoll, registrar } = scene;
  const message = entryOf(plainRoll, EMPTY_SEGMENT, NEWCOMER, BigInt(deadline));
  const { tag, leaf } = message;
  return {
    contract: census,
    message: { ...message },
    signers: [NEWCOMER],
    send: async ([signature]) => {
      const entrant = { holder: NEWCOMER.address, tag, leaf, deadline, consent: bySignature(signature) };
      const none = [ZeroAddress, FOREVER, NO_SIGNATURE] as const;
      return census.connect(registrar).addMembers(plainRoll, EMPTY_SEGMENT, [entrant], registrar, ...none);
    },
  };
}

async function rollEntries(scene: PollScene, _nonce: bigint, deadline: number): Promise<Act> {
  const { census, cosignedRoll, cosigner, registrar } = scene;
  const people = [NEWCOMER, NEIGHBOUR];
  const entries = people.map((person) => entryOf(cosignedRoll, EMPTY_SEGMENT, person));
  const entrants = await Promise.all(people.map(async (person, index) => entrantOf(scene, person, entries[index]!)));
  return {
    contract: census,
    message: { entries, deadline },
    signers: [cosigner],
    send: async ([signature]) =>
      census
        .connect(registrar)
        .addMembers(cosignedRoll, EMPTY_SEGMENT, entrants, registrar, cosigner, deadline, bySignature(signature)),
  };
}

async function rollRemoval(scene: PollScene, _nonce: bigint, deadline: number): Promise<Act> {
  const { census, cosignedPlace, cosignedRoll, cosigner, registrar } = scene;
  const tag = tagOf(VOTER);
  const removal = { tag, leaf: accountLeaf(VOTER.address), registrar, cosigner, deadline, holder: ZeroAddress };
  return {
    contract: census,
    message: { rollId: cosignedRoll, tag, times: 1, deadline },
    signers: [cosigner],
    send: async ([signature]) =>
      census.connect(registrar).removeMember(cosignedRoll, removal, cosignedPlace.path, bySignature(signature)),
  };
}

async function vote(scene: PollScene, _nonce: bigint, deadline: number): Promise<Act> {
  const { box, plainPlace, publicBallot: ballotId, relayer } = scene;
  const { segment, index, path } = plainPlace;
  const message = { ballotId, segment, index, sequence: 1, payload: 1n, deadline };
  return {
    contract: box,
    message,
    signers: [VOTER],
    send: async ([signature]) =>
      box.connect(relayer).voteBySig({ ...message, previous: 0n }, VOTER, bySignature(signature), path),
  };
}

async function commitment(scene: PollScene, _nonce: bigint, deadline: number): Promise<Act> {
  const { box, plainPlace, committedBallot: ballotId, relayer } = scene;
  const { segment, index, path } = plainPlace;
  const message = { ballotId, segment, index, sequence: 1, commitment: BigInt(id("paper and salt")), deadline };
  return {
    contract: box,
    message,
    signers: [VOTER],
    send: async ([signature]) => {
      const committed = { ballotId, segment, index, sequence: 1, payload: message.commitment, previous: 0n, deadline };
      return box.connect(relayer).commit(committed, VOTER, bySignature(signature), path);
    },
  };
}

async function protocol(scene: PollScene, nonce: bigint, deadline: number): Promise<Act> {
  const { box, publicBallot: ballotId, relayer, returningOfficer } = scene;
  const officer = returningOfficer.address;
  const entries = [{ payload: 1n, count: 2 }];
  const head = { ballotId, segment: SEGMENT, spoilt: 1, documentHash: id("protocol"), officer, nonce, deadline };
  return {
    contract: box,
    message: { ...head, entriesHash: paperEntriesHash(entries), owner: officer },
    signers: [returningOfficer],
    send: async ([signature]) => box.connect(relayer).recordProtocol(head, entries, bySignature(signature)),
  };
}
