import { expect } from "chai";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Transaction, Wallet, ZeroAddress, ZeroHash } from "ethers";

import { ask, Background, ClientError, freePort, localUrl, NodeRefusal } from "../../scripts/e2e/client.js";
import { BlockMaker, type Front, openFront } from "../../scripts/e2e/front.js";

const NOW = 1_800_000_000n;
const REVERT = { code: 3, message: "execution reverted", data: "0x12345678" };

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A node that remembers what it was asked, and has one block. */
class FakeNode {
  readonly asked: Asked[] = [];
  status = "0x1";
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        const call = JSON.parse(text) as Asked;
        this.asked.push(call);
        response.end(JSON.stringify({ jsonrpc: "2.0", id: call.id, ...this.#answer(call) }));
      });
    });
  }

  async open(): Promise<string> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return localUrl((this.#server.address() as AddressInfo).port);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer({ method }: Asked): Readonly<Record<string, unknown>> {
    if (method === "eth_getBlockByNumber") return { result: { number: "0x6", timestamp: `0x${NOW.toString(16)}` } };
    if (method === "eth_getTransactionReceipt") return { result: { status: this.status, blockNumber: "0x7" } };
    if (method === "eth_call") return { error: REVERT };
    return { result: `${method} done` };
  }
}

describe("Clients for a day", function () {
  describe("the clock of geth", function () {
    let node: FakeNode;
    let front: Front;

    beforeEach(async function () {
      node = new FakeNode();
      front = await openFront(new BlockMaker(await node.open()), await freePort());
    });

    afterEach(async function () {
      await front.close();
      node.close();
    });

    const raw = async (): Promise<string> => {
      const wallet = new Wallet(`0x${"11".repeat(32)}`);
      const fields = { to: ZeroAddress, nonce: 0, gasLimit: 21_000n, gasPrice: 1n, chainId: 31_337n, data: "0x01" };
      return wallet.signTransaction(Transaction.from({ ...fields, type: 0 }));
    };
    const blocks = () =>
      node.asked.filter(({ method }) => method === "testing_commitBlockV1").map(({ params }) => params);
    const attributes = (time: bigint) => ({
      timestamp: `0x${time.toString(16)}`,
      prevRandao: ZeroHash,
      suggestedFeeRecipient: ZeroAddress,
      withdrawals: [],
      parentBeaconBlockRoot: ZeroHash,
    });

    it("makes a block of a transaction at the second that was set, and the next one a second after the last", async function () {
      const transaction = await raw();
      await ask(front.url, "evm_setNextBlockTimestamp", [Number(NOW + 500n)]);
      expect(await ask(front.url, "eth_sendRawTransaction", [transaction])).to.equal(
        Transaction.from(transaction).hash,
      );
      await ask(front.url, "evm_mine", []);
      expect(blocks()).to.deep.equal([
        [attributes(NOW + 500n), [transaction], null],
        [attributes(NOW + 1n), [], null],
      ]);
      expect(await ask(front.url, "hardhat_getAutomine", [])).to.equal(true);
    });

    it("refuses a second that is over", async function () {
      const refusal = await ask(front.url, "evm_setNextBlockTimestamp", [Number(NOW)]).catch((error: unknown) => error);
      expect(refusal).to.be.instanceOf(NodeRefusal);
      expect((refusal as NodeRefusal).message).to.equal(
        `evm_setNextBlockTimestamp: time ${NOW} is not after that of the latest block, ${NOW}`,
      );
    });

    it("estimates gas for the next block", async function () {
      await ask(front.url, "eth_estimateGas", [{ to: ZeroAddress }]);
      await ask(front.url, "evm_setNextBlockTimestamp", [Number(NOW + 500n)]);
      await ask(front.url, "eth_estimateGas", [{ to: ZeroAddress }]);
      const asked = node.asked.filter(({ method }) => method === "eth_estimateGas").map(({ params }) => params);
      expect(asked).to.deep.equal(
        [NOW + 1n, NOW + 500n].map((time) => [
          { to: ZeroAddress },
          "latest",
          {},
          { number: "0x7", time: `0x${time.toString(16)}` },
        ]),
      );
    });

    it("tells why a contract refused a transaction", async function () {
      node.status = "0x0";
      const refusal = await ask(front.url, "eth_sendRawTransaction", [await raw()]).catch((error: unknown) => error);
      expect((refusal as NodeRefusal).refusal).to.deep.equal(REVERT);
      const again = node.asked.find(({ method }) => method === "eth_call");
      expect(again?.params[1]).to.equal("0x7");
    });

    it("counts an account's transactions in the latest block, since nothing is ever pending", async function () {
      for (const block of ["pending", "0x3"]) await ask(front.url, "eth_getTransactionCount", [ZeroAddress, block]);
      expect(node.asked.map(({ params }) => params)).to.deep.equal([
        [ZeroAddress, "latest"],
        [ZeroAddress, "0x3"],
      ]);
    });

    it("hands everything else on", async function () {
      expect(await ask(front.url, "eth_chainId", [])).to.equal("eth_chainId done");
      expect(node.asked.at(-1)).to.deep.include({ method: "eth_chainId", params: [] });
    });
  });

  it("are told by name when they do not start", async function () {
    const program = new Background("civitas-no-such-client", []);
    const url = localUrl(await freePort());
    const refusal = await program.answers(url).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(ClientError);
    expect((refusal as ClientError).message).to.match(
      /^civitas-no-such-client does not answer at .*ENOENT\nRun it by hand to see what it lacks\.$/,
    );
    await program.stop();
  });
});
