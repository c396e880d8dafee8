import { expect } from "chai";
import type { ContractRunner } from "ethers";

import { blockRanges, inRanges, rangesToLatest } from "../../sdk/blocks.js";

describe("Ranges of blocks", function () {
  const boundTo = (latest: number): { runner: ContractRunner } => ({
    runner: { provider: { getBlockNumber: async () => Promise.resolve(latest) } } as unknown as ContractRunner,
  });

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
    expect(await rangesToLatest(boundTo(20_007), 7)).to.deep.equal([
      [7, 10_006],
      [10_007, 20_006],
      [20_007, "latest"],
    ]);
    expect(await rangesToLatest(boundTo(5), 6)).to.deep.equal([[6, "latest"]]);
  });

  it("need a chain", async function () {
    let fault: unknown;
    await rangesToLatest({ runner: null }, 0).catch((error: unknown) => (fault = error));
    expect(fault).to.be.instanceOf(TypeError);
    expect((fault as Error).message).to.equal("the contract is not bound to a provider");
  });
});
