import { expect } from "chai";

import {
  isStrict,
  MAX_RANKED_OPTIONS,
  packRanking,
  RankingError,
  type RankingFault,
  unpackRanking,
} from "../../sdk/participation/ranking.js";
import { Random } from "./utils/random.js";

/** Fails unless a call names this fault with this value and limit. */
function expectFault(call: () => unknown, fault: RankingFault, value: bigint, limit: bigint): void {
  try {
    call();
  } catch (error) {
    expect(error).to.be.instanceOf(RankingError);
    const { fault: named, value: got, limit: most } = error as RankingError;
    expect([named, got, most]).to.deep.equal([fault, value, limit]);
    return;
  }
  expect.fail(`nothing was thrown instead of: ${fault}`);
}

describe("Ranking words", () => {
  describe("packRanking", () => {
    it("puts the best option into the low byte, and marks ties", () => {
      expect(packRanking([])).to.equal(0n);
      expect(packRanking([[1], [2], [3]])).to.equal(0x030201n);
      expect(packRanking([[3], [1, 2]])).to.equal(0x820103n);
      expect(packRanking([[32, 4, 7], [1]])).to.equal(0x01a08704n);
    });

    it("holds 32 options, strict or all tied", () => {
      const all = Array.from({ length: MAX_RANKED_OPTIONS }, (_, index) => index + 1);
      const strict = packRanking(all.map((option) => [option]));
      expect(strict >> 248n).to.equal(32n);
      expect(unpackRanking(strict)).to.deep.equal(all.map((option) => [option]));
      expect(unpackRanking(packRanking([all]))).to.deep.equal([all]);
    });

    it("names what is wrong with a ranking", () => {
      expectFault(() => packRanking([[1], []]), "empty level", 1n, 2n);
      expectFault(() => packRanking([[0]]), "no such option", 0n, 32n);
      expectFault(() => packRanking([[4]], 3), "no such option", 4n, 3n);
      expectFault(() => packRanking([[1.5]]), "no such option", 1n, 32n);
      expectFault(() => packRanking([[33]]), "no such option", 33n, 32n);
      expectFault(() => packRanking([[2], [1, 2]]), "option twice", 2n, 32n);
      expectFault(() => packRanking([[2, 2]]), "option twice", 2n, 32n);
      expectFault(() => packRanking([], 33), "too many options", 33n, 32n);
      expectFault(() => packRanking([], 0), "too many options", 0n, 32n);
    });
  });

  describe("unpackRanking", () => {
    it("reads what packRanking writes", () => {
      const random = new Random(6);
      for (let run = 0; run < 500; run++) {
        const count = Number(random.between(1n, 32n));
        const levels = randomLevels(random, count);
        const sorted = levels.map((level) => [...level].sort((left, right) => left - right));
        expect(unpackRanking(packRanking(levels, count), count)).to.deep.equal(sorted);
      }
    });

    it("reads no word that packRanking does not write", () => {
      const random = new Random(7);
      let good = 0;
      for (let run = 0; run < 5_000; run++) {
        const entries = Number(random.between(0n, 3n));
        let word = 0n;
        for (let at = 0; at < entries; at++) {
          word = (word << 8n) | random.between(0n, 4n) | (random.between(0n, 2n) === 0n ? 0x80n : 0n);
        }
        let levels: number[][];
        try {
          levels = unpackRanking(word, 4);
        } catch (error) {
          expect(error).to.be.instanceOf(RankingError);
          continue;
        }
        good++;
        expect(packRanking(levels, 4)).to.equal(word);
      }
      expect(good).to.be.greaterThan(500);
    });

    it("names what is wrong with a word", () => {
      expectFault(() => unpackRanking(0x0301n, 2), "no such option", 3n, 2n);
      expectFault(() => unpackRanking(0x8001n), "tie out of order", 0n, 1n);
      expectFault(() => unpackRanking(0x21n), "no such option", 33n, 32n);
      expectFault(() => unpackRanking(0x0101n), "option twice", 1n, 32n);
      expectFault(() => unpackRanking(0x8101n), "option twice", 1n, 32n);
      expectFault(() => unpackRanking(0x8102n), "tie out of order", 1n, 2n);
      expectFault(() => unpackRanking(0x81n), "tie with nothing", 0x81n, 0x80n);
      expectFault(() => unpackRanking(0x020001n), "entry behind the end", 0x0200n, 0n);
      expectFault(() => unpackRanking(-1n), "no word", -1n, (1n << 256n) - 1n);
      expectFault(() => unpackRanking(1n << 256n), "no word", 1n << 256n, (1n << 256n) - 1n);
      expectFault(() => unpackRanking(0n, 33), "too many options", 33n, 32n);
    });
  });

  it("tells strict rankings from such with ties", () => {
    expect([[], [[1], [2]], [[1, 2]]].map(isStrict)).to.deep.equal([true, true, false]);
  });
});

/** Some of the options in a random order, cut into levels. */
function randomLevels(random: Random, count: number): number[][] {
  const left = Array.from({ length: count }, (_, index) => index + 1);
  const levels: number[][] = [];
  for (let take = random.between(0n, BigInt(count)); take > 0n; take--) {
    const [option = 0] = left.splice(Number(random.between(0n, BigInt(left.length - 1))), 1);
    const last = levels.at(-1);
    if (last !== undefined && random.between(0n, 2n) === 0n) last.push(option);
    else levels.push([option]);
  }
  return levels;
}
