/** The example page, bundled with the package as others get it, in Chromium, with this test's chain behind its wallet. */
import { expect } from "chai";
import { build } from "esbuild";
import { id } from "ethers";
import { network } from "hardhat";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";

import { BallotKind, randomNonce, RollKind, signHealthCertificate } from "../../sdk/index.js";
import {
  addToRoll,
  applyToRoll,
  castVote,
  LEAST_TAG,
  placeOnRoll,
  publishBallot,
  readFrozenRoll,
  settleBallot,
  textHashes,
} from "../../sdk/participation/index.js";
import { contrast, hasChromium, launch } from "./utils/browser.js";
import type { Connection } from "./utils/city.js";
import { FOREVER } from "./utils/credentials.js";
import { leasingCity, offerOf, startLease } from "./utils/leasing.js";
import { type Consumer, faultOf, makeConsumer, recordOf, root } from "./utils/package.js";

const EXAMPLE = join(root, "examples", "web");
const ADDRESS = "http://city.test/";
const TEXT = "Shall the square be free of cars?\nYes\nNo";
const DAY = 86_400n;
const PHONE = { width: 390, height: 844 };
/** What a page waits for at most: it has a chain in memory behind it. */
const PATIENCE_MS = 120_000;

interface WalletRequest {
  readonly method: string;
  readonly params?: unknown[];
}
/** Answers as a wallet, with a chain's answer or another. */
type Wallet = (request: WalletRequest) => Promise<unknown>;

/** A town with a leased pack whose health is certified, and a referendum that two voted for and one against. */
async function town(connection: Connection) {
  const scene = await leasingCity(connection);
  const { actors, buyer, city, lessee, lessor, networkHelpers, packId } = scene;
  const now = async (): Promise<bigint> => BigInt(await networkHelpers.time.latest());
  await startLease(scene, await offerOf(scene));
  const certificate = {
    packId,
    tester: actors.laboratory.address,
    measuredWh: 64_400n,
    testedAt: await now(),
    methodHash: id("method"),
    nonce: randomNonce(),
    deadline: FOREVER,
  };
  await city.telemetry.certify(certificate, await signHealthCertificate(city, actors.laboratory, certificate));

  const roll = { kind: RollKind.Named, credentialed: false, cosigned: false, depth: 10, segments: 1 };
  await city.census.connect(actors.registry).openRoll({ ...roll, growthBp: 0, growthLeast: 0 });
  const voters = [lessor, lessee, buyer].map((voter, index) => ({ voter, tag: LEAST_TAG + BigInt(index) }));
  const wish = { rollId: 1, segment: 0, deadline: FOREVER };
  const applications = await Promise.all(
    voters.map(async ({ tag, voter }) => applyToRoll(city, voter, { ...wish, tag })),
  );
  await addToRoll({ census: city.census.connect(actors.censusRegistrar) }, applications);
  const freezesAt = (await now()) + DAY;
  const opensAt = freezesAt + (await city.ballotBox.noticePeriod()) + 1n;
  const closesAt = opensAt + DAY;
  const ballot = await publishBallot(city.ballotBox.connect(actors.electionOffice), {
    ...{ rollId: 1, segments: [0], freezesAt, opensAt, closesAt },
    ...{ kind: BallotKind.Single, options: 2, texts: textHashes({ en: TEXT }) },
  });
  await networkHelpers.time.increaseTo(freezesAt + 1n);
  await settleBallot(city.ballotBox, ballot);
  await networkHelpers.time.increaseTo(opensAt);
  const frozen = await readFrozenRoll(city.ballotBox, ballot);
  for (const [index, { tag, voter }] of voters.entries()) {
    const paper = { payload: index === 0 ? 1n : 0n, deadline: 0n };
    await castVote(city.ballotBox.connect(voter), ballot, placeOnRoll(frozen, tag), paper);
  }
  await networkHelpers.time.increaseTo(closesAt);
  await settleBallot(city.ballotBox, ballot);
  return { ...scene, closesAt, testedAt: certificate.testedAt };
}

describe("Web page", function () {
  let browser: Browser;
  let consumer: Consumer;
  let connection: Connection;
  let scene: Awaited<ReturnType<typeof town>>;
  let record: object;
  let script: string;

  before(async function () {
    if (!hasChromium()) this.skip();
    consumer = await makeConsumer(["ethers"]);
    copyFileSync(join(EXAMPLE, "main.ts"), join(consumer.folder, "main.ts"));
    const { outputFiles } = await build({
      absWorkingDir: consumer.folder,
      entryPoints: ["main.ts"],
      ...{ bundle: true, format: "esm", minify: true, platform: "browser", target: "es2022", write: false },
    });
    script = outputFiles[0]!.text;
    connection = await network.create();
    scene = await connection.networkHelpers.loadFixture(town);
    record = await recordOf(connection.ethers.provider, scene.addresses);
    browser = await launch();
  });

  // With Chromium missing neither was ever made.
  after(async function () {
    if (!hasChromium()) return;
    await browser.close();
    rmSync(consumer.folder, { recursive: true });
  });

  const answer: Wallet = async ({ method, params = [] }) => connection.provider.request({ method, params });

  /** Opens the page with a wallet, or with none, until it has read what `query` names; gives what it says. */
  async function opened(
    query: string,
    wallet: Wallet | undefined,
    body: (page: Page) => Promise<void>,
    colorScheme: "light" | "dark" = "light",
  ): Promise<void> {
    const page = await browser.newPage({ colorScheme, viewport: PHONE });
    page.setDefaultTimeout(PATIENCE_MS);
    const strange: string[] = [];
    page.on("pageerror", (error) => strange.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(ADDRESS) && !request.url().startsWith("data:")) strange.push(request.url());
    });
    const files: Record<string, [type: string, body: string]> = {
      "": ["text/html", readFileSync(join(EXAMPLE, "index.html"), "utf8")],
      "main.js": ["text/javascript", script],
      "deployment.json": ["application/json", JSON.stringify(record)],
      "texts.json": ["application/json", JSON.stringify({ 1: TEXT })],
    };
    await page.route(`${ADDRESS}**`, async (route) => {
      const [contentType, file] = files[new URL(route.request().url()).pathname.slice(1)] ?? ["text/plain", "missing"];
      await route.fulfill({ contentType, body: file });
    });
    if (wallet !== undefined) {
      await page.exposeFunction("askWallet", async (request: WalletRequest) => {
        try {
          return { result: await wallet(request) };
        } catch (error) {
          return { error: faultOf(error) };
        }
      });
      await page.addInitScript(INJECTED);
    }
    try {
      await page.goto(`${ADDRESS}?${query}`);
      await page.getByText("Done.").waitFor();
      await body(page);
      expect(strange).to.deep.equal([]);
    } finally {
      await page.close();
    }
  }

  const both = (): string => `ballot=1&pack=${scene.packId}`;
  const faults = async (page: Page): Promise<string[]> => page.getByRole("alert").allTextContents();

  it("reads a ballot: question, options with their votes, status", async () => {
    await opened(both(), answer, async (page) => {
      expect(await faults(page)).to.deep.equal(["", ""]);
      const section = page.getByRole("region", { name: "Shall the square be free of cars?" });
      expect(await factsIn(section)).to.deep.equal({
        Yes: "2 votes",
        No: "1 vote",
        Status: "Final",
        Turnout: "3 of 3",
        "Open until": dateOf(scene.closesAt),
      });
    });
  });

  it("reads a battery passport: pack, maker, health, guarantee", async () => {
    await opened(both(), answer, async (page) => {
      const section = page.getByRole("region", { name: `Battery pack ${scene.packId}` });
      expect(await factsIn(section)).to.deep.equal({
        Kind: "ElectricVehicle, Original",
        "Rated energy": "70 kWh",
        "Made on": "2024-10-04",
        Maker: scene.operator.address,
        Health: `92 %, certified on ${dateOf(scene.testedAt)}`,
        Guarantee: "70 %, by lease 1 (Active)",
        "Against it": "as guaranteed",
      });
      expect(await page.getByRole("meter", { name: "Health as guaranteed" }).count()).to.equal(1);
    });
  });

  it("tells a contract's refusal in words, and reads the other", async () => {
    await opened("ballot=77&pack=5", answer, async (page) => {
      expect(await faults(page)).to.deep.equal([
        "There is no ballot 77.",
        "There is no such token. Identifier number of a token: 5.",
      ]);
      await page.getByRole("textbox", { name: "Ballot" }).fill("1");
      await page.getByRole("button", { name: "Read" }).click();
      await page.getByText("2 votes").waitFor();
      expect((await faults(page))[0]).to.equal("");
    });
  });

  it("drops the answer to an older question, and lists no fact twice", async () => {
    let held: Promise<void> | undefined;
    let waiting = 0;
    const slow: Wallet = async (request) => {
      if (request.method === "eth_call" || request.method === "eth_getLogs") {
        waiting += 1;
        await held;
        waiting -= 1;
      }
      return answer(request);
    };
    await opened(both(), slow, async (page) => {
      const ask = async (ballot: string, pack: string): Promise<void> => {
        await page.getByRole("textbox", { name: "Ballot" }).fill(ballot);
        await page.getByRole("textbox", { name: "Battery pack" }).fill(pack);
        await page.getByRole("button", { name: "Read" }).click();
      };
      let release = (): void => undefined;
      held = new Promise((done) => (release = done));
      await ask("77", "5");
      // Of each of both, the first.
      while (waiting < 2) await page.waitForTimeout(20);
      held = undefined;
      await ask("1", String(scene.packId));
      await page.getByText("Done.").waitFor();
      release();
      while (waiting > 0) await page.waitForTimeout(20);
      await page.waitForTimeout(500);
      expect(await faults(page)).to.deep.equal(["", ""]);
      expect(await page.locator("dd").count()).to.equal(12);

      // Both in one go.
      await page.evaluate("for (let times = 0; times < 2; ++times) document.forms[0].requestSubmit()");
      await page.getByText("Done.").waitFor();
      await page.waitForTimeout(500);
      expect(await page.locator("dd").count()).to.equal(12);
    });
  });

  it("asks for events in ranges that a node answers", async () => {
    await connection.networkHelpers.mine(12_000);
    const ranges: number[] = [];
    const strict: Wallet = async (request) => {
      if (request.method === "eth_getLogs") {
        const [{ fromBlock, toBlock }] = request.params as [{ fromBlock: string; toBlock: string }];
        const head = await connection.ethers.provider.getBlockNumber();
        ranges.push((toBlock === "latest" ? head : Number(toBlock)) - Number(fromBlock) + 1);
        if (ranges.at(-1)! > 10_000) throw Object.assign(new Error("block range is too wide"), { code: -32_005 });
      }
      return answer(request);
    };
    await opened("ballot=77&pack=" + String(scene.packId), strict, async (page) => {
      expect(await faults(page)).to.deep.equal(["There is no ballot 77.", ""]);
      expect(await page.getByText("70 %, by lease 1 (Active)").count()).to.equal(1);
    });
    expect(ranges.filter((blocks) => blocks === 10_000)).to.have.length(2);
    expect(ranges.length).to.equal(4);
  });

  it("says which chain is meant when the wallet is on another", async () => {
    const elsewhere: Wallet = async (request) => (request.method === "eth_chainId" ? "0x1" : answer(request));
    await opened(both(), elsewhere, async (page) => {
      const sentence =
        "The provider is on chain 1, but the record is of chain 31337. " +
        "Switch the wallet or the provider to chain 31337, or take deployments/1.json.";
      expect(await faults(page)).to.deep.equal([sentence, sentence]);
      expect(await page.locator("dd").count()).to.equal(0);
    });
  });

  it("says what to do when there is no wallet, it fails, or its owner declines", async () => {
    const none = "This browser has no wallet. Install one, then load the page again.";
    await opened(both(), undefined, async (page) => {
      expect(await faults(page)).to.deep.equal([none, none]);
    });
    let works = false;
    const failing: Wallet = async (request) => {
      if (works) return answer(request);
      throw Object.assign(new Error("upstream is gone"), { code: -32_603 });
    };
    await opened(both(), failing, async (page) => {
      const sentence =
        "The node did not answer as it should (upstream is gone). Check the connection and, if you sent something, whether it arrived; then try again.";
      expect(await faults(page)).to.deep.equal([sentence, sentence]);
      works = true;
      await page.getByRole("button", { name: "Read" }).click();
      await page.getByText("2 votes").waitFor();
    });
    const declining: Wallet = async () => {
      throw Object.assign(new Error("User rejected the request."), { code: 4_001 });
    };
    await opened(both(), declining, async (page) => {
      const sentence = "The wallet's owner declined. Nothing was sent.";
      expect(await faults(page)).to.deep.equal([sentence, sentence]);
    });
  });

  it("fits a phone, and has enough contrast in light and dark", async () => {
    const grounds = new Set<string>();
    for (const scheme of ["light", "dark"] as const) {
      const look = async (page: Page): Promise<void> => {
        const width = await page.evaluate<number>("document.documentElement.scrollWidth");
        expect(width).to.be.at.most(PHONE.width);
        const style = (selector: string, property: string) =>
          page.evaluate<string>(
            `getComputedStyle(document.querySelector(${JSON.stringify(selector)})).getPropertyValue("${property}")`,
          );
        const ground = await style("section", "background-color");
        grounds.add(ground);
        for (const text of ["h2", "dt", "dd", "[role=alert]", "label"]) {
          expect(contrast(await style(text, "color"), ground), `${scheme}: ${text}`).to.be.at.least(4.5);
        }
      };
      await opened(`ballot=77&pack=${scene.packId}`, answer, look, scheme);
    }
    expect(grounds.size).to.equal(2);
  });
});

/** What a wallet puts into a page. In a string: this is the browser's code, and the tests know no DOM. */
const INJECTED = `window.ethereum = {
  request: async (request) => {
    const { error, result } = await window.askWallet(request);
    if (error) throw Object.assign(new Error(error.message), error);
    return result;
  },
};`;

/** What a section lists, by name. */
async function factsIn(section: ReturnType<Page["getByRole"]>): Promise<Record<string, string>> {
  const [names, values] = await Promise.all(["dt", "dd"].map(async (name) => section.locator(name).allTextContents()));
  return Object.fromEntries(names!.map((name, index) => [name, values![index]!]));
}

function dateOf(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().slice(0, 10);
}
