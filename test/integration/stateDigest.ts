import { expect } from "chai";
import { Interface, type Provider, Result } from "ethers";

import { compareStates, digestLines } from "../../scripts/day/digest/index.js";
import { StateReader } from "../../scripts/day/digest/state.js";
import type { DayResult } from "../../scripts/day/run.js";
import { liveDay, openChain } from "../../scripts/day/run.js";
import type { City } from "../../sdk/index.js";
import { type DayJson, sum, summaryOf, TOWN } from "./utils/day.js";

const TOKEN = "0x00000000000000000000000000000000000000AA";

describe("State digest", function () {
  const one = {
    euros: new Map([
      ["a", "1"],
      ["b", "2"],
    ]),
    packs: new Map([["p.owner", "x"]]),
  };

  it("does not depend on the order of lines and parts", function () {
    const turned = { packs: one.packs, euros: new Map([...one.euros].reverse()) };
    expect(digestLines(turned)).to.deep.equal(digestLines(one));
  });

  it("is another one where a line, its name or its part is another one", function () {
    const others = [
      {
        ...one,
        euros: new Map([
          ["a", "1"],
          ["b", "3"],
        ]),
      },
      {
        ...one,
        euros: new Map([
          ["a", "1"],
          ["c", "2"],
        ]),
      },
      { ...one, euros: new Map([["a", "1"]]) },
      { euros: one.packs, packs: one.euros },
      { ...one, euros: new Map([["a", '1"\n"b":"2']]) },
    ];
    const digests = [one, ...others].map((lines) => digestLines(lines).digest);
    expect(new Set(digests).size).to.equal(digests.length);
  });

  it("names every difference by its part and line", function () {
    const other = {
      euros: new Map([
        ["a", "1"],
        ["b", "3"],
      ]),
      leases: new Map([["l", "4"]]),
    };
    expect(compareStates(digestLines(one), digestLines(other))).to.deep.equal([
      { part: "euros", name: "b", left: "2", right: "3" },
      { part: "leases", name: "l", left: undefined, right: "4" },
      { part: "packs", name: "p.owner", left: "x", right: undefined },
    ]);
    expect(compareStates(digestLines(one), digestLines(one))).to.deep.equal([]);
  });

  it("leaves out what differs between clients, and calls contracts by their names", function () {
    const city = { addresses: { token: TOKEN } } as unknown as City;
    const reader = new StateReader(city, {} as Provider, 0);
    const abi = new Interface([
      "function f() view returns (tuple(uint40 startedAt, uint96 rent, address payee, bytes32 offerHash, uint8[] votes) lease, uint256 left)",
    ]);
    const { outputs } = abi.getFunction("f")!;
    const values = abi.decodeFunctionResult(
      "f",
      abi.encodeFunctionResult("f", [[5n, 7n, TOKEN, `0x${"11".repeat(32)}`, [1, 2]], 9n]),
    );
    expect(values).to.be.instanceOf(Result);
    expect(Object.fromEntries(reader.plain(outputs, values))).to.deep.equal({
      "lease.rent": "7",
      "lease.payee": "token",
      "lease.votes": "[1 2]",
      left: "9",
    });
  });

  describe("of a day", function () {
    let result: DayResult;

    before(async function () {
      result = await liveDay({ data: TOWN, only: ["battery"] });
    });

    it("stands in the summary with its parts, which are those of the state", function () {
      const { digest } = summaryOf<
        DayJson<unknown> & { readonly digest: { readonly digest: string; readonly parts: Record<string, unknown> } }
      >(result);
      expect(digest.digest).to.equal(result.state.digest);
      const parts = Object.entries(result.state.parts).map(([name, { digest: hash, lines }]) => [
        name,
        { digest: hash, lines: Object.keys(lines).length },
      ]);
      expect(digest.parts).to.deep.equal(Object.fromEntries(parts));
    });

    it("holds every euro, and every pack of the record", function () {
      const { supply, ...balances } = result.state.parts.euros!.lines;
      expect(sum(Object.values(balances))).to.equal(BigInt(supply!));
      expect(BigInt(supply!) > 0n).to.equal(true);
      const owners = Object.keys(result.state.parts.packs!.lines).filter((name) => name.endsWith(".owner"));
      // Five leased ones, and one in place of the one that failed.
      expect(owners).to.have.length(6);
    });

    it("is the same at other addresses, block numbers and seconds", async function () {
      const connect: typeof openChain = async (name, at) => {
        const connection = await openChain(name, at - 4_321n);
        const [deployer] = await connection.ethers.getSigners();
        // Everything that is deployed after this has another address.
        for (let count = 0; count < 3; count += 1) await deployer!.sendTransaction({ to: deployer!.address });
        return connection;
      };
      const other = await liveDay({ data: TOWN, only: ["battery"], connect });
      expect(compareStates(result.state, other.state)).to.deep.equal([]);
      expect(other.state.digest).to.equal(result.state.digest);
    });
  });
});
