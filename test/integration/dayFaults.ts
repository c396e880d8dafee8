import { expect } from "chai";
import { HDNodeWallet, toBeHex, toQuantity, Transaction } from "ethers";
import { network } from "hardhat";
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { StateDigest } from "../../scripts/day/digest/index.js";
import { DayError } from "../../scripts/day/errors.js";
import { filesBelow } from "../../scripts/day/folder.js";
import { DivergedError, LineError, Replay, type ReplayOptions, wordsOf } from "../../scripts/day/resume/index.js";
import { firstSecond, liveDay, openChain, readData } from "../../scripts/day/run.js";
import { MNEMONIC, NodeRefusal } from "../../scripts/e2e/client.js";
import type { DayLife } from "../../scripts/faults/dayLife.js";
import { Door, type Fate } from "../../scripts/faults/door.js";
import { liveAndDie } from "../../scripts/faults/lives.js";
import { TOWN } from "./utils/day.js";
import { moments, SEED } from "./utils/mortal.js";
import { failureOf, openNode } from "./utils/nodes.js";

/** The day on a chain that outlives it: killed, with blocks that are replaced, and over a line that is cut. */

const KILLS = 3;
/** Requests of the day of batteries, or less. */
const REQUESTS = 5_000;
const QUICK = { tries: 4, timeoutMs: 600, pauseMs: 2 };
const GAS = 30_000n;
/** The day is lived twice, and begun five times. */
const TIMEOUT_MS = 900_000;

describe(`Day under faults (seed ${SEED})`, function () {
  const folder = mkdtempSync(join(tmpdir(), "civitas-faults-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it(`ends the same, killed ${KILLS} times by the system`, async function () {
    this.timeout(TIMEOUT_MS);
    const only = ["battery"];
    const calm = await liveDay({ data: TOWN, only });
    const chain = await openChain(undefined, firstSecond(readData({ data: TOWN, only })));
    const node = await openNode(chain.provider);
    const door = await Door.open(node.url);
    try {
      const told: DayLife = { url: door.url, data: TOWN, only, folder: join(folder, "day"), out: join(folder, "out") };
      const when = moments("short day", REQUESTS, KILLS);
      const { killed } = await liveAndDie("scripts/faults/dayLife.ts", [JSON.stringify(told)], door, when);
      expect(killed, JSON.stringify(when)).to.equal(KILLS);
      const state = JSON.parse(readFileSync(join(folder, "out", "state.json"), "utf8")) as StateDigest;
      expect(state.digest).to.equal(calm.state.digest);
      // What nobody needs any more is gone.
      expect(existsSync(told.folder)).to.equal(false);
    } finally {
      await door.close();
      await node.close();
      await chain.close();
    }
  });

  it("is another day when a file of it has other contents", function () {
    const data = join(folder, "data");
    cpSync(TOWN, data, { recursive: true });
    const only = ["battery"];
    const words = wordsOf({ data, only });
    const touch = (module: string): void => {
      const [file] = filesBelow(data, module);
      appendFileSync(join(data, file!.name), "\n");
    };
    touch("waste");
    expect(wordsOf({ data, only })).to.equal(words);
    touch("battery");
    expect(wordsOf({ data, only })).to.not.equal(words);
    expect(wordsOf({ data })).to.not.equal(wordsOf({ data, only }));
    expect(wordsOf({ data, only, skipBadRows: true })).to.not.equal(wordsOf({ data, only }));
  });

  describe("what stands between it and its node", function () {
    let chain: Awaited<ReturnType<typeof network.create>>;
    let node: Awaited<ReturnType<typeof openNode>>;
    let door: Door;
    let nonce = 0;
    let journals = 0;
    let options: ReplayOptions;
    const said: string[] = [];
    const wallet = HDNodeWallet.fromPhrase(MNEMONIC);

    before(async function () {
      chain = await network.create();
      node = await openNode(chain.provider);
      door = await Door.open(node.url);
    });

    after(async function () {
      await door.close();
      await node.close();
      await chain.close();
    });

    beforeEach(async function () {
      nonce = await chain.ethers.provider.getTransactionCount(wallet.address);
      said.length = 0;
      options = {
        ...{
          url: door.url,
          journal: join(folder, `${++journals}.jsonl`),
          day: "a day",
          resume: false,
          patience: QUICK,
        },
        tell: (line) => said.push(line),
      };
    });

    afterEach(function () {
      door.judge = undefined;
    });

    const raw = async (more: object = {}): Promise<string> => {
      const fields = { to: wallet.address, nonce, gasLimit: GAS, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 1n };
      return wallet.signTransaction({ ...fields, chainId: 31_337, type: 2, ...more });
    };
    const send = async (replay: Replay, text: string) => replay.answer("eth_sendRawTransaction", [text]);
    const count = async () => (await chain.ethers.provider.getTransactionCount(wallet.address)) - nonce;
    const balance = async (replay: Replay) => replay.answer("eth_getBalance", [wallet.address, "latest"]);
    const again = async () => Replay.open({ ...options, resume: true });

    it("answers what it knows as the node did then, sends nothing twice, and goes on", async function () {
      const first = await Replay.open(options);
      const [one, two] = [await raw(), await raw({ nonce: nonce + 1 })];
      const before = await balance(first);
      const hash = await send(first, one);
      const between = await balance(first);
      first.close();
      const second = await again();
      expect([await balance(second), await send(second, one), await balance(second)]).to.deep.equal([
        before,
        hash,
        between,
      ]);
      expect(await count()).to.equal(1);
      expect(await send(second, two)).to.equal(Transaction.from(two).hash);
      second.close();
      expect(await count()).to.equal(2);
      expect(said).to.deep.equal(["Going on with the day after 1 blocks of it."]);
    });

    it("takes no answer for that to another question, but of an estimate, which no node makes of the past", async function () {
      // The contract at this address answers with what it is given.
      const ask = async (replay: Replay, method: string, data: string) =>
        replay.answer(method, [{ to: toBeHex(4, 20), data }, ...(method === "eth_call" ? ["latest"] : [])]);
      const [long, short] = [`0x11223344${"aa".repeat(64)}`, "0x11223344bb"];
      const first = await Replay.open(options);
      expect(await ask(first, "eth_call", long)).to.equal(long);
      const estimate = await ask(first, "eth_estimateGas", long);
      await send(first, await raw());
      first.close();
      const second = await again();
      expect(await ask(second, "eth_call", short)).to.equal(short);
      expect(await ask(second, "eth_call", long)).to.equal(long);
      expect(await ask(second, "eth_estimateGas", short)).to.equal(estimate);
      second.close();
    });

    it("finds on the chain what the node did when the day was killed", async function () {
      const first = await Replay.open(options);
      const [one, two] = [await raw(), await raw({ nonce: nonce + 1, gasLimit: GAS + 1n })];
      await send(first, one);
      first.close();
      const hash: unknown = await chain.provider.request({ method: "eth_sendRawTransaction", params: [two] });
      const second = await again();
      await send(second, one);
      expect(await send(second, two)).to.equal(hash);
      second.close();
      await chain.provider.request({ method: "evm_mine", params: [] });
      const third = await again();
      for (const text of [one, two]) await send(third, text);
      const block = await chain.ethers.provider.getBlockNumber();
      await third.answer("evm_mine", []);
      third.close();
      expect(await chain.ethers.provider.getBlockNumber()).to.equal(block);
      expect(await count()).to.equal(2);
    });

    it("takes what was sent side by side in any order, and what was not sent of it", async function () {
      const other = HDNodeWallet.fromPhrase(MNEMONIC, "", "m/44'/60'/0'/0/1");
      const its = await other.signTransaction({
        ...{ to: other.address, nonce: 0, gasLimit: GAS, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 1n },
        ...{ chainId: 31_337, type: 2 },
      });
      const first = await Replay.open(options);
      const [one, two] = [await raw(), await raw({ nonce: nonce + 1 })];
      for (const text of [one, its]) await send(first, text);
      first.close();
      const second = await again();
      const hashes = await Promise.all([two, its, one].map(async (text) => send(second, text)));
      expect(hashes).to.deep.equal([two, its, one].map((text) => Transaction.from(text).hash));
      second.close();
      expect(await count()).to.equal(2);
    });

    it("tells a refusal again", async function () {
      const first = await Replay.open(options);
      const bad = await raw({ nonce: nonce + 1, gasLimit: 1n });
      const refusals = [await failureOf(send(first, bad))];
      await send(first, await raw());
      first.close();
      const second = await again();
      refusals.push(await failureOf(send(second, bad)));
      second.close();
      for (const refusal of refusals) expect(refusal).to.be.instanceOf(NodeRefusal);
      expect(refusals[1]!.message).to.equal(refusals[0]!.message);
    });

    it("sets the time again that was set last", async function () {
      const first = await Replay.open(options);
      const { timestamp } = (await chain.ethers.provider.getBlock("latest"))!;
      await first.answer("evm_setNextBlockTimestamp", [timestamp + 500]);
      await send(first, await raw());
      await first.answer("evm_setNextBlockTimestamp", [timestamp + 900]);
      first.close();
      const second = await again();
      await second.answer("evm_setNextBlockTimestamp", [timestamp + 500]);
      await send(second, await raw());
      await second.answer("evm_setNextBlockTimestamp", [timestamp + 900]);
      await second.answer("evm_mine", []);
      second.close();
      expect((await chain.ethers.provider.getBlock("latest"))!.timestamp).to.equal(timestamp + 900);
    });

    it("sends again what was in blocks that were replaced, in its order and at its time", async function () {
      for (const alive of [true, false]) {
        nonce = await chain.ethers.provider.getTransactionCount(wallet.address);
        const { timestamp } = (await chain.ethers.provider.getBlock("latest"))!;
        const first = await Replay.open(options);
        const texts = [await raw(), await raw({ nonce: nonce + 1 })];
        const snapshot = await chain.networkHelpers.takeSnapshot();
        await first.answer("evm_setNextBlockTimestamp", [timestamp + 50]);
        for (const text of texts) await send(first, text);
        if (!alive) first.close();
        await snapshot.restore();
        expect(await count()).to.equal(0);
        // Another block in their place.
        await (await chain.ethers.getSigners())[2]!.sendTransaction({ to: wallet.address, value: 1n });
        const here = alive ? first : await again();
        if (!alive) for (const text of texts) await send(here, text);
        await here.answer("eth_blockNumber", []);
        here.close();
        expect(await count()).to.equal(2);
        const receipt = await chain.ethers.provider.getTransactionReceipt(Transaction.from(texts[0]).hash!);
        expect((await receipt!.getBlock()).timestamp).to.equal(timestamp + 50);
        expect(said.at(alive ? -1 : -2)).to.match(/Of what it had done, 2 blocks were made again\.$/);
      }
    });

    it("sends again what was in a block that was replaced before its receipt was told", async function () {
      const { timestamp } = (await chain.ethers.provider.getBlock("latest"))!;
      const replay = await Replay.open(options);
      await replay.answer("evm_setNextBlockTimestamp", [timestamp + 50]);
      const snapshot = await chain.networkHelpers.takeSnapshot();
      let replaced = 0;
      door.judge = async (_, body): Promise<Fate> => {
        if (replaced === 0 && body.includes("eth_getTransactionReceipt")) {
          replaced += 1;
          await snapshot.restore();
        }
        return "answer";
      };
      const text = await raw();
      expect(await send(replay, text)).to.equal(Transaction.from(text).hash);
      replay.close();
      expect([replaced, await count()]).to.deep.equal([1, 1]);
      const receipt = await chain.ethers.provider.getTransactionReceipt(Transaction.from(text).hash!);
      expect((await receipt!.getBlock()).timestamp).to.equal(timestamp + 50);
      // It is in the journal once, so that it is answered from there.
      const later = await again();
      await later.answer("evm_setNextBlockTimestamp", [timestamp + 50]);
      expect(await send(later, text)).to.equal(Transaction.from(text).hash);
      later.close();
      expect(await count()).to.equal(1);
    });

    it("sends again what was lost between its last look and a transaction, and does that once too", async function () {
      const other = HDNodeWallet.fromPhrase(MNEMONIC, "", "m/44'/60'/0'/0/3");
      const its = await other.signTransaction({
        ...{ to: other.address, nonce: 0, gasLimit: GAS, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 1n },
        ...{ chainId: 31_337, type: 2 },
      });
      const replay = await Replay.open(options);
      const snapshot = await chain.networkHelpers.takeSnapshot();
      const mine = await raw();
      await send(replay, mine);
      let replaced = 0;
      door.judge = async (_, body): Promise<Fate> => {
        if (replaced === 0 && body.includes(its)) {
          replaced += 1;
          await snapshot.restore();
        }
        return "answer";
      };
      expect(await send(replay, its)).to.equal(Transaction.from(its).hash);
      expect([replaced, await count()]).to.deep.equal([1, 1]);
      expect(await chain.ethers.provider.getTransactionCount(other.address)).to.equal(1);
      replay.close();
      // The journal has both, in the blocks where they are now.
      const later = await again();
      for (const text of [mine, its]) expect(await send(later, text)).to.equal(Transaction.from(text).hash);
      later.close();
      expect(said.at(-1)).to.equal("Going on with the day after 2 blocks of it.");
    });

    it("makes an empty block again that was replaced before it was known, at its time", async function () {
      const replay = await Replay.open(options);
      const { number, timestamp } = (await chain.ethers.provider.getBlock("latest"))!;
      const snapshot = await chain.networkHelpers.takeSnapshot();
      await replay.answer("evm_setNextBlockTimestamp", [timestamp + 5_000]);
      let isMined = false;
      let replaced = 0;
      door.judge = async (_, body): Promise<Fate> => {
        if (isMined && replaced === 0) {
          replaced += 1;
          await snapshot.restore();
          await chain.provider.request({ method: "evm_mine", params: [] });
        }
        isMined ||= body.includes("evm_mine");
        return "answer";
      };
      await replay.answer("evm_mine", []);
      replay.close();
      expect(replaced).to.equal(1);
      const block = (await chain.ethers.provider.getBlock("latest"))!;
      // After that of somebody else.
      expect([block.number, block.timestamp]).to.deep.equal([number + 2, timestamp + 5_000]);
    });

    it("says so when a transaction that it sends again fails", async function () {
      const replay = await Replay.open(options);
      const snapshot = await chain.networkHelpers.takeSnapshot();
      const next = (await chain.ethers.provider.getBlockNumber()) + 1;
      // Creates an empty contract, up to the block that comes next: PUSH2 next, NUMBER, GT, ISZERO, PUSH1 12, JUMPI, or reverts.
      const data = `0x61${toBeHex(next, 2).slice(2)}431115600c575f5ffd5b00`;
      const text = await raw({ to: null, data, gasLimit: 100_000n });
      await send(replay, text);
      await snapshot.restore();
      await chain.provider.request({ method: "evm_mine", params: [] });
      const failure = await failureOf(send(replay, await raw({ nonce: nonce + 1 })));
      replay.close();
      expect(failure).to.be.instanceOf(DivergedError);
      expect(failure.message).to.match(
        new RegExp(`^The block of transaction ${Transaction.from(text).hash} was replaced, and sent again it failed`),
      );
    });

    it("says so when the chain or the day is another one", async function () {
      const first = await Replay.open(options);
      await send(first, await raw());
      first.close();
      const second = await again();
      await send(second, await raw());
      second.close();
      expect((await failureOf(Replay.open({ ...options, resume: true, day: "another" }))).message).to.equal(
        "The day that was broken off is another one: a day, and not another. " +
          "Give the same options and files as then, or begin this one without --resume.",
      );
      const text = readFileSync(options.journal, "utf8");
      writeFileSync(options.journal, text.replace(/"genesis":"0x[0-9a-f]{4}/, '"genesis":"0x0000'));
      expect(await failureOf(again())).to.be.instanceOf(DivergedError);
      writeFileSync(options.journal, "{}\n");
      expect((await failureOf(again())).message).to.match(
        /is no journal of a day\. Remove it, and begin the day without --resume\.$/,
      );
      rmSync(options.journal);
      expect((await failureOf(again())).message).to.match(/^No day was broken off here/);
      // A line that was cut short never counted.
      writeFileSync(options.journal, text);
      appendFileSync(options.journal, '{"kind":"chan');
      const third = await again();
      expect(await send(third, await raw())).to.equal(Transaction.from(await raw()).hash);
      third.close();
    });

    it("does once what it asks for over a line that is cut after the node heard it", async function () {
      const replay = await Replay.open(options);
      const before = await chain.ethers.provider.getBlockNumber();
      for (const [method, params] of [
        ["eth_sendRawTransaction", [await raw()]],
        ["evm_mine", []],
      ] as const) {
        let fate: Fate = "cutAfter";
        door.judge = (_, body) => {
          const its = body.includes(`"${method}"`) ? fate : "answer";
          if (its !== "answer") fate = "answer";
          return its;
        };
        expect(await replay.answer(method, params)).to.be.a("string");
      }
      replay.close();
      expect(await chain.ethers.provider.getBlockNumber()).to.equal(before + 2);
      expect(await count()).to.equal(1);
    });

    it("does once what the node signs and hears late", async function () {
      const replay = await Replay.open(options);
      const late: Promise<string>[] = [];
      door.judge = (_, body) => {
        if (late.length > 0 || !body.includes('"eth_sendTransaction"')) return "answer";
        // Behind the second time that it is asked for.
        late.push(delay(QUICK.timeoutMs * 3).then(async () => door.forward(body)));
        return "silence";
      };
      const sent = { from: wallet.address, to: wallet.address, gas: toQuantity(GAS) };
      expect(await replay.answer("eth_sendTransaction", [sent])).to.be.a("string");
      expect((await Promise.all(late)).join()).to.match(/nonce/i);
      replay.close();
      expect(await count()).to.equal(1);
      const second = await again();
      expect(await second.answer("eth_sendTransaction", [sent])).to.be.a("string");
      second.close();
      expect(await count()).to.equal(1);
    });

    it("asks again while the line is cut, silent or busy, and gives up in a sentence", async function () {
      const replay = await Replay.open(options);
      for (const fate of ["cutBefore", "silence", "busy"] as const) {
        let left = QUICK.tries - 1;
        door.judge = () => (left-- > 0 ? fate : "answer");
        expect(await replay.answer("eth_getBalance", [wallet.address, toQuantity(0)])).to.be.a("string");
        door.judge = () => fate;
        const failure = await failureOf(replay.answer("eth_getCode", [wallet.address, fate]));
        expect(failure).to.be.instanceOf(LineError).and.instanceOf(DayError);
        expect(failure.message).to.match(
          /^The node at http\S+ gave no answer to eth_getCode and eth_getBlockByNumber, asked 4 times in \d+ seconds \(.+\)\. See that it runs and can be reached; then the same command with --resume goes on where the day stopped\.$/,
        );
      }
      expect(replay.failure).to.be.instanceOf(LineError);
      replay.close();
    });
  });
});
