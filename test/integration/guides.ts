import { Identity as SemaphoreIdentity } from "@semaphore-protocol/identity";
import { expect } from "chai";
import { BrowserProvider, Wallet } from "ethers";
import { network } from "hardhat";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import * as energyKit from "../../sdk/energy/index.js";
import * as identityKit from "../../sdk/identity/index.js";
import * as civitas from "../../sdk/index.js";
import * as participationKit from "../../sdk/participation/index.js";
import * as rewardKit from "../../sdk/rewards/index.js";
import * as wasteKit from "../../sdk/waste/index.js";
import { addressesOf, deployedCity } from "./utils/city.js";
import { giveCredential } from "./utils/credentials.js";
import {
  dayValues,
  DEFAULT_TARIFF,
  deposit,
  goToGate,
  nextDay,
  passWindow,
  PER_DAY,
  post,
  signerOf,
  submitDay,
  tradingDistrict,
} from "./utils/energyDistrict.js";
import { fund, leasingCity, offerOf, startLease, terms } from "./utils/leasing.js";
import { recordOf } from "./utils/package.js";
import { ACTS, attestor, deviceOf, FACILITY, furnishWaste, personOf } from "./utils/wasteDistrict.js";

/** What the guides show, run as it stands there: their lines of code, and the auction's example. */

/** A page's text. */
function guide(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../docs/guides/${name}.md`, import.meta.url)), "utf8");
}

const IDENTITY = guide("identity");
const ENERGY = guide("energy");
const WASTE = guide("waste");
const REWARDS = guide("rewards");
const BALLOTS = guide("participation");
const SDK = guide("sdk");
const YEAR = 31_536_000n;
/** Money units in a cent: a millionth of a euro each. */
const CENT = 10_000;

type Lines = (...values: unknown[]) => Promise<unknown>;
/** The constructor of functions that wait, which has no name of its own. */
const { constructor: AsyncFunction } = Object.getPrototypeOf(async () => Promise.resolve()) as {
  constructor: new (...namesAndBody: string[]) => Lines;
};

/** A fenced block of a page, the first if nothing is said, without its imports, giving back what `result` names. */
function linesOf(page: string, result: string, given: Readonly<Record<string, unknown>>, number = 0): Lines {
  const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)];
  const block = blocks[number]?.[1] ?? "";
  const lines = block.split("\n").filter((line) => line.trim() !== "");
  expect(lines.length, "lines").to.be.within(1, 10);
  const body = lines.filter((line) => !line.startsWith("import ")).join("\n");
  return new AsyncFunction(...Object.keys(given), `${body}\nreturn ${result};`);
}

/** A household of the auction's example. Energy in Wh, price and money in money units. */
interface Household {
  readonly name: string;
  readonly side: "buy" | "sell";
  readonly wh: bigint;
  readonly price: bigint;
  readonly filled: bigint;
  readonly metered: bigint;
  /** What the household gets, negative: pays. */
  readonly total: bigint;
}

function signed(text: string): number {
  return Number(text.replace("\u2212 ", "-").replace("+ ", ""));
}

/** Rows of the auction's table. */
function householdsOfPage(): Household[] {
  const row =
    /^\| (\w+) +\| (buy|sell)s (\d+) @ (\d+) +\| (\d+) Wh +\|[^|]+\| (. \d+) Wh +\|[^|]+\*\*(. [\d.]+) ct\*\* +\|$/gmu;
  return [...ENERGY.matchAll(row)].map(([, name = "", side, wh, price, filled, metered = "", total = ""]) => ({
    name,
    side: side === "buy" ? "buy" : "sell",
    wh: BigInt(wh ?? ""),
    price: BigInt(price ?? "") * 10n,
    filled: BigInt(filled ?? ""),
    metered: BigInt(signed(metered)),
    total: BigInt(Math.round(signed(total) * CENT)),
  }));
}

describe("Guides", () => {
  describe("trade electricity", () => {
    const DEPOSIT = 1_000_000n;
    const FIRST_ACCOUNT = energyKit.accountAt(1, 0);

    /** A district before an interval's gate, in which the households of the table have money. */
    async function districtBeforeTheGate() {
      const connection = await network.create();
      const district = await connection.networkHelpers.loadFixture(function guidedDistrict() {
        return tradingDistrict(connection);
      });
      const households = householdsOfPage();
      const interval = await nextDay(district);
      await goToGate(district, interval);
      for (const index of households.keys()) await deposit(district, FIRST_ACCOUNT + index, DEPOSIT);
      return { district, households, interval };
    }

    it("posts the order of its lines, which locks what it can cost at worst", async () => {
      const { district, interval } = await districtBeforeTheGate();
      const given = {
        ...civitas,
        ...energyKit,
        addresses: district.addresses,
        relayer: district.relayer,
        household: signerOf(FIRST_ACCOUNT),
        account: FIRST_ACCOUNT,
        interval,
        epoch: 0,
      };
      const run = linesOf(ENERGY, "plan", given);
      const plan = (await run(...Object.values(given))) as { kind: string };
      expect(energyKit.isWait(plan as energyKit.KeeperWait)).to.equal(true);
      const { free } = await district.city.energyMarket.accountOf(FIRST_ACCOUNT);
      expect(DEPOSIT - free).to.equal((260n + DEFAULT_TARIFF.gridFee) * 500n);
    });

    it("fills and settles the households of its table as it says", async () => {
      const { district, households, interval } = await districtBeforeTheGate();
      expect(households.map(({ name }) => name)).to.deep.equal(["Ada", "Ben", "Cem", "Dora", "Eva", "Finn"]);
      const orders = households.map(({ side, price, wh }, index) =>
        energyKit.buildOrder(DEFAULT_TARIFF, { account: FIRST_ACCOUNT + index, side, steps: [{ price, wh }] }),
      );
      await post(district, interval, orders);
      const values = dayValues(1, Math.floor(interval / PER_DAY), (account, one) =>
        one === interval ? households[account - FIRST_ACCOUNT]?.metered : undefined,
      );
      await submitDay(district, values);
      await passWindow(district);
      const keeper = new energyKit.Keeper(district.city.energyMarket);
      await keeper.run(interval);
      const [results] = await energyKit.resultsOf(district.city.energyMarket, interval);
      for (const [index, { name, side, filled, total }] of households.entries()) {
        const result = results?.results.find(({ account }) => account === FIRST_ACCOUNT + index);
        expect(result?.contracted, name).to.equal(side === "buy" ? filled : -filled);
        const { free } = await district.city.energyMarket.accountOf(FIRST_ACCOUNT + index);
        expect(free - DEPOSIT, name).to.equal(total);
      }
    });
  });

  async function wasteDistrict() {
    const connection = await network.create();
    return connection.networkHelpers.loadFixture(async function guidedWaste() {
      const scene = await leasingCity(connection);
      return { ...scene, ...(await furnishWaste(scene)), addresses: scene.city.addresses };
    });
  }

  describe("follow waste to its end", () => {
    it("takes a lot from its container to the plant, with the difference of the weighbridge, and tells its history", async () => {
      const { addresses, city, driver, ethers, gatekeeperCalls, networkHelpers } = await wasteDistrict();
      const takenAt = BigInt(await networkHelpers.time.latest());
      const given = {
        ...civitas,
        ...wasteKit,
        addresses,
        gatekeeper: gatekeeperCalls,
        scale: deviceOf(1),
        driver,
        plant: FACILITY,
        binId: 1,
        counter: 1,
        takenAt,
        until: takenAt + YEAR,
        provider: ethers.provider,
        chainId: (await ethers.provider.getNetwork()).chainId,
      };
      const run = linesOf(WASTE, "history", given);
      const history = (await run(...Object.values(given))) as wasteKit.EpcisDocument;
      const lot = await city.wasteLots.lotOf(wasteKit.ticketLotId(1, 1));
      expect([lot.holder, lot.grams]).to.deep.equal([BigInt(FACILITY), 23_400n]);
      expect((await city.wasteLots.totals()).transitLoss).to.equal(100);
      expect(history.epcisBody.eventList.length).to.be.greaterThan(1);
    });
  });

  describe("reward what helps", () => {
    it("notes what an operator attests, and names the claim that grows", async () => {
      const scene = await wasteDistrict();
      const { addresses, networkHelpers, relayer, resident } = scene;
      const day = rewardKit.dayOf(BigInt(await networkHelpers.time.latest()));
      const given = {
        ...civitas,
        ...rewardKit,
        addresses,
        relayer,
        operator: attestor,
        citizen: resident,
        programmeId: ACTS,
        person: await personOf(scene, resident),
        day,
      };
      const run = linesOf(REWARDS, "{ amount, unlockAt }", given);
      const { amount, unlockAt } = (await run(...Object.values(given))) as { amount: bigint; unlockAt: bigint };
      expect(amount).to.equal(rewardKit.earnedDown(120n, 2_500_000n));
      expect(unlockAt).to.be.greaterThan(BigInt(await networkHelpers.time.latest()));
    });
  });

  describe("hold a referendum", () => {
    const DAY = 86_400n;
    const artifacts = dirname(createRequire(import.meta.url).resolve("@zk-kit/semaphore-artifacts/package.json"));

    after(participationKit.endProving);

    it("takes a ballot from the roll to a count that anybody can make", async () => {
      const connection = await network.create();
      const { networkHelpers } = connection;
      const city = await networkHelpers.loadFixture(function guidedElectorate() {
        return deployedCity(connection);
      });
      const { actors, census, people } = city;
      const [resident, ada, ben, relayer, anybody] = people;
      for (const person of [resident!, ada!, ben!]) await giveCredential(city, "RESIDENT", person.address);
      const now = BigInt(await networkHelpers.time.latest());
      const terms = { kind: civitas.RollKind.Anonymous, credentialed: true, cosigned: false, depth: 10, segments: 1 };
      await census.connect(actors.registry).openRoll({ ...terms, growthBp: 0, growthLeast: 0 });
      const [rollId, deadline] = [1, now + YEAR];
      const identities = ["resident", "ada", "ben"].map((name) => new SemaphoreIdentity(name));
      const others = await Promise.all(
        [ada!, ben!].map(async (person, index) => {
          const leaf = identities[1 + index]!.commitment;
          return participationKit.applyToRoll({ census }, person, { rollId, segment: 0, leaf, deadline });
        }),
      );
      const freezesAt = now + DAY;
      const opensAt = freezesAt + (await city.ballotBox.noticePeriod()) + 1n;
      const closesAt = opensAt + DAY;
      const registered = {
        ...civitas,
        ...participationKit,
        addresses: await addressesOf(city),
        registrar: actors.censusRegistrar,
        clerk: actors.electionOffice,
        resident: resident!,
        identity: identities[0]!,
        ...{ rollId, deadline, others, freezesAt, opensAt, closesAt },
      };
      const publish = linesOf(BALLOTS, "{ ballot, ballotBox }", registered);
      const { ballot, ballotBox } = (await publish(...Object.values(registered))) as {
        ballot: participationKit.KnownBallot;
        ballotBox: typeof city.ballotBox;
      };

      const known = { ...participationKit, anybody, ballot, ballotBox };
      const settle = linesOf(BALLOTS, "{ wait, recount, differences }", known, 2);
      type Settled = Pick<participationKit.Settlement, "wait"> &
        Awaited<ReturnType<typeof participationKit.recountFromChain>>;
      const settled = async (): Promise<Settled> => (await settle(...Object.values(known))) as Settled;
      await networkHelpers.time.increaseTo(freezesAt + 1n);
      expect((await settled()).wait).to.deep.equal({ kind: "time", for: "opening", until: opensAt });

      await networkHelpers.time.increaseTo(opensAt);
      const depth = Number(await city.proofVerifier.depth());
      const tree = (await participationKit.readFrozenRoll(ballotBox, ballot)).treeOf(0);
      const group = participationKit.voterGroup(tree);
      const place = await participationKit.ballotPlace(ballotBox, ballot.ballotId);
      const ofAda = { identity: identities[1]!, group, depth, artifacts };
      const otherVotes = [await participationKit.anonymousVote(place, ofAda, { payload: 1n })];
      const cast = { ...known, relayer, identity: identities[0]!, depth, artifacts, otherVotes };
      const vote = linesOf(BALLOTS, "{ accepted, rejected }", cast, 1);
      const { accepted, rejected } = (await vote(...Object.values(cast))) as participationKit.Relayed<never>;
      expect([accepted.length, rejected.length]).to.deep.equal([2, 0]);

      await networkHelpers.time.increaseTo(closesAt);
      const { differences, recount, wait } = await settled();
      expect(wait).to.deep.equal({ kind: "finished", state: civitas.BallotState.Final });
      expect(differences).to.deep.equal([]);
      expect([recount.outcome?.tallies, recount.cast, recount.electorate]).to.deep.equal([[1n, 1n], 2, 3]);
    });
  });

  describe("call a city from another project", () => {
    it("connects by a record, and tells in words what happened or why it did not", async () => {
      const connection = await network.create();
      const scene = await connection.networkHelpers.loadFixture(async function guideLease() {
        const leasing = await leasingCity(connection);
        await startLease(leasing, await offerOf(leasing), { paidPeriods: 1n });
        return leasing;
      });
      const { addresses, city, ethers, lessee } = scene;
      await fund(scene, lessee, terms.rent);
      const said: string[][] = [];
      const tell = (...words: string[]): number => said.push(words);
      const given = {
        ...civitas,
        BrowserProvider,
        window: { ethereum: connection.provider },
        record: await recordOf(ethers.provider, addresses),
        console: { log: tell, error: tell },
        leaseId: 1n,
      };
      const run = linesOf(SDK, "city", given);
      // A wallet's first account is not the lessee, but anybody may pay rent: without money it is told so.
      await run(...Object.values(given));
      expect(said).to.have.length(1);
      expect(said[0]?.[0]).to.match(/^The account .*\.$/);
      const [payer] = await ethers.getSigners();
      said.length = 0;
      await fund(scene, payer!, terms.rent);
      await run(...Object.values(given));
      expect(said.map(([name]) => name)).to.include.members(["Transfer", "RentPaid"]);
      expect((await city.lease.leaseOf(1n)).paidPeriods).to.equal(2n);
    });
  });

  describe("register a device, check a citizen", () => {
    async function townWithOperator() {
      const connection = await network.create();
      const city = await connection.networkHelpers.loadFixture(function guidedCity() {
        return deployedCity(connection);
      });
      const [operator, citizen] = city.people;
      if (operator === undefined || citizen === undefined) throw new Error("the network has too few accounts");
      const now = BigInt(await connection.networkHelpers.time.latest());
      const given = {
        ...civitas,
        ...identityKit,
        addresses: await addressesOf(city),
        operator,
        meter: Wallet.createRandom(),
        citizen: citizen.address,
        validity: YEAR,
        deadline: now + YEAR,
        chainId: (await connection.ethers.provider.getNetwork()).chainId,
      };
      return { city, given, operator, citizen };
    }

    it("controls the device by its operator, and lets a citizen with a card pass", async () => {
      const { city, given, operator, citizen } = await townWithOperator();
      await giveCredential(city, "RESIDENT", citizen.address);
      const run = linesOf(IDENTITY, "{ didDocument, card }", given);
      const { didDocument, card } = (await run(...Object.values(given))) as {
        didDocument: { verificationMethod: { blockchainAccountId: string }[] };
        card: identityKit.CredentialCheck;
      };
      const controller = didDocument.verificationMethod[0]?.blockchainAccountId ?? "";
      expect(controller.toLowerCase()).to.equal(`eip155:${given.chainId.toString()}:${operator.address.toLowerCase()}`);
      expect(card.current).to.equal(true);
    });

    it("stops a citizen without one, and says why", async () => {
      const { given } = await townWithOperator();
      const run = linesOf(IDENTITY, "card", given);
      let reason = "";
      try {
        await run(...Object.values(given));
      } catch (error) {
        reason = (error as Error).message;
      }
      expect(reason).to.equal("nobody said this of the subject");
    });
  });
});
