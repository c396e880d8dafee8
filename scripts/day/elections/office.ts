/** Who holds elections: who keeps the rolls, publishes ballots, writes their census down, counts paper, and finds results. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import {
  type PaperCount,
  paperEntriesHash,
  RollKind,
  type RollEntry,
  type Signature,
  signProtocol,
  signRollEntries,
  signRollEntry,
  type TypedDataSigner,
} from "../../../sdk/index.js";
import {
  type BallotFields,
  ballotTerms,
  type KnownBallot,
  readRollEvents,
  type Roll,
  rollAt,
  settleBallot,
  type SettlementAct,
  textHashes,
} from "../../../sdk/participation/index.js";
import { slices } from "../../../sdk/slices.js";
import type { Day } from "../day.js";
import { holderOf } from "../holders.js";
import { onClock } from "../runner.js";
import { seeded, seededWallet } from "../seeds.js";
import { type PlannedProtocol } from "./plan.js";
import {
  COUNT_SECONDS,
  ENTRANTS_PER_CALL,
  FROZEN_AFTER,
  OPEN_SECONDS,
  OPENING_MARGIN,
  PUBLISHED_AFTER,
  RANKINGS_PER_COUNT,
  SEGMENTS_PER_CALL,
  SIGNATURE_SECONDS,
  VOTING_MARGIN,
} from "./terms.js";

/** When what happens. */
export interface Times {
  readonly startsAt: bigint;
  readonly publishedAt: bigint;
  readonly freezesAt: bigint;
  readonly opensAt: bigint;
  /** Votes are brought from here on. */
  readonly votedAt: bigint;
  readonly closesAt: bigint;
  /** Papers are counted from here on. */
  readonly countedAt: bigint;
  readonly countsUntil: bigint;
}

/** A roll with what it was opened with. */
export interface OpenRoll {
  readonly rollId: number;
  readonly kind: bigint;
  readonly segments: number;
  readonly fromBlock: number;
}

/** Somebody who is put on a roll. */
export interface Newcomer {
  /** Owner of the identity, or the account itself, which consents. */
  readonly signer: TypedDataSigner & { readonly address: string };
  /** Keyed hash of who it is; absent where a number of a credential says so. */
  readonly tag?: bigint;
  /** Commitment, or the account as a number. */
  readonly leaf: bigint;
}

/** What a ballot is, but for its roll and its times. */
export type Matter = Omit<BallotFields, "rollId" | "segments" | "freezesAt" | "opensAt" | "closesAt" | "texts"> & {
  readonly text: string;
};

/** See the head of this file. */
export class ElectionOffice {
  readonly times: Times;
  readonly #day: Day;
  readonly #noticePeriod: bigint;
  readonly #registrar: HardhatEthersSigner;
  readonly #cosigner = seededWallet("elections/second registrar");
  readonly #officer = seededWallet("elections/returning officer");
  #protocols = 0n;

  private constructor(day: Day, startsAt: bigint, noticePeriod: bigint) {
    this.#day = day;
    this.#noticePeriod = noticePeriod;
    this.#registrar = holderOf(day, "CENSUS_ROLLS");
    const freezesAt = startsAt + FROZEN_AFTER;
    const opensAt = freezesAt + noticePeriod + OPENING_MARGIN;
    const closesAt = opensAt + OPEN_SECONDS;
    this.times = {
      startsAt,
      publishedAt: startsAt + PUBLISHED_AFTER,
      freezesAt,
      opensAt,
      votedAt: opensAt + VOTING_MARGIN,
      closesAt,
      countedAt: closesAt + VOTING_MARGIN,
      countsUntil: closesAt + COUNT_SECONDS,
    };
  }

  /** Opens the office: registrars and the returning officer get their credentials. */
  static async open(day: Day, startsAt: bigint): Promise<ElectionOffice> {
    const office = new ElectionOffice(day, startsAt, await day.city.ballotBox.noticePeriod());
    const { register } = day;
    register.body("second registrar", office.#cosigner);
    register.body("returning officer", office.#officer);
    register.give("CENSUS_REGISTRAR", office.#registrar.address);
    register.give("CENSUS_REGISTRAR", office.#cosigner.address);
    register.give("RETURNING_OFFICER", office.#officer.address);
    await register.enrol(startsAt);
    return office;
  }

  /** The officer who signs protocols. */
  get officer(): string {
    return this.#officer.address;
  }

  // --- rolls

  /** Opens a roll that cannot grow while a notice runs, and to which two registrars add people. */
  async openRoll(kind: bigint, credentialed: boolean, depth: number, segments: number): Promise<OpenRoll> {
    const { census } = this.#day.city;
    const terms = { kind, credentialed, cosigned: true, depth, segments, growthBp: 0, growthLeast: 0 };
    const { receipt } = await this.#day.send("census.openRoll", this.times.startsAt, () =>
      census.connect(this.#registrar).openRoll(terms),
    );
    return { rollId: Number(await census.rollCount()), kind, segments, fromBlock: receipt.blockNumber };
  }

  /** Puts people on the first segment of a roll. */
  async enrol(roll: OpenRoll, people: readonly Newcomer[]): Promise<void> {
    const isNamed = roll.kind === RollKind.Named;
    const name = isNamed ? "named" : "anonymous";
    for (const part of slices(people, ENTRANTS_PER_CALL[name])) {
      const done = await this.#day.send(
        `census.addMembers ${name}`,
        this.times.startsAt,
        async (time) => this.#add(roll, part, time + SIGNATURE_SECONDS),
        part.length,
      );
      this.#day.register.asked("CENSUS_REGISTRAR", this.#registrar.address, done);
      this.#day.register.asked("CENSUS_REGISTRAR", this.#cosigner.address, done);
      for (const { signer, tag } of part) {
        if (tag === undefined) this.#day.register.asked("RESIDENT", signer.address, done);
      }
    }
  }

  async #add({ rollId }: OpenRoll, people: readonly Newcomer[], deadline: bigint) {
    const { city } = this.#day;
    const entries: RollEntry[] = [];
    const entrants = [];
    for (const { leaf, signer, tag } of people) {
      const entry = {
        rollId,
        segment: 0,
        tag: tag ?? (await this.#numberOf(signer.address)),
        leaf,
        times: 0,
        deadline,
      };
      const consent = await signRollEntry(city, signer, entry);
      entries.push(entry);
      entrants.push({ holder: signer.address, tag: tag ?? 0n, leaf, deadline, consent });
    }
    const cosignature = await signRollEntries(city, this.#cosigner, { entries, deadline });
    return city.census
      .connect(this.#registrar)
      .addMembers(rollId, 0, entrants, this.#registrar.address, this.#cosigner.address, deadline, cosignature);
  }

  async #numberOf(identity: string): Promise<bigint> {
    const { census, credentials } = this.#day.city;
    return (await credentials.credentialOf(await census.voterType(), identity)).index;
  }

  /** A roll as a ballot froze it, from its events. */
  async frozen({ fromBlock, kind, rollId }: OpenRoll): Promise<Roll> {
    const { provider } = this.#day.connection.ethers;
    const census = await this.#day.city.census.getAddress();
    return rollAt(kind, await readRollEvents(provider, { census, rollId, fromBlock }), this.times.freezesAt);
  }

  // --- ballots

  /** Publishes a ballot of all segments of a roll. */
  async publish(roll: OpenRoll, { text, ...matter }: Matter): Promise<KnownBallot> {
    const { closesAt, countsUntil, freezesAt, opensAt, publishedAt } = this.times;
    const box = this.#day.city.ballotBox.connect(holderOf(this.#day, "BALLOT_CLERK"));
    const waits = (matter.paperElectorate ?? 0) !== 0 || (matter.secrecy ?? 0n) !== 0n;
    const fields: BallotFields = {
      ...matter,
      rollId: roll.rollId,
      segments: Array.from({ length: roll.segments }, (_, segment) => segment),
      freezesAt,
      opensAt,
      closesAt,
      ...(waits ? { countsUntil } : {}),
      texts: textHashes({ en: text }),
    };
    const terms = ballotTerms(fields, {
      rollKind: roll.kind,
      rollSegments: roll.segments,
      noticePeriod: this.#noticePeriod,
      now: this.#day.clock.next(publishedAt),
    });
    const { receipt } = await this.#day.send("ballot.publish", publishedAt, () => box.publish(terms));
    const [ballotId] = receipt.logs.flatMap((log) => {
      const event = box.interface.parseLog(log);
      return event?.name === "BallotPublished" ? [Number(event.args.ballotId as bigint)] : [];
    });
    if (ballotId === undefined) throw new Error("a ballot was published and is not told of");
    return { ballotId, terms };
  }

  /** Writes the census of a ballot down. */
  async freeze({ ballotId, terms }: KnownBallot): Promise<void> {
    const { ballotBox } = this.#day.city;
    for (const part of slices(terms.segments, SEGMENTS_PER_CALL)) {
      const freeze = () => ballotBox.freeze(ballotId, terms, part.length);
      await this.#day.send("ballot.freeze", terms.freezesAt + 1n, freeze, part.length);
    }
  }

  /** Lets a keeper take a ballot to its result: anybody could. */
  async settle(ballot: KnownBallot, { fromBlock }: OpenRoll, at: bigint): Promise<void> {
    const { city, clock, gas, relayer } = this.#day;
    await clock.pass(at);
    const box = city.ballotBox.connect(onClock(relayer, clock));
    const { acts, receipts, wait } = await settleBallot(box, ballot, { fromBlock, rankings: RANKINGS_PER_COUNT });
    for (const [index, { gasUsed }] of receipts.entries()) {
      const act = acts[index];
      if (act !== undefined) gas.add(`ballot.${act.kind}`, gasUsed, itemsOf(act));
    }
    if (wait.kind !== "finished") throw new Error(`ballot ${ballot.ballotId} has no result and waits: ${wait.kind}`);
  }

  // --- paper

  /** Brings all protocols of a ballot. */
  async recordAll(name: string, ballot: KnownBallot, protocols: readonly PlannedProtocol[]): Promise<void> {
    const progress = this.#day.progress(`elections: ${name} on paper`);
    for (const [number, protocol] of protocols.entries()) {
      await this.#record(ballot, protocol);
      progress(number + 1, protocols.length);
    }
  }

  /** A protocol with its signature, as the box takes it. */
  async sign(
    ballotId: number,
    { entries, segment, spoilt }: PlannedProtocol,
  ): Promise<[Readonly<Record<string, unknown>> & ProtocolArgument, PaperCount[], Signature]> {
    const officer = this.#officer.address;
    this.#protocols += 1n;
    const protocol = {
      ballotId,
      segment,
      spoilt,
      documentHash: seeded(`elections/protocol ${this.#protocols}`),
      officer,
      nonce: this.#protocols,
      deadline: this.times.countsUntil,
    };
    const signature = await signProtocol(this.#day.city, this.#officer, {
      ...protocol,
      entriesHash: paperEntriesHash(entries),
      owner: officer,
    });
    return [protocol, [...entries], signature];
  }

  async #record({ ballotId }: KnownBallot, protocol: PlannedProtocol): Promise<void> {
    const brought = await this.sign(ballotId, protocol);
    const done = await this.#day.send(
      "ballot.recordProtocol",
      this.times.countedAt,
      () => this.#day.city.ballotBox.recordProtocol(...brought),
      Math.max(1, protocol.entries.length),
    );
    this.#day.register.asked("RETURNING_OFFICER", this.#officer.address, done);
  }
}

/** Papers or rankings that an act of the keeper is about. */
function itemsOf(act: SettlementAct): number {
  if (act.kind === "open") return act.entries.length;
  return act.kind === "countRounds" ? act.rankings.length : 1;
}

interface ProtocolArgument {
  readonly ballotId: number;
  readonly segment: number;
  readonly spoilt: number;
  readonly documentHash: string;
  readonly officer: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}
