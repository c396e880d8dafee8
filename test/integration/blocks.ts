import { expect } from "chai";
import { type ContractRunner, type Log, type Provider, toBeHex } from "ethers";

import { blockRanges, inRanges, openRanges, rangesIn, rangesToLatest } from "../../sdk/blocks.js";
import { EventCache } from "../../sdk/energy/logs.js";
import { RunnerError } from "../../sdk/index.js";
import { failureOf } from "./utils/nodes.js";

const TARGET = toBeHex(7, 20);

describe("Ranges of blocks", function () {
  const chainAt = (latest: number) => ({ getBlockNumber: async () => Promise.resolve(latest) }) as unknown as Provider;
  const boundTo = (latest: number) => ({ runner: { provider: chainAt(latest) } as ContractRunner, target: TARGET });

  it("cover each block once, in their order", async function () {
    expect(blockRanges(5, 5)).to.deep.equal([[5, 5]]);
    expect(blockRanges(0, 9_999)).to.deep.equal([[0, 9_999]]);
    expect(blockRanges(7, 20_007)).to.deep.equal([
      [7, 10_006],
      [10_007, 20_006],
      [20_007, 20_007],
    ]);
    const ends = await inRanges(blockRanges(7, 20_007), async (from, to) => Promise.resolve([from, to]));
    expect(ends).to.deep.equal([7, 10_006, 10_007, 20_006, 20_007, 20_007]);
  });

  it("are none where the last block comes before the first", function () {
    expect(blockRanges(6, 5)).to.deep.equal([]);
  });

  it("leave out no block that came a moment ago", async function () {
    const open = [
      [7, 10_006],
      [10_007, 20_006],
      [20_007, "latest"],
    ];
    expect(openRanges(7, 20_007)).to.deep.equal(open);
    expect(openRanges(6, 5)).to.deep.equal([[6, "latest"]]);
    expect(await rangesToLatest(boundTo(20_007), 7)).to.deep.equal(open);
    expect(await rangesIn(chainAt(20_007), { fromBlock: 7 })).to.deep.equal(open);
    expect(await rangesIn(chainAt(5), {})).to.deep.equal([[0, "latest"]]);
  });

  it("end where they are told to", async function () {
    expect(await rangesIn(chainAt(20_007), { fromBlock: 7, toBlock: 9 })).to.deep.equal([[7, 9]]);
    expect(await rangesIn(chainAt(20_007), { toBlock: 9 })).to.deep.equal([[0, 9]]);
  });

  it("need a chain", async function () {
    for (const runner of [null, {}, { provider: null }] as (ContractRunner | null)[]) {
      const fault = await failureOf(rangesToLatest({ runner, target: TARGET }, 0));
      expect(fault).to.be.instanceOf(RunnerError);
      expect(fault.message).to.equal(`contract ${TARGET} is bound to no provider`);
    }
    const target = { getAddress: async () => Promise.resolve(TARGET) };
    const fault = await failureOf(rangesToLatest({ runner: null, target }, 0));
    expect(fault.message).to.equal("the contract is bound to no provider");
  });
});

describe("Remembered events", function () {
  /** A chain with an event in each of some blocks, and what was asked of it. */
  function chainWith(blocks: number[]) {
    const asked: (number | string)[][] = [];
    const fetch = async (from: number, to: number | "latest") => {
      asked.push([from, to]);
      const found = blocks.filter((block) => block >= from && (to === "latest" || block <= to));
      return Promise.resolve(found.map((blockNumber) => ({ blockNumber }) as unknown as Log));
    };
    return { asked, blocks, fetch };
  }
  const numbers = (logs: readonly Log[]) => logs.map(({ blockNumber }) => blockNumber);

  it("have what came a moment ago, once", async function () {
    const { asked, blocks, fetch } = chainWith([3, 90, 101]);
    const cache = new EventCache(2);
    // The chain has gone on to block 101 meanwhile.
    expect(numbers(await cache.get("key", 100, fetch))).to.deep.equal([3, 90, 101]);
    blocks.push(102, 180);
    expect(numbers(await cache.get("key", 100, fetch))).to.deep.equal([3, 90, 101, 102, 180]);
    expect(numbers(await cache.get("key", 180, fetch))).to.deep.equal([3, 90, 101, 102, 180]);
    expect(asked).to.deep.equal([
      [2, "latest"],
      [37, "latest"],
      [37, "latest"],
    ]);
  });

  it("forget those of blocks that were replaced", async function () {
    const { blocks, fetch } = chainWith([3, 90]);
    const cache = new EventCache(0);
    await cache.get("key", 100, fetch);
    blocks.splice(1, 1, 91);
    expect(numbers(await cache.get("key", 95, fetch))).to.deep.equal([3, 91]);
  });

  it("are asked for in parts", async function () {
    const { asked, fetch } = chainWith([3, 10_050]);
    expect(numbers(await new EventCache(0).get("key", 10_049, fetch))).to.deep.equal([3, 10_050]);
    expect(asked).to.deep.equal([
      [0, 9_999],
      [10_000, "latest"],
    ]);
  });
});
