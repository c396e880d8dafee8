import { expect } from "chai";
import { getBytes, id } from "ethers";
import { network } from "hardhat";

import { operations } from "../../bench/run.js";
import { blocksOf, ceilingFaults, figureOf, type Limits, staleFigures } from "../../scripts/lib/ceilings.js";
import { readText } from "../../scripts/lib/project.js";
import { deployedCity } from "./utils/city.js";

/** Gas of a transaction before a contract runs: its base and its calldata. */
const BASE_GAS = 21_000;
const ZERO_BYTE_GAS = 4;
const OTHER_BYTE_GAS = 16;

const { networkHelpers } = await network.create();

describe("Bench", () => {
  describe("figures", () => {
    it("share a batch among its items and compare whole transactions", () => {
      expect(figureOf(100)).to.deep.equal({ gas: 100 });
      expect(figureOf(101, 50, { name: "other", gas: 33 })).to.deep.equal({
        gas: 101,
        perItem: 3,
        peer: "other",
        peerGas: 33,
        ratio: 3.061,
      });
    });

    it("count blocks of 60 M gas to two decimals, rounded up", () => {
      expect(blocksOf(60_000_000)).to.equal(1);
      expect(blocksOf(214_062_994)).to.equal(3.57);
      expect(blocksOf(60_000_001)).to.equal(1.01);
    });

    it("compare items where the batches differ in size", () => {
      expect(figureOf(101, 50, { name: "other", gas: 33, items: 10 })).to.deep.equal({
        gas: 101,
        perItem: 3,
        peer: "other",
        peerGas: 33,
        peerPerItem: 4,
        ratio: 0.613,
      });
      expect(figureOf(100, undefined, { name: "other", gas: 300, items: 2 })).to.deep.equal({
        gas: 100,
        peer: "other",
        peerGas: 300,
        peerPerItem: 150,
        ratio: 0.667,
      });
    });
  });

  describe("ceilings", () => {
    const other = { name: "other", gas: 1_000 };

    it("hold for figures up to them", () => {
      const figures = { "a.one": figureOf(500), "a.batch": figureOf(5_000, 50), "a.beside": figureOf(1_250, 1, other) };
      const limits = { "a.one": { gas: 500 }, "a.batch": { gas: 100 }, "a.beside": { ratio: 1.25 } };
      expect(ceilingFaults(figures, limits)).to.deep.equal([]);
    });

    it("fail on a figure above, by its transaction, its item or its peer", () => {
      const figures = { "a.one": figureOf(501), "a.batch": figureOf(5_001, 50), "a.beside": figureOf(1_251, 1, other) };
      const limits = { "a.one": { gas: 500 }, "a.batch": { gas: 100 }, "a.beside": { ratio: 1.25 } };
      expect(ceilingFaults(figures, limits)).to.deep.equal([
        "a.one: 501 gas, the ceiling is 500",
        "a.batch: 101 gas, the ceiling is 100",
        "a.beside: 1.251 times its peer, the ceiling is 1.25",
      ]);
    });

    it("fail on an operation or a peer that was not measured", () => {
      const limits = { "a.one": { gas: 500 }, "a.beside": { ratio: 1.25 } };
      expect(ceilingFaults({ "a.beside": figureOf(1) }, limits)).to.deep.equal([
        "a.one: has a ceiling, but was not measured",
        "a.beside: has a ceiling beside its peer, but the peer was not measured",
      ]);
    });

    it("fail on an operation without a ceiling", () => {
      expect(ceilingFaults({ "a.one": figureOf(1) }, {})).to.deep.equal(["a.one: has no ceiling"]);
      expect(ceilingFaults({ "a.one": figureOf(1) }, { "a.one": { floor: 1 } })).to.deep.equal([
        "a.one: its entry names no ceiling",
      ]);
    });

    it("are committed for every operation that is measured, and for no other", () => {
      const limits = JSON.parse(readText("bench/ceilings.json")) as Limits;
      const measured = Object.keys(operations);
      expect(Object.keys(limits).filter((key) => !key.startsWith("deploy."))).to.have.members(measured);
    });
  });

  describe("committed figures", () => {
    it("are stale when one changed, came or went, deployments apart", () => {
      const committed = { "a.one": figureOf(1), "a.gone": figureOf(2), "deploy.A": figureOf(3) };
      const figures = { "a.one": figureOf(2), "a.new": figureOf(2), "deploy.A": figureOf(4) };
      expect(staleFigures(figures, committed)).to.deep.equal(["a.one", "a.new", "a.gone"]);
      expect(staleFigures(committed, committed)).to.deep.equal([]);
    });
  });

  describe("fleet root", () => {
    it("costs the same for one pack and for a million, but for the bytes of the number itself", async () => {
      const { telemetry, actors } = await networkHelpers.loadFixture(deployedCity);
      const byCollector = telemetry.connect(actors.collector);
      const executionGas = async (epoch: number, packCount: number): Promise<number> => {
        const transaction = await byCollector.commitFleetRoot(epoch, id("fleet"), packCount);
        const receipt = await transaction.wait();
        const calldata = [...getBytes(transaction.data)];
        const zeroBytes = calldata.filter((byte) => byte === 0).length;
        const calldataGas = zeroBytes * ZERO_BYTE_GAS + (calldata.length - zeroBytes) * OTHER_BYTE_GAS;
        return Number(receipt!.gasUsed) - BASE_GAS - calldataGas;
      };
      expect(await executionGas(1, 1)).to.equal(await executionGas(2, 1_000_000));
    });
  });
});
