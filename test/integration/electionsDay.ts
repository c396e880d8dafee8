import { expect } from "chai";
import { existsSync } from "node:fs";

import type { Contest, Question } from "../../scripts/day/elections/data.js";
import { areaProtocols, histogramOf, isSigned, papersOf, rankedProtocols } from "../../scripts/day/elections/plan.js";
import { mapSome } from "../../scripts/day/elections/prover.js";
import { countContest, countQuestion } from "../../scripts/day/elections/reference.js";
import { toJson, writeDay } from "../../scripts/day/output.js";
import { type DayResult, liveDay, readData } from "../../scripts/day/run.js";
import { slices } from "../../sdk/slices.js";
import { type DayJson, expectChecksHold, REAL, refusalOf, summaryOf, table, TOWN, withData } from "./utils/day.js";

type Counts = Readonly<Record<string, number | string>>;

interface RecountJson {
  readonly papers: number;
  readonly valid: number;
  readonly spoilt: number;
  readonly onPaper: number;
  readonly differences: number;
}

interface RankedJson {
  readonly name: string;
  readonly file: string;
  readonly rule: string;
  readonly ballots: number;
  readonly blank: number;
  readonly withTies: number;
  readonly rankings: number;
  readonly cast: string;
  readonly protocols: number;
  readonly winner: string;
  readonly tied: boolean;
  readonly order: readonly string[];
  readonly rounds?: readonly {
    readonly number: number;
    readonly tallies: Readonly<Record<string, string>>;
    readonly exhausted: string;
    readonly eliminated?: string;
  }[];
  readonly winners: Readonly<Record<string, string>>;
  readonly recount: RecountJson;
}

interface ReferendumJson {
  readonly name: string;
  readonly votes: Readonly<Record<string, string>>;
  readonly rejected: number;
  readonly electorate: number;
  readonly electorateKnown: boolean;
  readonly turnoutBp: number;
  readonly outcome: string;
  readonly areas: number;
  readonly areasLed: Counts;
  readonly areasTied: number;
  readonly doubleMajority: boolean;
  readonly protocols: number;
  readonly recount: RecountJson;
}

interface ElectionsJson {
  readonly timeShiftSeconds: string;
  readonly ranked: readonly RankedJson[];
  readonly referendums: readonly ReferendumJson[];
  readonly budgets: readonly (Counts & { readonly name: string; readonly mostNamed: readonly Counts[] })[];
  readonly residents: {
    readonly roll: number;
    readonly voters: number;
    readonly proofs: number;
    readonly batches: readonly number[];
    readonly entries: number;
    readonly votes: Readonly<Record<string, string>>;
    readonly turnoutBp: number;
    readonly winner: string;
    readonly passed: boolean;
    readonly grant: Readonly<Record<"amount" | "paidIn" | "received" | "left", string>>;
    readonly executedAfterSeconds: string;
    readonly recount: RecountJson;
  };
  readonly refusals: readonly Readonly<Record<"key" | "reason" | "message", string>>[];
}

type SummaryJson = DayJson<{ readonly elections: ElectionsJson }>;

function named<Entry extends { readonly name: string }>(entries: readonly Entry[], name: string): Entry {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** Every book is balanced, and the residents' vote came to what its voters chose, with the money where it was to go. */
function expectBalanced(summary: SummaryJson): void {
  expectChecksHold(summary);
  const { elections } = summary.modules;
  const all = [...elections.ranked, ...elections.referendums, elections.residents];
  expect(all.map(({ recount }) => recount.differences)).to.deep.equal(all.map(() => 0));
  const { batches, entries, executedAfterSeconds, grant, passed, proofs, roll, votes, voters, winner } =
    elections.residents;
  expect({ batches, entries, passed, proofs, roll, votes, voters, winner }).to.deep.equal({
    batches: [10, 10, 1],
    entries: 21,
    passed: true,
    proofs: 21,
    roll: 24,
    votes: { Yes: "13", No: "4", Blank: "3" },
    voters: 20,
    winner: "Yes",
  });
  expect(grant).to.deep.equal({ amount: "2500000000", paidIn: "2500000000", received: "2500000000", left: "0" });
  // Three days to object, and two in the timelock.
  expect(BigInt(executedAfterSeconds) >= 5n * 86_400n).to.equal(true);
}

/** What every day must refuse, and why. */
const ALWAYS_REFUSED = {
  secondVote: "BallotBoxStaleSequence",
  tamperedVote: "BallotBoxBadProof",
  earlyKey: "BallotBoxWrongState",
  withdrawnOpen: "BallotBoxWrongState",
  earlyResult: "BallotBoxNotCounted",
  earlyAction: "BallotExecutorTooEarly",
  otherAction: "BallotExecutorOtherActions",
  secondAction: "BallotExecutorQueued",
};

/** And where there are signed votes and referendums. */
const REFUSED = {
  ...ALWAYS_REFUSED,
  votedTwice: "StaleSequence",
  forgedVote: "NotInCensus",
  tooManyPapers: "BallotBoxTooManyPapers",
};

function refusedIn({ modules: { elections } }: SummaryJson): Record<string, string> {
  return Object.fromEntries(elections.refusals.map(({ key, reason }) => [key, reason]));
}

const CANDIDATES = table("no,name", "1,Ann", "2,Bob", "3,Cyd");

/** An election of more ballots than there are signed votes for, and one without any. */
const BOROUGH = {
  "elections/large.ballots.csv": table("count,ranking", "600,1>3", "500,2>3>1", "400,3", "1,"),
  "elections/large.candidates.csv": CANDIDATES,
  "elections/deep/er/empty.ballots.csv": table("count,ranking"),
  "elections/deep/er/empty.candidates.csv": CANDIDATES,
};

const only = ["elections"];

describe("Elections day", function () {
  describe("on the sample town", function () {
    let result: DayResult;
    let summary: SummaryJson;

    before(async function () {
      result = await liveDay({ data: TOWN, only });
      summary = summaryOf<SummaryJson>(result);
    });

    it("agrees with files, reference, recount and chain", function () {
      expectBalanced(summary);
      expect(summary.modules.elections.timeShiftSeconds).to.equal("0");
      expect(summary.files.unknown).to.deep.equal([]);
    });

    it("counts ranked ballots by the rule that fits them", function () {
      const { ranked } = summary.modules.elections;
      const told = ranked.map(({ name, rule, ballots, blank, withTies, rankings, cast, winner }) => {
        return [name, rule, ballots, blank, withTies, rankings, cast, winner];
      });
      expect(told.sort()).to.deep.equal([
        ["library", "Schulze", 27, 4, 20, 7, "signed votes", "Open until nine"],
        ["market-square", "Schulze", 35, 3, 15, 10, "signed votes", "Open lawn"],
        ["mayor", "InstantRunoff", 41, 3, 0, 9, "signed votes", "Carla Dunn"],
      ]);
    });

    it("tells the rounds of an instant runoff", function () {
      const { rounds } = named(summary.modules.elections.ranked, "mayor");
      expect(rounds?.map(({ tallies, exhausted, eliminated }) => [tallies, exhausted, eliminated])).to.deep.equal([
        [{ "Ada Brook": "11", "Ben Castell": "13", "Carla Dunn": "9", "Dov Elm": "5" }, "3", "Nobody chosen"],
        [{ "Ada Brook": "11", "Ben Castell": "13", "Carla Dunn": "9", "Dov Elm": "5" }, "3", "Dov Elm"],
        [{ "Ada Brook": "11", "Ben Castell": "13", "Carla Dunn": "13" }, "4", "Ada Brook"],
        [{ "Ben Castell": "15", "Carla Dunn": "22" }, "4", undefined],
      ]);
    });

    it("says who would have won by other rules", function () {
      const { ranked } = summary.modules.elections;
      expect(named(ranked, "market-square").winners).to.not.have.property("Condorcet");
      expect(named(ranked, "market-square").winners).to.not.have.property("InstantRunoff");
      expect(named(ranked, "mayor").winners).to.deep.include({ Condorcet: "Carla Dunn", InstantRunoff: "Carla Dunn" });
    });

    it("counts a referendum by areas, and what a double majority would have said", function () {
      expect(named(summary.modules.elections.referendums, "tram")).to.deep.include({
        votes: { build: "2498", leave_it: "2467" },
        rejected: 15,
        electorate: 8_905,
        electorateKnown: true,
        turnoutBp: 5_592,
        outcome: "build",
        areas: 5,
        areasLed: { build: 2, leave_it: 1 },
        areasTied: 2,
        doubleMajority: false,
        // Nobody voted in one area.
        protocols: 4,
      });
    });

    it("counts the ballots of a participatory budget, and allocates nothing", function () {
      expect(summary.modules.elections.budgets).to.have.length(1);
      expect(named(summary.modules.elections.budgets, "green-fund")).to.deep.include({
        file: "elections/pb/green-fund.pb",
        voteType: "approval",
        budget: "50000.00",
        currency: "EUR",
        projects: 9,
        ballots: 30,
        blank: 2,
        approvals: 57,
        remarks: 0,
        allocated: false,
      });
    });

    it("comes to what the data expect", function () {
      const expected = summary.checks.filter(({ name }) => name.endsWith("= expected.json"));
      const counts = ["market-square", "mayor", "library", "tram", "pb/green-fund"].map(
        (part) => expected.filter(({ name }) => name.startsWith(`elections: ${part}`) || name.includes(part)).length,
      );
      expect(counts).to.deep.equal([9, 10, 9, 10, 4]);
      expect(expected).to.have.length(42);
    });

    it("refuses what is wrong, by name", function () {
      expect(refusedIn(summary)).to.deep.equal(REFUSED);
    });

    it("tells gas per operation", function () {
      const { gas } = summary;
      expect(gas["ballot.voteSealedMany"]).to.deep.include({ count: 2, items: 20 });
      expect(gas["ballot.open"]).to.deep.include({ count: 1, items: 20 });
      expect(gas["ballot.recordProtocol"]?.count).to.equal(4);
      expect(gas["ballot.finalise"]?.count).to.equal(5);
      for (const act of ["publish", "freeze", "voteMany", "releaseKey", "countRounds", "queue", "execute"]) {
        expect(gas[`ballot.${act}`], act).to.not.equal(undefined);
      }
      // Proofs of a batch are checked together.
      expect(BigInt(gas["ballot.voteSealedMany"]!.perItem!) < 120_000n).to.equal(true);
    });

    it("writes a report", function () {
      const report = writeDay(result);
      expect(report).to.match(/All \d+ checks hold\.$/);
      expect(report).to.contain("3 ranked elections, 1 referendum and a vote of residents were held");
      expect(report).to.contain("what is bought is decided by no contract yet");
      expect(report).to.contain("mayor: 4 rounds on chain");
      expect(report).to.contain(
        "build leads in 2 of 5 areas, and 2 are tied: a double majority by area would not be met",
      );
      expect(report).to.contain(
        "2,500.00 of 2,500.00 euro went from the timelock to the fund, 5 days after the result",
      );
      expect(report).to.not.contain("FAIL");
    });
  });

  describe("on a borough", function () {
    it("counts many ballots from protocols, an election without any, and is the same a second time", async function () {
      await withData(BOROUGH, async (data) => {
        const once = await liveDay({ data, only });
        const again = await liveDay({ data, only });
        const summary = summaryOf<SummaryJson>(once);
        expectBalanced(summary);
        expect(toJson(again.summary)).to.equal(toJson(once.summary));
        expect(again.parts).to.deep.equal(once.parts);
        const { ranked, referendums } = summary.modules.elections;
        expect(named(ranked, "large")).to.deep.include({
          cast: "protocols",
          protocols: 1,
          ballots: 1_501,
          winner: "Ann",
          recount: { papers: 1_501, valid: 1_501, spoilt: 0, onPaper: 1_501, differences: 0 },
        });
        expect(named(ranked, "empty")).to.deep.include({ ballots: 0, winner: "nobody", winners: {} });
        expect(referendums).to.deep.equal([]);
        expect(refusedIn(summary)).to.deep.equal(ALWAYS_REFUSED);
        expect(writeDay(once)).to.contain("The returning officer signed 1 protocol of equal rankings");
      });
    });
  });

  // Where the data stand beside the repository; the sample town has everything else.
  if (existsSync(REAL)) {
    describe("on public election data", function () {
      let summary: SummaryJson;

      before(async function () {
        summary = summaryOf<SummaryJson>(await liveDay({ data: REAL, only }));
      });

      it("agrees with files, reference, recount, chain, and what was published", function () {
        expectBalanced(summary);
        expect(refusedIn(summary)).to.deep.equal(REFUSED);
      });

      it("elects whom Debian elected, by signed votes", function () {
        const { ranked } = summary.modules.elections;
        for (const [name, ballots, winner] of [
          ["debian_2007_leader", 482, "Sam Hocevar"],
          ["debian_2020_leader", 339, "Jonathan Carter"],
        ] as const) {
          const told = named(ranked, name);
          expect(told).to.deep.include({ ballots, winner, rule: "Schulze", cast: "signed votes", protocols: 0 });
          expect(told.winners).to.include({ Condorcet: winner, Schulze: winner });
        }
        expect(named(ranked, "debian_2007_leader")).to.deep.include({ withTies: 212, rankings: 438 });
      });

      it("elects the mayor of Minneapolis from all ballots, by protocols", function () {
        const told = named(summary.modules.elections.ranked, "minneapolis_2017_mayor");
        expect(told).to.deep.include({
          ballots: 105_928,
          rankings: 2_480,
          rule: "InstantRunoff",
          cast: "protocols",
          protocols: 10,
          winner: "Jacob Frey",
        });
        expect(told.recount.papers).to.equal(105_928);
        const [first, last] = [told.rounds?.[0], told.rounds?.at(-1)];
        expect(first?.tallies).to.deep.include({
          "Jacob Frey": "26104",
          "Tom Hoch": "20122",
          "Christopher Zimmerman": "1",
        });
        expect(last?.tallies).to.deep.equal({ "Jacob Frey": "46704", "Raymond Dehn": "34970" });
      });

      it("comes to the official totals of two referendums", function () {
        const { referendums } = summary.modules.elections;
        expect(named(referendums, "eu_referendum_2016_by_area")).to.deep.include({
          votes: { remain: "16141241", leave: "17410742" },
          rejected: 25_359,
          electorate: 46_500_001,
          turnoutBp: 7_220,
          outcome: "leave",
          areas: 382,
          areasLed: { remain: 119, leave: 263 },
          areasTied: 0,
          doubleMajority: true,
          protocols: 382,
        });
        expect(named(referendums, "scotland_2014_totals")).to.deep.include({
          votes: { yes: "1617989", no: "2001926" },
          outcome: "no",
          electorateKnown: false,
          areas: 1,
        });
      });

      it("counts the ballots of participatory budgets", function () {
        const { budgets } = summary.modules.elections;
        expect(budgets.map(({ ballots, projects, approvals }) => [ballots, projects, approvals])).to.deep.equal([
          [402, 175, 3_720],
          [6_586, 64, 16_750],
        ]);
      });
    });
  }

  describe("data", function () {
    const readFiles = async (files: Readonly<Record<string, string>>) => {
      let read: ReturnType<typeof readData> | undefined;
      await withData(files, (data) => {
        read = readData({ data, only });
      });
      if (read === undefined) throw new Error("nothing was read");
      const { faults, unknown, used } = read;
      return {
        faults: faults.map(({ column, file, line, reason }) => `${file}:${line} ${column}: ${reason}`),
        unknown,
        used,
      };
    };

    it("of a town have no faults", function () {
      expect(readData({ data: TOWN, only }).faults).to.deep.equal([]);
    });

    it("are read from all folders", async function () {
      const { faults, unknown, used } = await readFiles({ ...BOROUGH, "elections/deep/notes.txt": "nothing" });
      expect([faults, unknown]).to.deep.equal([[], ["elections/deep/notes.txt: no known format"]]);
      expect(used).to.deep.equal([
        "elections/large.ballots.csv",
        "elections/large.candidates.csv",
        "elections/deep/er/empty.ballots.csv",
        "elections/deep/er/empty.candidates.csv",
      ]);
    });

    it("name file, line and column of what is malformed", async function () {
      const { faults } = await readFiles({
        "elections/a.ballots.csv": table("count,ranking", "x,1>2", "2,1>9", "3,1>1"),
        "elections/a.candidates.csv": CANDIDATES,
        "elections/b.soc":
          "# FILE NAME: b.soc\n# NUMBER ALTERNATIVES: 2\n# ALTERNATIVE NAME 1: A\n# ALTERNATIVE NAME 2: B\n3: 1\n",
        "elections/c.csv": table("area,electorate,valid,yes,no", "North,10,9,5,3"),
        "elections/d.pb":
          "META\nkey;value\nbudget;10\nvote_type;approval\nPROJECTS\nproject_id;cost\n1;x\nVOTES\nvoter_id;vote\nv;2\n",
      });
      expect(faults).to.deep.equal([
        "elections/b.soc:5 order: 1 of 2 alternatives in a file of type soc",
        "elections/a.ballots.csv:2 count: not a number",
        "elections/a.ballots.csv:3 ranking: there is no candidate 9",
        "elections/a.ballots.csv:4 ranking: candidate 1 stands there twice",
        "elections/c.csv:2 valid: the options come to 8",
        "elections/d.pb:7 cost: not a number",
        "elections/d.pb:10 vote: there is no project 2",
      ]);
    });

    it("name tables of no kind, and files without their other half", async function () {
      const { faults } = await readFiles({
        "elections/other.csv": "a,b\n1,2\n",
        "elections/alone.ballots.csv": table("count,ranking", "1,1"),
      });
      expect(faults).to.deep.equal([
        "elections/alone.ballots.csv:1 : no file of candidates goes with it",
        "elections/other.csv:1 : unknown header; expected area or question, and two options or more, each column once",
      ]);
      expect((await readFiles({ "elections/alone.candidates.csv": CANDIDATES })).faults).to.deep.equal([
        "elections/alone.candidates.csv:1 : no file of ballots goes with it",
      ]);
    });

    it("leave out what no ballot can hold, with the reason", async function () {
      const many = Array.from({ length: 33 }, (_, index) => `${index + 1},C${index}`);
      const areas = Array.from({ length: 501 }, (_, index) => `A${index},1,0`);
      const { faults, unknown, used } = await readFiles({
        "elections/one.ballots.csv": table("count,ranking"),
        "elections/one.candidates.csv": table("no,name", "1,Ann"),
        "elections/ties.ballots.csv": table("count,ranking", "1,1=2"),
        "elections/ties.candidates.csv": table("no,name", ...many.slice(0, 17)),
        "elections/wide.ballots.csv": table("count,ranking", "1,1>2"),
        "elections/wide.candidates.csv": table("no,name", ...many),
        "elections/areas.csv": table("area,yes,no", ...areas),
        "elections/crowd.csv": table("area,electorate,yes,no", "A,4294967295,1,0", "B,1,1,0"),
      });
      expect(faults).to.deep.equal([]);
      expect(unknown).to.deep.equal([
        "elections/one.ballots.csv: fewer than 2 candidates",
        "elections/ties.ballots.csv: 17 candidates, and Schulze is counted on chain for 16 at most",
        "elections/wide.ballots.csv: 33 candidates, and InstantRunoff is counted on chain for 32 at most",
        "elections/areas.csv: more than 500 areas",
        "elections/crowd.csv: more than 4294967295 voters",
      ]);
      expect(used.filter((name) => name.endsWith("ballots.csv"))).to.deep.equal([]);
    });

    it("are not lived at all without a good file", async function () {
      await withData({ "elections/other.csv": "a,b\n1,2\n" }, async (data) => {
        expect((await refusalOf({ data, only })).message).to.contain("elections/other.csv, line 1");
        expect((await refusalOf({ data, only, skipBadRows: true })).message).to.equal(
          `${data} has no data to live through.`,
        );
      });
    });
  });

  describe("plan", function () {
    const place = { file: "f", line: 2 };
    const contest: Contest = {
      name: "c",
      file: "f",
      candidates: ["Ann", "Bob", "Cyd"],
      ballots: [
        { ...place, count: 2, levels: [[2], [1, 3]] },
        { ...place, count: 1, levels: [] },
        { ...place, count: 3, levels: [[2], [3, 1]] },
      ],
      count: 6,
      rule: "Schulze",
      expected: {},
    };
    const area = (name: string, votes: readonly number[], rejected = 0) => ({ name, electorate: 10, votes, rejected });
    const question: Question = {
      name: "q",
      file: "f",
      text: undefined,
      options: ["yes", "no"],
      areas: [area("A", [3, 1]), area("B", [0, 0]), area("C", [2, 2], 1), area("D", [0, 0], 2), area("E", [0, 1])],
      electorateKnown: true,
      expected: {},
    };

    it("makes a paper of each ballot, and equal rankings one entry", function () {
      expect(papersOf(contest)).to.deep.equal([0x830102n, 0x830102n, 0n, 0x830102n, 0x830102n, 0x830102n]);
      expect([...histogramOf(contest)]).to.deep.equal([
        [0x830102n, 5n],
        [0n, 1n],
      ]);
      expect(rankedProtocols(contest)).to.deep.equal([
        {
          segment: 0,
          entries: [
            { payload: 0x830102n, count: 5 },
            { payload: 0n, count: 1 },
          ],
          spoilt: 0,
        },
      ]);
    });

    it("has signed votes up to a thousand", function () {
      expect([isSigned({ count: 1_000 }), isSigned({ count: 1_001 })]).to.deep.equal([true, false]);
    });

    it("has a protocol for each area where anybody voted", function () {
      expect(areaProtocols(question)).to.deep.equal([
        {
          segment: 0,
          entries: [
            { payload: 0n, count: 3 },
            { payload: 1n, count: 1 },
          ],
          spoilt: 0,
        },
        {
          segment: 2,
          entries: [
            { payload: 0n, count: 2 },
            { payload: 1n, count: 2 },
          ],
          spoilt: 1,
        },
        { segment: 3, entries: [], spoilt: 2 },
        { segment: 4, entries: [{ payload: 1n, count: 1 }], spoilt: 0 },
      ]);
    });

    it("counts areas for a double majority", function () {
      expect(countQuestion(question)).to.deep.equal({
        electorate: 50,
        votes: [5, 4],
        rejected: 3,
        areasLed: [1, 1],
        areasTied: 3,
        winner: 0,
        doubleMajority: false,
      });
      expect(countQuestion({ ...question, areas: [area("A", [0, 0])] })).to.deep.include({
        winner: undefined,
        doubleMajority: false,
      });
      expect(countQuestion({ ...question, areas: [area("A", [0, 9])] })).to.deep.include({
        winner: 1,
        doubleMajority: true,
      });
    });

    it("counts first choices, blank ballots and ties by the reference", function () {
      const { blank, condorcet, firstChoices, runoff, schulzeWinners, withTies } = countContest(contest);
      expect({ blank, condorcet, firstChoices, runoff, schulzeWinners, withTies }).to.deep.equal({
        blank: 1,
        condorcet: 1,
        firstChoices: [0, 5, 0],
        runoff: undefined,
        schulzeWinners: [1],
        withTies: 5,
      });
    });

    it("cuts lists, and does some things at once in their order", async function () {
      expect([slices([1, 2, 3], 2), slices([], 2)]).to.deep.equal([[[1, 2], [3]], []]);
      let [running, most] = [0, 0];
      const made = await mapSome([30, 1, 1, 10], 2, async (wait) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, wait));
        running -= 1;
        return wait * 2;
      });
      expect([made, most]).to.deep.equal([[60, 2, 2, 20], 2]);
    });
  });
});
