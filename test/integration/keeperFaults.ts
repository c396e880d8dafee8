import { expect } from "chai";
import { HDNodeWallet } from "ethers";
import { network } from "hardhat";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MNEMONIC } from "../../scripts/e2e/client.js";
import { Door } from "../../scripts/faults/door.js";
import { liveAndDie } from "../../scripts/faults/lives.js";
import { isWait, Keeper, type KeeperOptions } from "../../sdk/energy/index.js";
import { NoAnswerError, PendingError, SteadyProvider } from "../../sdk/index.js";
import { type Busy, busyDistrict, live, outcomeOf } from "./utils/busyDistrict.js";
import { chanceFor, KILLS, Lives, moments, type Mortality, SEED } from "./utils/mortal.js";
import { plain } from "./utils/plain.js";
import { failureOf, openNode, sentBy } from "./utils/nodes.js";

/** The keeper, killed wherever it asks its node something, with blocks that are replaced, and with a line that is cut. */

/** Times that the interval is lived, so that kills fall everywhere on its way. */
const LIFETIMES = 10;
/** Kills of real processes, which take seconds each. */
const PROCESS_KILLS = 4;
const SMALL: KeeperOptions = { batchOrders: 3, settledOrders: 4, books: 1 };

const connection = await network.create();
const { networkHelpers, provider } = connection;

describe(`Keeper under faults (seed ${SEED})`, function () {
  const options = ({ source }: Busy, more: KeeperOptions = {}): KeeperOptions => ({ source, ...SMALL, ...more });
  const load = async (): Promise<Busy> => networkHelpers.loadFixture(busyDistrict);

  /** Lives the interval with a keeper that dies when it is to; tells what came of it. */
  async function liveWith(when: Mortality) {
    const district = await load();
    const { city, interval, relayer } = district;
    const first = await connection.ethers.provider.getBlockNumber();
    const lives = new Lives(provider, when);
    await live(district, async () =>
      lives.live(relayer.address, async (signer) =>
        new Keeper(city.energyMarket.connect(signer), options(district)).run(interval),
      ),
    );
    return { outcome: await outcomeOf(district), sent: await sentBy(connection, relayer.address, first), lives };
  }

  let calm: Awaited<ReturnType<typeof liveWith>>;
  before(async function () {
    calm = await liveWith([]);
    expect(calm.sent.failed).to.equal(0);
  });

  it(`comes to the same, and sends nothing twice, killed at ${KILLS} random requests`, async function () {
    let killed = 0;
    for (let lifetime = 0; lifetime < LIFETIMES; ++lifetime) {
      const when = moments(`keeper ${lifetime}`, calm.lives.requests, KILLS / LIFETIMES);
      const { lives, outcome, sent } = await liveWith(when);
      expect(outcome, JSON.stringify(when)).to.deep.equal(calm.outcome);
      expect(sent, JSON.stringify(when)).to.deep.equal(calm.sent);
      killed += lives.killed;
    }
    expect(killed).to.equal(KILLS);
  });

  it("sends nothing twice that waits for a block when it is killed", async function () {
    const district = await load();
    const { city, interval, relayer } = district;
    const first = await connection.ethers.provider.getBlockNumber();
    const lives = new Lives(provider, (_, method) => (method === "eth_sendTransaction" ? "after" : undefined));
    await live(district, async () => {
      await provider.request({ method: "evm_setAutomine", params: [false] });
      const miner = setInterval(() => void networkHelpers.mine(), 60);
      try {
        await lives.live(relayer.address, async (signer) =>
          new Keeper(city.energyMarket.connect(signer), options(district)).run(interval),
        );
      } finally {
        clearInterval(miner);
        await provider.request({ method: "evm_setAutomine", params: [true] });
      }
    });
    expect(lives.killed).to.equal(calm.lives.sends);
    expect(await outcomeOf(district)).to.deep.equal(calm.outcome);
    expect(await sentBy(connection, relayer.address, first)).to.deep.equal(calm.sent);
  });

  it("says so when what it sent gets into no block", async function () {
    const district = await load();
    const { city, interval, relayer } = district;
    await provider.request({ method: "evm_setAutomine", params: [false] });
    try {
      await relayer.sendTransaction({ to: relayer.address });
      const keeper = new Keeper(city.energyMarket, options(district, { patienceMs: 300 }));
      const failure = await failureOf(keeper.step(interval));
      expect(failure).to.be.instanceOf(PendingError);
      expect(failure.message).to.match(
        /^1 transaction of 0x\w{40}, from nonce \d+ on, got into no block in 0\.3 seconds\./,
      );
    } finally {
      await provider.request({ method: "evm_setAutomine", params: [true] });
      await networkHelpers.mine();
    }
  });

  it("comes to the same when blocks under it are replaced by others", async function () {
    const district = await load();
    const { city, interval, relayer, otherRelayer } = district;
    const chance = chanceFor("keeper reorganised");
    // One that lives on and remembers events of blocks that are gone, and one that is faster after each fall.
    const keeper = new Keeper(city.energyMarket.connect(relayer), options(district));
    let replaced = 0;
    await live(district, async () => {
      for (;;) {
        const snapshot = await networkHelpers.takeSnapshot();
        const before = await connection.ethers.provider.getBlockNumber();
        for (let step = chance.whole(1, 3); step > 0; --step) await keeper.step(interval);
        const depth = (await connection.ethers.provider.getBlockNumber()) - before;
        if (depth > 0 && chance.whole(0, 2) > 0) {
          await snapshot.restore();
          replaced += depth;
          // Others come in their place: of a stranger, and sometimes the same step by somebody else.
          await otherRelayer.sendTransaction({ to: otherRelayer.address, value: 1n });
          if (chance.whole(0, 1) === 0) {
            await new Keeper(city.energyMarket.connect(otherRelayer), options(district)).step(interval);
          }
        }
        if (isWait((await keeper.step(interval)).plan)) return;
      }
    });
    expect(replaced).to.be.greaterThan(5);
    expect(await outcomeOf(district)).to.deep.equal(calm.outcome);
  });

  it("waits for as many blocks as it is told to", async function () {
    const district = await load();
    const { city, interval } = district;
    const miner = setInterval(() => void networkHelpers.mine(), 50);
    try {
      const keeper = new Keeper(city.energyMarket, options(district, { confirmations: 4 }));
      await live(district, async () => {
        const { receipt } = await keeper.step(interval);
        if (receipt === undefined) return;
        const latest = await connection.ethers.provider.getBlockNumber();
        expect(latest - receipt.blockNumber).to.be.at.least(3);
        await new Keeper(city.energyMarket, options(district)).run(interval);
      });
    } finally {
      clearInterval(miner);
    }
    const alone = new Keeper(city.energyMarket, options(district, { confirmations: 4, patienceMs: 200 }));
    const more = await load();
    await networkHelpers.time.increaseTo(more.interval * 3_600 - 2_000);
    expect(String(await failureOf(alone.step(more.interval)))).to.match(/timeout/i);
  });

  describe("as a process of its own", function () {
    let node: Awaited<ReturnType<typeof openNode>>;
    let door: Door;
    const folder = mkdtempSync(join(tmpdir(), "civitas-keeper-"));

    before(async function () {
      node = await openNode(provider);
      door = await Door.open(node.url);
    });

    after(async function () {
      await door.close();
      await node.close();
      rmSync(folder, { recursive: true });
    });

    it(`comes to the same, killed ${PROCESS_KILLS} times by the system`, async function () {
      const district = await load();
      const { addresses, interval, relayer, source } = district;
      const first = await connection.ethers.provider.getBlockNumber();
      const orders = join(folder, "orders.json");
      writeFileSync(orders, JSON.stringify(await source.signedOrders(), plain));
      const told = { url: door.url, addresses, interval, orders, sender: relayer.address, options: SMALL };
      const when = moments("keeper process", calm.lives.requests, PROCESS_KILLS);
      let killed = 0;
      let phase = 0;
      // Of each phase of the interval the kills that fall into its third.
      await live(district, async () => {
        const third = calm.lives.requests / 3;
        const start = third * phase++;
        const here = when.filter(({ request }) => request > start && request <= start + third);
        const lives = await liveAndDie(
          "test/programs/keeperLife.ts",
          [JSON.stringify(told)],
          door,
          here.map(({ request, side }) => ({ request: Math.ceil((request - start) / 2), side })),
        );
        killed += lives.killed;
      });
      expect(killed).to.equal(PROCESS_KILLS);
      expect(await outcomeOf(district)).to.deep.equal(calm.outcome);
      expect(await sentBy(connection, relayer.address, first)).to.deep.equal(calm.sent);
    });

    it("comes to the same over a line that is cut, silent or busy, and sends nothing twice", async function () {
      const district = await load();
      const { city, interval, relayer } = district;
      const first = await connection.ethers.provider.getBlockNumber();
      const chance = chanceFor("keeper line");
      const fates = ["cutBefore", "cutAfter", "busy", "silence"] as const;
      let faults = 0;
      door.judge = () => {
        if (chance.whole(0, 9) > 0) return "answer";
        faults += 1;
        return chance.pick(fates);
      };
      const patience = { tries: 8, timeoutMs: 400, pauseMs: 5 };
      const steady = await SteadyProvider.connect(door.url, patience);
      steady.pollingInterval = 10;
      const signers = await connection.ethers.getSigners();
      const place = signers.findIndex(({ address }) => address === relayer.address);
      const wallet = HDNodeWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${place}`).connect(steady);
      expect(wallet.address).to.equal(relayer.address);
      const keeper = new Keeper(city.energyMarket.connect(wallet), options(district));
      await live(district, async () => keeper.run(interval));
      door.judge = undefined;
      steady.destroy();
      expect(faults).to.be.greaterThan(10);
      expect(await outcomeOf(district)).to.deep.equal(calm.outcome);
      expect(await sentBy(connection, relayer.address, first)).to.deep.equal(calm.sent);
    });

    it("gives up in a sentence when nobody answers any more, and goes on later", async function () {
      const district = await load();
      const { city, interval, relayer } = district;
      const patience = { tries: 3, timeoutMs: 10_000, pauseMs: 5 };
      const steady = await SteadyProvider.connect(door.url, patience);
      const market = city.energyMarket.connect(await steady.getSigner(relayer.address));
      const keeper = new Keeper(market, options(district));
      await live(district, async () => {
        door.judge = () => "cutBefore";
        const failure = await failureOf(keeper.run(interval));
        door.judge = undefined;
        expect(failure).to.be.instanceOf(NoAnswerError);
        expect(failure.message).to.match(
          /^The node at http\S+ gave no answer to eth_\w+, asked 3 times \(.+\)\. See that it runs and can be reached, and start again: what was done stands on the chain\.$/,
        );
        await keeper.run(interval);
      });
      steady.destroy();
      expect(await outcomeOf(district)).to.deep.equal(calm.outcome);
    });
  });
});
