// A relayer as a program: brings what its queue holds, and ends.
//
//   node --import tsx test/programs/relayerLife.ts '{"url":…,"box":…,"ballot":…,"store":…,"sender":…,"batchSize":…}'

import * as files from "node:fs/promises";
import process from "node:process";

import { SteadyProvider } from "../../sdk/index.js";
import { fileStore, type RelayedBallot, type SignedVote, VoteQueue } from "../../sdk/participation/index.js";
import { BallotBox__factory } from "../../typechain-types/index.js";
import { revived } from "../integration/utils/plain.js";

/** What the program is told. */
interface RelayerLife {
  readonly url: string;
  readonly box: string;
  readonly ballot: RelayedBallot;
  /** File of the queue. */
  readonly store: string;
  readonly sender: string;
  readonly batchSize: number;
}

const { ballot, batchSize, box, sender, store, url } = JSON.parse(process.argv[2] ?? "{}", revived) as RelayerLife;
const provider = await SteadyProvider.connect(url);
provider.pollingInterval = 10;
const signer = await provider.getSigner(sender);
const queue = new VoteQueue<SignedVote>(fileStore(files, store));
await queue.relay(BallotBox__factory.connect(box, signer), ballot, { batchSize });
provider.destroy();
