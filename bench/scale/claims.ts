/** Each resident claims its reward of an epoch: one root for all of them, and a proof for each. Anybody brings claims. */
import { id } from "ethers";

import { Participants, ProgrammeKind } from "../../sdk/enums.js";
import { dayOf, epochId, EpochTree } from "../../sdk/rewards/index.js";
import { DAY } from "../town.js";
import type { Load } from "./chain.js";
import type { Kind } from "./kind.js";
import { holderOf, type Stage } from "./stage.js";

const ECO = 1_000_000n;
/** What each gets, a tenth of a token. */
const REWARD = ECO / 10n;
const PROGRAMME = 1;
const WINDOW_DAYS = 2;

const TERMS = {
  kind: ProgrammeKind.Epochs,
  participants: Participants.Residents,
  active: true,
  ratePerThousand: 0n,
  dayCapPerPerson: 0n,
  dayBudget: 30_000n * ECO,
  leastUnits: 0n,
  mostUnits: 0n,
  windowDays: BigInt(WINDOW_DAYS),
  quorum: 0n,
  minGap: 0n,
  code: 0n,
  toleranceBp: 0n,
};

export const claims: Kind = {
  rows: ["claims"],
  resident: "one claim of its reward in an epoch that all residents share",
  async prepare(stage: Stage, residents: number) {
    const { chain, city, cast } = stage;
    const rewards = city.ecoRewards.connect(holderOf(stage, "REWARD_PROGRAMMES"));
    await chain.send(() => rewards.setProgramme(0, { ...TERMS, poster: cast.rewardOffice.address }));
    const epoch = epochId(PROGRAMME, dayOf(BigInt(chain.now + 1)));
    const tree = new EpochTree(
      epoch,
      Array.from({ length: residents }, (_, index) => ({
        index: BigInt(index),
        to: residentAt(index),
        amount: REWARD,
      })),
    );
    await chain.send(() =>
      city.ecoRewards.connect(cast.rewardOffice).postEpoch(epoch, tree.root, tree.total, "ipfs://rewards"),
    );
    chain.pass(WINDOW_DAYS * DAY);
    const claimableAt = chain.now;
    const to = city.addresses.ecoRewards;
    const first = tree.prove(0n);

    function* loads(): Generator<Load> {
      for (let index = 0n; index < BigInt(residents); ++index) {
        const { to: account, amount, proof } = tree.prove(index);
        const values = [epoch, claimableAt, index, account, amount, proof];
        yield { to, data: city.ecoRewards.interface.encodeFunctionData("claimFromEpoch", values as never), items: 1 };
      }
    }

    return {
      prepared: `a tree of ${residents.toLocaleString("en")} rewards, and its root posted`,
      steps: [
        {
          name: "claims",
          item: "a claim by a transaction of its own; nobody had tokens before",
          hashes: first.proof.length,
          fullBatch: 1,
          most: 1,
          loads,
          check: async () => {
            const paid = await city.ecoToken.totalSupply();
            if (paid !== tree.total) throw new Error(`claims of ${tree.total} were paid ${paid}`);
          },
        },
      ],
    };
  },
};

/** Nobody signs a claim, so nobody needs a key. */
function residentAt(index: number): string {
  return `0x${id(`resident ${index}`).slice(-40)}`;
}
