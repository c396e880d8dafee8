import { expect } from "chai";
import { keccak256 } from "ethers";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";

import { NodeLine } from "../../scripts/day/resume/line.js";
import { isLineFault, NoAnswerError, SteadyProvider } from "../../sdk/index.js";
import { failureOf } from "./utils/nodes.js";

/** What a node answers to a request; nothing: the line is cut. */
type Answer = { readonly result: unknown } | { readonly error: { readonly code: number; readonly message: string } };

const KEY = "0123456789abcdef";
const PATIENCE = { tries: 3, timeoutMs: 5_000, pauseMs: 1 };
const CHAIN: Answer = { result: "0x7a69" };
const BUSY: Answer = { error: { code: -32_005, message: "too many requests" } };

describe("Line to a node", () => {
  const servers: Server[] = [];
  let asked: string[] = [];

  /** A node whose address ends with a key. */
  async function nodeOf(answer: (method: string, time: number) => Answer | undefined): Promise<string> {
    asked = [];
    const server = createServer((request, response) => {
      void (async () => {
        const { id, method } = await bodyOf(request);
        asked.push(method);
        const told = answer(method, asked.filter((one) => one === method).length);
        if (told === undefined) response.destroy();
        else
          response.setHeader("content-type", "application/json").end(JSON.stringify({ jsonrpc: "2.0", id, ...told }));
      })();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    servers.push(server);
    return `http://somebody:${KEY}@127.0.0.1:${(server.address() as AddressInfo).port}/v3/${KEY}?key=${KEY}`;
  }

  async function bodyOf(request: IncomingMessage): Promise<{ readonly id: number; readonly method: string }> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    return JSON.parse(Buffer.concat(parts).toString()) as { id: number; method: string };
  }

  after(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  it("is to a node that tells its chain, and to none where what is signed would be good on every chain", async () => {
    const steady = await SteadyProvider.connect(await nodeOf(() => CHAIN), PATIENCE);
    expect((await steady.getNetwork()).chainId).to.equal(31_337n);
    steady.destroy();
    const others: [Answer, string][] = [
      [{ error: { code: -32_000, message: "invalid project id" } }, "invalid project id"],
      [{ result: "0x0" }, "its id is 0x0"],
      [{ result: "0x" }, "its id is 0x"],
      [{ result: null }, "its id is null"],
    ];
    for (const [answer, said] of others) {
      const failure = await failureOf(SteadyProvider.connect(await nodeOf(() => answer), PATIENCE));
      expect(failure).to.be.instanceOf(NoAnswerError);
      expect(failure.message).to.match(/^The node at http:\/\/127\.0\.0\.1:\d+ does not tell which chain it is of \(/);
      expect(failure.message).to.contain(`(${said}). See that it is a node`);
    }
  });

  it("shows nobody the key in the address of the node", async () => {
    const answers = [() => undefined, () => BUSY];
    for (const answer of answers) {
      const failure = await failureOf(SteadyProvider.connect(await nodeOf(answer), PATIENCE));
      expect(failure.message).to.match(
        /^The node at http:\/\/127\.0\.0\.1:\d+ gave no answer to eth_chainId, asked 3 times \(/,
      );
      expect(inspect(failure, { depth: 9 })).to.not.contain(KEY);
    }
  });

  it("shows nobody the key of a day's node either", async () => {
    const url = (await nodeOf(() => undefined)).replace(`somebody:${KEY}@`, "");
    const failure = await failureOf(new NodeLine(url, PATIENCE).ask("eth_chainId"));
    expect(failure.message).to.match(
      /^The node at http:\/\/127\.0\.0\.1:\d+ gave no answer to eth_chainId, asked 3 times in /,
    );
    expect(inspect(failure, { depth: 9 })).to.not.contain(KEY);
  });

  it("is asked again when it is busy, but for what a node would do twice", async () => {
    const url = await nodeOf((method, time) =>
      method === "eth_chainId" ? CHAIN : time < 3 ? BUSY : { result: "0x5" },
    );
    const steady = await SteadyProvider.connect(url, PATIENCE);
    expect(await steady.send("eth_blockNumber", [])).to.equal("0x5");
    const failure = await failureOf(steady.send("eth_sendTransaction", [{}]));
    expect([isLineFault(failure), failure.message.includes("asked once (too many requests)")]).to.deep.equal([
      true,
      true,
    ]);
    steady.destroy();
    expect(asked.filter((method) => method === "eth_sendTransaction")).to.have.length(1);
  });

  it("knows a transaction that arrived though its answer was lost, and one that did not", async () => {
    const raw = "0x02c0ffee";
    for (const arrived of [true, false]) {
      const url = await nodeOf((method, time) => {
        if (method === "eth_chainId") return CHAIN;
        if (method === "eth_getTransactionByHash") return { result: arrived ? { hash: keccak256(raw) } : null };
        return time === 1 ? undefined : { error: { code: -32_000, message: "nonce too low" } };
      });
      const steady = await SteadyProvider.connect(url, PATIENCE);
      const sent = steady.send("eth_sendRawTransaction", [raw]);
      if (arrived) expect(await sent).to.equal(keccak256(raw));
      else expect((await failureOf(sent)).message).to.contain("nonce");
      steady.destroy();
    }
  });
});
