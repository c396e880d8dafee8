/** Each resident votes in a referendum: a public vote, signed by its own account, brought by a relayer with those of others. */
import { toBeHex, ZeroAddress } from "ethers";

import { Random } from "../../scripts/lib/random.js";
import { BallotKind, RollKind } from "../../sdk/enums.js";
import { namedLeaf, namedPair } from "../../sdk/participation/census.js";
import { LeanTree } from "../../sdk/participation/leanTree.js";
import { MAX_BATCH, shuffled, USUAL_BATCH } from "../../sdk/participation/relay.js";
import { type BallotTerms, ballotTerms, textHashes } from "../../sdk/participation/terms.js";
import { type SignedVote, signedVote } from "../../sdk/participation/votes.js";
import { slices } from "../../sdk/slices.js";
import { NO_SIGNATURE, type RollEntry, signRollEntry } from "../../sdk/typedData.js";
import { accredit, DAY, HOUR } from "../town.js";
import type { Load } from "./chain.js";
import { QuickKey } from "./keys.js";
import type { Kind } from "./kind.js";
import { holderOf, keyOf, type Stage } from "./stage.js";

/** Residents of a precinct, a segment of the roll: more precincts of a larger town, not larger ones. */
const PRECINCT = 1_000;
const BATCH = USUAL_BATCH.signed;
/** Accounts that one call puts on the roll: all that fit into a transaction. */
const NAMED_BATCH = 200;
/** Precincts whose census one call freezes. */
const FROZEN_AT_ONCE = 50;
/** Accounts whose votes stand in one word of the ballot's. */
const GROUP = 64;
const ROLL = 1;
const BALLOT = 1;
const ROLL_DEPTH = 16;
const NOTICE = 3 * DAY;
const FOREVER = (1n << 40n) - 1n;
const [YES, NO] = [0n, 1n];
const ORDER_SEED = 7n;

interface Precinct {
  readonly segment: number;
  readonly people: readonly QuickKey[];
}

export const votes: Kind = {
  rows: ["votes"],
  resident: "one vote in a referendum",
  async prepare(stage: Stage, residents: number) {
    const { city } = stage;
    const precincts = precinctsOf(residents);
    await enrol(stage, precincts);
    const terms = await publish(stage, precincts.length);
    const random = new Random(ORDER_SEED);
    // A small precinct's paths are shorter.
    const hashes = Math.ceil(Math.log2(Math.min(residents, PRECINCT)));

    async function* loads(): AsyncGenerator<Load> {
      for (const { segment, people } of precincts) {
        const leaves = people.map(({ address }, index) => namedLeaf(index, address));
        const tree = new LeanTree(namedPair, leaves);
        const indexes = shuffled([...people.keys()], (end) => random.whole(0, end - 1));
        for (const some of slices(indexes, BATCH)) {
          const batch: SignedVote[] = [];
          for (const index of some) {
            const path = tree.pathOf(index).map((sibling) => toBeHex(sibling, 32));
            const paper = { payload: index % 3 === 0 ? NO : YES, deadline: terms.closesAt };
            batch.push(await signedVote(city, personAt(people, index), BALLOT, { segment, index, path }, paper));
          }
          const data = city.ballotBox.interface.encodeFunctionData("voteMany", [BALLOT, segment, batch]);
          yield { to: city.addresses.ballotBox, data, items: batch.length };
        }
      }
    }

    return {
      prepared: `a roll with everybody's consent, in precincts of ${PRECINCT.toLocaleString("en")}, and a ballot`,
      steps: [
        {
          name: "votes",
          item: "a public vote, signed by an account on the roll",
          hashes,
          fullBatch: BATCH,
          most: MAX_BATCH.signed,
          loads,
          check: async () => count(stage, precincts, terms),
        },
      ],
    };
  },
};

function precinctsOf(residents: number): Precinct[] {
  const people = Array.from({ length: residents }, (_, index) => QuickKey.of(`citizen ${index}`));
  return slices(people, PRECINCT).map((some, segment) => ({ segment, people: some }));
}

function personAt(people: readonly QuickKey[], index: number): QuickKey {
  const person = people[index];
  if (person === undefined) throw new Error(`there is nobody at ${index}`);
  return person;
}

/** Everybody agrees to be on the roll, where a registrar puts them. */
async function enrol(stage: Stage, precincts: readonly Precinct[]): Promise<void> {
  const { chain, city, cast } = stage;
  await accredit(chain, city.credentials, cast.accreditor, [["CENSUS_REGISTRAR", cast.censusRegistrar]]);
  const rolls = city.census.connect(holderOf(stage, "CENSUS_ROLLS"));
  await chain.send(() =>
    rolls.openRoll({
      kind: RollKind.Named,
      segments: precincts.length,
      credentialed: false,
      cosigned: false,
      depth: ROLL_DEPTH,
      growthBp: 0,
      growthLeast: 0,
    }),
  );
  async function* loads(): AsyncGenerator<Load> {
    for (const { segment, people } of precincts) {
      for (const some of slices(people, NAMED_BATCH)) {
        const entrants = [];
        for (const key of some) {
          const entry: RollEntry = {
            rollId: ROLL,
            segment,
            tag: BigInt(key.address) + (1n << 64n),
            leaf: BigInt(key.address),
            times: 0,
            deadline: FOREVER,
          };
          const consent = await signRollEntry(city, key, entry);
          entrants.push({ holder: key.address, tag: entry.tag, leaf: entry.leaf, deadline: FOREVER, consent });
        }
        const data = city.census.interface.encodeFunctionData("addMembers", [
          ROLL,
          segment,
          entrants,
          cast.censusRegistrar.address,
          ZeroAddress,
          FOREVER,
          NO_SIGNATURE,
        ]);
        yield { to: city.addresses.census, data, items: some.length };
      }
    }
  }
  await chain.deliver(loads(), keyOf("censusRegistrar"));
}

/** A referendum that all precincts vote in, published, frozen and open. */
async function publish(stage: Stage, precincts: number): Promise<BallotTerms> {
  const { chain, city } = stage;
  const now = chain.now + 1;
  const freezesAt = BigInt(now + HOUR);
  const opensAt = freezesAt + BigInt(NOTICE + HOUR);
  const closesAt = opensAt + BigInt(7 * DAY);
  const terms = ballotTerms(
    {
      rollId: ROLL,
      kind: BallotKind.Single,
      options: 3,
      blankLast: true,
      segments: Array.from({ length: precincts }, (_, segment) => segment),
      freezesAt,
      opensAt,
      closesAt,
      texts: textHashes({ de: "Soll die Stadt die Brücke kaufen?" }),
    },
    { rollKind: RollKind.Named, rollSegments: precincts, noticePeriod: BigInt(NOTICE), now: BigInt(now) },
  );
  const clerk = city.ballotBox.connect(holderOf(stage, "BALLOT_CLERK"));
  await chain.send(() => clerk.publish(terms));
  chain.passUntil(Number(freezesAt) + 1);
  for (let done = 0; done < precincts; done += FROZEN_AT_ONCE) {
    const count = Math.min(FROZEN_AT_ONCE, precincts - done);
    await chain.send(() => city.ballotBox.freeze(BALLOT, terms, count));
  }
  chain.passUntil(Number(opensAt));
  return terms;
}

/** Adds up all precincts after the close. The result must be what was voted. */
async function count({ chain, city }: Stage, precincts: readonly Precinct[], terms: BallotTerms): Promise<void> {
  chain.passUntil(Number(terms.closesAt));
  for (const { segment, people } of precincts) {
    await chain.send(() => city.ballotBox.addUp(BALLOT, segment, Math.ceil(people.length / GROUP)));
  }
  let counted = 0n;
  for (const { segment } of precincts) {
    for (const tally of await city.ballotBox.talliesOf(BALLOT, terms, segment)) counted += tally;
  }
  const wanted = precincts.reduce((sum, { people }) => sum + people.length, 0);
  if (counted !== BigInt(wanted)) throw new Error(`of ${wanted} votes ${counted} were counted`);
}
