import { expect } from "chai";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import {
  compareDecimals,
  type Decimal,
  DecimalError,
  decimalUnits,
  describeFault,
  ExportError,
  exportPabulib,
  exportPrefLib,
  exportRankedBallots,
  exportReferendum,
  headerOf,
  importPabulib,
  importPrefLib,
  importRankedBallots,
  importReferendum,
  isCandidates,
  isPabulib,
  isPrefLib,
  isRankedBallots,
  isReferendum,
  type PabulibBallot,
  type PabulibElection,
  type PabulibVoteType,
  PABULIB_VOTE_TYPES,
  pairRankedFiles,
  type PrefLibElection,
  prefLibOf,
  projectName,
  type RankedBallots,
  type RankedElection,
  type Referendum,
  referendumTotals,
  type RowFault,
  writeExact,
  writeRanking,
} from "../../sdk/importers/index.js";
import { packRanking, type RankingLevels, unpackRanking } from "../../sdk/participation/ranking.js";
import { Random } from "./utils/random.js";

const SHARED = fileURLToPath(new URL("../../../shared/data/elections/", import.meta.url));
const TOWN = fileURLToPath(new URL("../../data/elections/", import.meta.url));
const FUZZ_RUNS = 150;

/** Line, column and reason of each fault. */
function told(faults: readonly RowFault[]): [number, string, string][] {
  return faults.map(({ line, column, reason }) => [line, column, reason]);
}

function read(folder: string, name: string) {
  return { name, text: readFileSync(folder + name, "utf8") };
}

function expected(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(`${folder}${name}/expected.json`, "utf8"));
}

/** Fails unless a call is refused with these reasons. */
function expectRefusal(call: () => unknown, ...reasons: [number, string, string][]): void {
  try {
    call();
  } catch (error) {
    expect(error).to.be.instanceOf(ExportError);
    expect(told((error as ExportError).faults)).to.deep.equal(reasons);
    return;
  }
  expect.fail("nothing was thrown");
}

/** The same text as other programs write it: with a byte order mark, other line ends and blank lines. */
function disguised(text: string): string {
  return `\uFEFF${text.replaceAll("\n", "\r\n")}\r\n  \r\n\r\n`;
}

const ballotCount = ({ ballots }: RankedElection): number => ballots.reduce((sum, { count }) => sum + count, 0);

interface ExpectedBudget {
  readonly file: string;
  readonly budget: number;
  readonly ballots: number;
  readonly projects: number;
  readonly sum_of_approvals: number;
}

interface ExpectedRanking {
  readonly election: string;
  readonly ballots: number;
  readonly distinct_rankings: number;
  readonly candidates: number;
  readonly ballots_with_ties: number;
  readonly plurality_first_choices: Readonly<Record<string, number>>;
  readonly names: Readonly<Record<string, string>>;
}

function expectRanked(election: RankedElection, what: ExpectedRanking): void {
  const { ballots, candidates } = election;
  expect(ballotCount(election)).to.equal(what.ballots);
  expect(ballots).to.have.length(what.distinct_rankings);
  expect(candidates).to.deep.equal(Array.from({ length: what.candidates }, (_, index) => what.names[index + 1]));
  const tied = ballots.filter(({ levels }) => levels.some((level) => level.length > 1));
  expect(tied.reduce((sum, { count }) => sum + count, 0)).to.equal(what.ballots_with_ties);
  for (const [candidate, count] of Object.entries(what.plurality_first_choices)) {
    const first = ballots.filter(({ levels: [best] }) => best?.length === 1 && best[0] === Number(candidate));
    expect(first.reduce((sum, ballot) => sum + ballot.count, 0)).to.equal(count);
  }
}

describe("Election importers", () => {
  for (const [title, folder] of [
    ["public data", SHARED],
    ["sample town", TOWN],
  ] as const) {
    describe(title, () => {
      // The public data stand beside the repository; where they do not, there is nothing to read.
      if (!existsSync(folder)) return;

      it("recognises every file, each as one thing", () => {
        const kinds = [isPabulib, isPrefLib];
        const tables = [isRankedBallots, isCandidates, isReferendum];
        for (const place of ["pb", "ranked", "referendum"]) {
          for (const name of readdirSync(folder + place).filter((file) => file !== "expected.json")) {
            const file = read(folder, `${place}/${name}`);
            const nameless = { name: "nameless", text: file.text };
            const found = [
              ...kinds.map((is) => is(file)),
              ...tables.map((is) => name.endsWith(".csv") && is(headerOf(file.text))),
            ];
            expect(found.filter(Boolean), name).to.have.length(1);
            expect(kinds.map((is) => is(nameless))).to.deep.equal(kinds.map((is) => is(file)));
          }
        }
      });

      it("reads participatory budgets, and writes them as they were", () => {
        for (const what of expected(folder, "pb") as ExpectedBudget[]) {
          const source = read(folder, `pb/${what.file}`);
          const { election, faults, remarks } = importPabulib(source);
          expect(faults).to.deep.equal([]);
          expect(remarks).to.deep.equal([]);
          expect(Number(writeExact(election!.budget))).to.equal(what.budget);
          expect(election!.projects).to.have.length(what.projects);
          expect(election!.ballots).to.have.length(what.ballots);
          const approvals = election!.ballots.reduce((sum, { projects }) => sum + projects.length, 0);
          expect(approvals).to.equal(what.sum_of_approvals);
          expect(exportPabulib(election!)).to.equal(source.text);
          expect(importPabulib({ ...source, text: disguised(source.text) }).election).to.deep.equal(election);
        }
      });

      it("reads ranked ballots, and writes them as they were", () => {
        const names = readdirSync(`${folder}ranked`);
        const tables = names.filter((name) => name.endsWith(".csv")).map((name) => read(folder, `ranked/${name}`));
        const { alone, pairs } = pairRankedFiles(
          tables.filter(({ text }) => isRankedBallots(headerOf(text))),
          tables.filter(({ text }) => isCandidates(headerOf(text))),
        );
        expect(alone).to.deep.equal([]);
        for (const what of expected(folder, "ranked") as ExpectedRanking[]) {
          const pair = pairs.find(({ ballots }) => ballots.name === `ranked/${what.election}.ballots.csv`);
          if (pair !== undefined) {
            const { election, faults, rowCount } = importRankedBallots(pair);
            expect(faults).to.deep.equal([]);
            expect(rowCount).to.equal(what.distinct_rankings + what.candidates);
            expectRanked(election!, what);
            const texts = { ballots: pair.ballots.text, candidates: pair.candidates.text };
            expect(exportRankedBallots(election!)).to.deep.equal(texts);
            const other = {
              ballots: { ...pair.ballots, text: disguised(texts.ballots) },
              candidates: { ...pair.candidates, text: disguised(texts.candidates) },
            };
            expect(importRankedBallots(other).election).to.deep.equal(election);
            const { ballots } = importPrefLib({ name: "x", text: exportPrefLib(prefLibOf(election!)) }).election!;
            expect(ballots.map(({ count, levels }) => [count, levels])).to.deep.equal(
              election!.ballots.map(({ count, levels }) => [count, levels]),
            );
          } else {
            const source = read(folder, `ranked/${names.find((name) => name.startsWith(`${what.election}.`)) ?? ""}`);
            const { election, faults, rowCount } = importPrefLib(source);
            expect(faults).to.deep.equal([]);
            expect(rowCount).to.equal(what.distinct_rankings);
            expectRanked(election!, what);
            expect(prefLibOf(election!).type).to.equal(election!.type);
            expect(exportPrefLib(election!)).to.equal(source.text);
            expect(importPrefLib({ ...source, text: disguised(source.text) }).election).to.deep.equal(election);
          }
        }
      });

      it("reads counts of referendums, and writes them as they were", () => {
        const results = expected(folder, "referendum") as Record<string, Record<string, number | string>>;
        for (const name of readdirSync(`${folder}referendum`).filter((file) => file !== "expected.json")) {
          const source = read(folder, `referendum/${name}`);
          const { faults, referendum, rowCount } = importReferendum(source);
          expect(faults).to.deep.equal([]);
          expect(rowCount).to.equal(referendum!.rows.length);
          const what = Object.entries(results).find(([key]) => name.startsWith(key))![1];
          const { counts, votes } = referendumTotals(referendum!);
          for (const [option, count] of referendum!.options.map((key, at) => [key, votes[at]] as const)) {
            expect(count).to.equal(what[option]);
          }
          const most = Math.max(...votes);
          expect(referendum!.options[votes.indexOf(most)]).to.equal(what.outcome);
          for (const [column, count] of Object.entries(counts)) expect(count).to.equal(what[column]);
          expect(rowCount).to.equal(what.areas ?? 1);
          expect(exportReferendum(referendum!)).to.equal(source.text);
          expect(importReferendum({ ...source, text: disguised(source.text) }).referendum).to.deep.equal(referendum);
        }
      });
    });
  }

  describe("importPabulib", () => {
    const META = ["META", "key;value", "budget;100", "vote_type;approval"];
    const PROJECTS = ["PROJECTS", "project_id;cost;name", "1;40;A", "2;60;B", "3;7;C"];
    const file = (...lines: string[]) => ({ name: "x.pb", text: `${lines.join("\n")}\n` });
    const withVotes = (type: string, header: string, ...rows: string[]) =>
      importPabulib(
        file("META", "key;value", "budget;100", `vote_type;${type}`, ...PROJECTS, "VOTES", header, ...rows),
      );

    it("keeps what it does not know, in the order of the file", () => {
      const text = [
        "META",
        "key;value",
        "2017;a year as a key",
        "budget;500000.00",
        "vote_type;approval",
        'comment;"#1: a; b ""c"""',
        "num_projects;2",
        "num_votes;1",
        "PROJECTS",
        "category;project_id;2017;cost;name",
        "green, blue;B/7;x;0.5; trees",
        "grey;A-1;;500000.01;roads, and more ",
        "VOTES",
        "sex;vote;voter_id",
        ";A-1,B/7;7",
        "",
      ].join("\n");
      const { election, faults, rowCount } = importPabulib({ name: "x.pb", text });
      expect(faults).to.deep.equal([]);
      expect(rowCount).to.equal(6 + 2 + 1);
      expect([...election!.meta]).to.deep.equal([
        ["2017", "a year as a key"],
        ["budget", "500000.00"],
        ["vote_type", "approval"],
        ["comment", '#1: a; b "c"'],
        ["num_projects", "2"],
        ["num_votes", "1"],
      ]);
      expect(election!.budget).to.deep.equal({ units: 50_000_000n, decimals: 2 });
      expect(election!.decimals).to.equal(2);
      expect(election!.projects.map(({ id, cost }) => [id, decimalUnits(cost, 2)])).to.deep.equal([
        ["B/7", 50n],
        ["A-1", 50_000_001n],
      ]);
      expect(election!.projects.map(projectName)).to.deep.equal(["trees", "roads, and more"]);
      expect([...election!.projects[1]!.details]).to.deep.equal([
        ["category", "grey"],
        ["2017", ""],
        ["name", "roads, and more "],
      ]);
      expect(election!.ballots).to.deep.equal([
        { file: "x.pb", line: 15, voterId: "7", projects: ["A-1", "B/7"], points: [], details: new Map([["sex", ""]]) },
      ]);
      expect(exportPabulib(election!)).to.equal(text.replace("; trees", ";trees"));
    });

    it("reads an election without projects, without voters, and without both", () => {
      const votes = ["VOTES", "voter_id;vote"];
      const nobody = importPabulib(file(...META, ...PROJECTS, ...votes));
      expect([nobody.faults, nobody.election!.ballots]).to.deep.equal([[], []]);
      const nothing = importPabulib(file(...META, "PROJECTS", "project_id;cost", ...votes, "7;"));
      expect([nothing.faults, nothing.election!.projects]).to.deep.equal([[], []]);
      expect(nothing.election!.ballots.map(({ projects }) => projects)).to.deep.equal([[]]);
      const none = importPabulib(file(...META, "PROJECTS", "project_id;cost", ...votes)).election!;
      expect(none.decimals).to.equal(0);
      expect(importPabulib({ name: "x", text: exportPabulib(none) }).election!.ballots).to.deep.equal([]);
    });

    it("reads pots that fit everything or nothing, projects that are free, and voters who approve nothing", () => {
      const projects = ["PROJECTS", "project_id;cost", "dear;101", "free;0", "exact;100.00"];
      const { election, faults, remarks } = importPabulib(
        file(...META, "min_length;1", ...projects, "VOTES", "voter_id;vote", "1;", "2; ", "3;dear"),
      );
      expect([faults, remarks]).to.deep.equal([[], []]);
      const { ballots, budget, projects: found } = election!;
      expect(found.map(({ cost }) => compareDecimals(cost, budget))).to.deep.equal([1, -1, 0]);
      expect(ballots.map((ballot) => ballot.projects)).to.deep.equal([[], [], ["dear"]]);
      const empty = importPabulib(
        file(...META.slice(0, 2), "budget;0", META[3]!, ...projects, "VOTES", "voter_id;vote"),
      );
      expect(empty.faults).to.deep.equal([]);
    });

    it("reads decimal commas, and writes points", () => {
      const projects = ["PROJECTS", "project_id;cost", "1;8000,0", "2;-0,5"];
      const { election, faults } = importPabulib(file(...META, ...projects, "VOTES", "voter_id;vote", "a;1"));
      expect(told(faults)).to.deep.equal([[8, "cost", "negative"]]);
      expect(election!.projects[0]!.cost).to.deep.equal({ units: 80_000n, decimals: 1 });
      expect(exportPabulib(election!)).to.contain("\n1;8000.0\n");
    });

    it("reads every type of ballots", () => {
      const choice = withVotes("choose-1", "voter_id;vote", "a;2", "b;").election!;
      expect(choice.ballots.map(({ projects }) => projects)).to.deep.equal([["2"], []]);
      const order = withVotes("Ordinal", "voter_id;vote", "a;3,1,2", "b;2");
      expect([order.election!.voteType, order.election!.ballots[0]!.projects]).to.deep.equal([
        "ordinal",
        ["3", "1", "2"],
      ]);
      const points = withVotes("cumulative", "points;voter_id;vote", "3, 2.5;a;1,3", ";b;");
      expect(points.faults).to.deep.equal([]);
      expect(points.election!.ballots[0]!.points).to.deep.equal([
        { units: 3n, decimals: 0 },
        { units: 25n, decimals: 1 },
      ]);
      const scores = withVotes("scoring", "voter_id;vote;points", "a;1,3;-2,0");
      expect(scores.election!.ballots[0]!.points.map(writeExact)).to.deep.equal(["-2", "0"]);
      // Where ballots have no points, a column of that name is any column.
      const other = withVotes("approval", "voter_id;vote;points", "a;1,3;x").election!.ballots[0]!;
      expect([other.points, other.details]).to.deep.equal([[], new Map([["points", "x"]])]);
    });

    it("reads sections in any order, small titles, and rows that a spreadsheet has filled up", () => {
      const { election, faults } = importPabulib(
        file(
          "votes;;;",
          "voter_id;vote;;",
          "1;2,1;;",
          ...PROJECTS,
          "Meta;;",
          "key; value;",
          "budget; 100;",
          "vote_type; approval;;",
        ),
      );
      expect(faults).to.deep.equal([]);
      expect(election!.ballots.map(({ line, projects }) => [line, projects])).to.deep.equal([[3, ["2", "1"]]]);
    });

    it("keeps quotation marks inside a cell, and names a cell with several lines by its first", () => {
      const { election, faults } = importPabulib(
        file(
          ...META,
          "PROJECTS",
          "project_id;cost;name",
          '1;40;Kino "Orlik"',
          '2;60;"a\nb"',
          '3;x;"c\nd"',
          '4;5;"e" f',
        ),
      );
      expect(told(faults)).to.deep.equal([
        [1, "", "the section VOTES is missing"],
        [10, "cost", "not a number"],
      ]);
      expect(election).to.be.undefined;
      const whole = importPabulib(
        file(
          ...META,
          "PROJECTS",
          "project_id;cost;name",
          '1;40;Kino "Orlik"',
          '2;6;"a\nVOTES\nb"',
          "VOTES",
          "voter_id;vote",
        ),
      ).election!;
      expect(whole.projects.map(({ details, line }) => [line, details.get("name")])).to.deep.equal([
        [7, 'Kino "Orlik"'],
        [8, "a\nVOTES\nb"],
      ]);
      expect(
        importPabulib({ name: "x", text: exportPabulib(whole) }).election!.projects.map(projectName),
      ).to.deep.equal(['Kino "Orlik"', "a\nVOTES\nb"]);
    });

    it("names what is wrong with META and leaves the rest", () => {
      const { election, faults } = importPabulib(
        file(
          ...META,
          "budget;7",
          ";x",
          "comment;a;b",
          "max_length;many",
          "num_projects;4",
          "num_votes;0",
          ...PROJECTS,
          "VOTES",
          "voter_id;vote",
          "1;1",
        ),
      );
      expect(told(faults)).to.deep.equal([
        [5, "key", "the key stands in line 3 already"],
        [6, "key", "the cell is empty"],
        [7, "", "the row has 3 cells, the header 2"],
        [8, "max_length", "not a number"],
        [9, "num_projects", "there are 3 in the file"],
        [10, "num_votes", "there are 1 in the file"],
      ]);
      expect(describeFault(faults[4]!)).to.equal(
        'x.pb, line 9, column num_projects, value "4": there are 3 in the file',
      );
      expect(election!.budget.units).to.equal(100n);
      expect(election!.ballots).to.have.length(1);
    });

    it("cannot read a file without a budget or a type of ballots", () => {
      const rest = [...PROJECTS, "VOTES", "voter_id;vote"];
      const without = (...rows: string[]) => {
        const { election, faults } = importPabulib(file("", "META", "key;value", ...rows, ...rest));
        expect(election).to.be.undefined;
        return told(faults);
      };
      expect(without()).to.deep.equal([
        [2, "budget", "the key is missing"],
        [2, "vote_type", "the key is missing"],
      ]);
      expect(without("budget;-1", "vote_type;lot")).to.deep.equal([
        [4, "budget", "negative"],
        [5, "vote_type", "none of approval, choose-1, ordinal, cumulative, scoring"],
      ]);
      expect(without("budget;1,500", "vote_type;approval")).to.deep.equal([[4, "budget", "not a number"]]);
      const long = `1.${"0".repeat(19)}`;
      expect(without(`budget;${long}`, "vote_type;approval")).to.deep.equal([
        [4, "budget", "more than 18 digits after the point"],
      ]);
      expect(without(`budget;${1n << 128n}`, "vote_type;approval")).to.deep.equal([[4, "budget", "too great"]]);
      expect(without("budget;", "vote_type;approval")).to.deep.equal([[4, "budget", "the cell is empty"]]);
    });

    it("cannot read a file without its sections and their columns", () => {
      const reasons = (...lines: string[]) => {
        const { election, faults, rowCount } = importPabulib(file(...lines));
        expect(election).to.be.undefined;
        expect(rowCount).to.be.a("number");
        return told(faults);
      };
      expect(reasons("", " ")).to.deep.equal([[1, "", "the file is empty"]]);
      expect(reasons(...META, "VOTES", "voter_id;vote")).to.deep.equal([[1, "", "the section PROJECTS is missing"]]);
      expect(reasons("a;b", ...META, ...PROJECTS, "VOTES")).to.deep.equal([
        [1, "", "the row stands before the first section"],
        [11, "", "the section has no header"],
      ]);
      expect(reasons(...META, "PROJECTS", "id;cost;cost", "1;2;3", "VOTES", "voter_id")).to.deep.equal([
        [6, "project_id", "the column is missing"],
        [6, "cost", "the column stands there twice"],
        [9, "vote", "the column is missing"],
      ]);
      expect(reasons("META", "key;text", ...PROJECTS, "VOTES", "voter_id;vote")).to.deep.equal([
        [2, "value", "the column is missing"],
      ]);
      expect(reasons(...META.slice(0, 3), "vote_type;scoring", ...PROJECTS, "VOTES", "voter_id;vote")).to.deep.equal([
        [11, "points", "the column is missing"],
      ]);
      expect(reasons(...META, ...PROJECTS, "VOTES", "voter_id;vote", '1;"2', "2;1")).to.deep.equal([
        [12, "", "a quotation mark is not closed"],
      ]);
      const twice = importPabulib(file(...META, ...PROJECTS, "VOTES", "voter_id;vote", "META", "key;value", "a;b"));
      expect(told(twice.faults)).to.deep.equal([
        [12, "", "the section begins in line 1 already; this one is left out"],
      ]);
      expect(twice.election!.meta.has("a")).to.be.false;
    });

    it("leaves out projects with a fault, and keeps the rest of ballots that name them", () => {
      const { election, faults } = importPabulib(
        file(
          "META",
          "key;value",
          "budget;100",
          "vote_type;cumulative",
          "PROJECTS",
          "project_id;cost;name",
          "1;40;A",
          "2;ten;B",
          "1;50;C",
          ";5;D",
          "a,b;5;E",
          "4;-5;F",
          "5;5",
          "6;5;G",
          "VOTES",
          "voter_id;vote;points",
          "x;2,1,6;3,2,1",
        ),
      );
      expect(told(faults)).to.deep.equal([
        [8, "cost", "not a number"],
        [9, "project_id", "this project stands in line 7 already"],
        [10, "project_id", "the cell is empty"],
        [11, "project_id", "an id with a comma cannot stand in a ballot"],
        [12, "cost", "negative"],
        [13, "name", "the row has 2 cells, the header 3"],
      ]);
      expect(election!.projects.map(({ id }) => id)).to.deep.equal(["1", "6"]);
      const [ballot] = election!.ballots;
      expect([ballot!.projects, ballot!.points.map(writeExact)]).to.deep.equal([
        ["1", "6"],
        ["2", "1"],
      ]);
    });

    it("names what is wrong with a ballot and leaves it out", () => {
      const { election, faults, rowCount } = withVotes(
        "cumulative",
        "voter_id;vote;points",
        "a;1;2",
        "a;2;2",
        ";1;2",
        "b;1,9;1,1",
        "c;1,1;1,1",
        "d;1,,2;1,1",
        "e;1,2;1",
        "f;1;-1",
        "g;1;x",
        "h;1",
        "i;1;2;3",
        "j;;",
      );
      expect(election!.ballots.map(({ voterId }) => voterId)).to.deep.equal(["a", "j"]);
      expect(rowCount).to.equal(2 + 3 + 12);
      expect(told(faults)).to.deep.equal([
        [13, "voter_id", "this voter stands in line 12 already"],
        [14, "voter_id", "the cell is empty"],
        [15, "vote", "there is no project 9"],
        [16, "vote", "project 1 stands there twice"],
        [17, "vote", "an empty place in the list"],
        [18, "points", "1 numbers for 2 projects"],
        [19, "points", "negative"],
        [20, "points", "not a number"],
        [21, "points", "the row has 2 cells, the header 3"],
        [22, "", "the row has 4 cells, the header 3"],
      ]);
    });

    it("remarks ballots that break a limit, and keeps them", () => {
      const meta = ["META", "key;value", "budget;100", "vote_type;cumulative", "min_length;2", "max_length;2"];
      const limits = ["min_sum_cost;10", "max_sum_cost;66.5", "min_points;1", "max_points;4"];
      const { election, faults, remarks } = importPabulib(
        file(
          ...meta,
          ...limits,
          "min_sum_points;2",
          "max_sum_points;5.5",
          ...PROJECTS,
          "VOTES",
          "voter_id;vote;points",
          "a;1,3;2,3.5",
          "b;3;1",
          "c;1,2,3;1,1,1",
          "d;2,3;5,0.5",
          "e;1,3;3,2.51",
          "f;;",
        ),
      );
      expect(faults).to.deep.equal([]);
      expect(election!.ballots).to.have.length(6);
      expect(told(remarks)).to.deep.equal([
        [21, "vote", "number of projects 1, less than min_length 2"],
        [21, "vote", "sum of costs 7, less than min_sum_cost 10"],
        [21, "points", "sum of points 1, less than min_sum_points 2"],
        [22, "vote", "number of projects 3, more than max_length 2"],
        [22, "vote", "sum of costs 107, more than max_sum_cost 66.5"],
        [23, "vote", "sum of costs 67, more than max_sum_cost 66.5"],
        [23, "points", "points 5, more than max_points 4"],
        [23, "points", "points 0.5, less than min_points 1"],
        [24, "points", "sum of points 5.51, more than max_sum_points 5.5"],
      ]);
      expect(remarks[0]).to.deep.include({ file: "x.pb", value: "3" });
      expect(told(withVotes("choose-1", "voter_id;vote", "a;2", "b;2,3").remarks)).to.deep.equal([
        [13, "vote", "2 projects where a voter has one choice"],
      ]);
    });
  });

  describe("exportPabulib", () => {
    const base = (): PabulibElection =>
      importPabulib({
        name: "x.pb",
        text: "META\nkey;value\nbudget;9\nvote_type;approval\nPROJECTS\nproject_id;cost\n1;2\nVOTES\nvoter_id;vote\na;1\n",
      }).election!;

    it("takes counts, budget and type from the election, and adds those that META lacks", () => {
      const election: PabulibElection = { ...base(), budget: { units: 1_050n, decimals: 2 }, voteType: "ordinal" };
      expect(exportPabulib(election)).to.equal(
        "META\nkey;value\nbudget;10.50\nvote_type;ordinal\nnum_projects;1\nnum_votes;1\n" +
          "PROJECTS\nproject_id;cost\n1;2\nVOTES\nvoter_id;vote\na;1\n",
      );
    });

    it("refuses what the format does not allow", () => {
      const election = base();
      const [project] = election.projects;
      const [ballot] = election.ballots;
      expectRefusal(
        () => exportPabulib({ ...election, projects: [{ ...project!, id: "1,5" }], ballots: [] }),
        [9, "project_id", "an id with a comma cannot stand in a ballot"],
      );
      expectRefusal(
        () => exportPabulib({ ...election, ballots: [{ ...ballot!, projects: ["2"] }] }),
        [12, "vote", "there is no project 2"],
      );
      expectRefusal(
        () => exportPabulib({ ...election, ballots: [ballot!, ballot!] }),
        [13, "voter_id", "this voter stands in line 12 already"],
      );
      // Nothing is wrong with the file, but it would read as another one.
      expectRefusal(() => exportPabulib({ ...election, meta: new Map([["comment", "a\rb"]]) }));
      expect(new ExportError([]).message).to.equal("the format has no way to write every character of this");
      expect(() => exportPabulib({ ...election, projects: [{ ...project!, id: "" }], ballots: [] })).to.throw(
        ExportError,
        "the format does not allow this: election.pb, line 9, column project_id: the cell is empty",
      );
    });

    it("writes what it reads, whatever it is", () => {
      const random = new Random(11);
      for (let run = 0; run < FUZZ_RUNS; run++) {
        const election = randomBudget(random);
        const text = exportPabulib(election);
        const again = importPabulib({ name: "x.pb", text });
        expect(again.faults).to.deep.equal([]);
        expect(exportPabulib(again.election!)).to.equal(text);
        const bare = ({ ballots, projects, meta: _, ...rest }: PabulibElection) => ({
          ...rest,
          ballots: ballots.map(({ line: _line, ...ballot }) => ballot),
          projects: projects.map(({ line: _line, ...project }) => project),
        });
        expect(bare(again.election!)).to.deep.equal(bare(election));
        for (const [key, value] of election.meta) expect(again.election!.meta.get(key)).to.equal(value);
      }
    });
  });

  describe("importPrefLib", () => {
    const HEAD = ["# TITLE: T", "# NUMBER ALTERNATIVES: 3", "# NUMBER VOTERS: 7", "# NUMBER UNIQUE ORDERS: 2"];
    const NAMES = ["# ALTERNATIVE NAME 1: A: the first", "# ALTERNATIVE NAME 2: B", "# ALTERNATIVE NAME 3: C"];
    const file = (name: string, ...lines: string[]) => ({ name, text: `${lines.join("\n")}\n` });
    const orders = (type: string, ...lines: string[]) =>
      importPrefLib(file(`x.${type}`, "# NUMBER ALTERNATIVES: 3", ...NAMES, ...lines));
    const levelsOf = ({ election }: ReturnType<typeof importPrefLib>) => election!.ballots.map(({ levels }) => levels);

    it("reads metadata, names and orders, with blanks or without", () => {
      const { election, faults, rowCount } = importPrefLib(
        file("x.toi", ...HEAD, ...NAMES, "# RELATED FILES:", " 5 : 3, { 2 ,1 }", "2:{}"),
      );
      expect(faults).to.deep.equal([]);
      expect(rowCount).to.equal(2);
      expect(election!.type).to.equal("toi");
      expect(election!.candidates).to.deep.equal(["A: the first", "B", "C"]);
      expect([...election!.metadata.keys()]).to.deep.equal([
        "TITLE",
        "NUMBER ALTERNATIVES",
        "NUMBER VOTERS",
        "NUMBER UNIQUE ORDERS",
        "RELATED FILES",
      ]);
      expect(election!.ballots).to.deep.equal([
        { file: "x.toi", line: 9, count: 5, levels: [[3], [2, 1]] },
        { file: "x.toi", line: 10, count: 2, levels: [] },
      ]);
    });

    it("reads an election without voters, and one without alternatives", () => {
      expect(orders("soc").election!.ballots).to.deep.equal([]);
      const none = importPrefLib(file("x.soc", "# NUMBER ALTERNATIVES: 0", "# NUMBER VOTERS: 3", "3:"));
      expect(none.faults).to.deep.equal([]);
      expect([none.election!.candidates, levelsOf(none)]).to.deep.equal([[], [[]]]);
    });

    it("takes the type from the metadata where the extension says none", () => {
      const named = importPrefLib(
        file("ballots.txt", "# DATA TYPE: SOI", ...HEAD.slice(1), ...NAMES, "5: 1", "2: 2,1"),
      );
      expect([named.faults, named.election!.type]).to.deep.equal([[], "soi"]);
      const none = importPrefLib(file("ballots.txt", ...HEAD, ...NAMES, "5: 1", "2: 2"));
      expect(none.election).to.be.undefined;
      expect(told(none.faults)).to.deep.equal([[1, "DATA TYPE", "the key is missing"]]);
      const other = importPrefLib(file("x.txt", "# DATA TYPE: cat", ...HEAD, ...NAMES, "5: 1", "2: 2"));
      expect(other.election).to.be.undefined;
      expect(told(other.faults)).to.deep.equal([[1, "DATA TYPE", "none of soc, soi, toc, toi"]]);
      const both = importPrefLib(file("x.SOC", "# DATA TYPE: soi", ...HEAD, ...NAMES, "5: 1", "2: 2"));
      expect(told(both.faults)).to.deep.equal([[1, "DATA TYPE", "the file's extension is soc"]]);
      expect(both.election!.type).to.equal("soi");
    });

    it("holds orders to the type of the file", () => {
      const lines = ["4: 1,2,3", "3: 1,2", "2: {1,2},3", "1: {1,3}", "1:"];
      const tie = (type: string) => `a tie in a file of type ${type}`;
      const short = (ranked: number, type: string) => `${ranked} of 3 alternatives in a file of type ${type}`;
      expect(told(orders("soc", ...lines).faults)).to.deep.equal([
        [6, "order", short(2, "soc")],
        [7, "order", tie("soc")],
        [8, "order", tie("soc")],
        [9, "order", short(0, "soc")],
      ]);
      expect(told(orders("soi", ...lines).faults)).to.deep.equal([
        [7, "order", tie("soi")],
        [8, "order", tie("soi")],
      ]);
      const complete = orders("toc", ...lines);
      expect(told(complete.faults)).to.deep.equal([
        [6, "order", short(2, "toc")],
        [8, "order", short(2, "toc")],
        [9, "order", short(0, "toc")],
      ]);
      expect(levelsOf(complete)).to.deep.equal([
        [[1], [2], [3]],
        [[1, 2], [3]],
      ]);
      expect(orders("toi", ...lines).faults).to.deep.equal([]);
    });

    it("names what is wrong with an order and leaves it out", () => {
      const { election, faults, rowCount } = orders(
        "toi",
        "5: 2,{1,3}",
        "5: 2,{3,1}",
        "0: 1",
        "x: 1",
        ": 1",
        "1.5: 1",
        "1: 4",
        "1: 0,1",
        "1: 1,2,1",
        "1: {1,2},2",
        "1: 1,,2",
        "1: 1,{2,}",
        "1: 1,{2",
        "1: 1}2",
        "1: 1 2",
        "1: B",
        "1,2",
      );
      expect(election!.ballots.map(({ line }) => line)).to.deep.equal([5]);
      expect(rowCount).to.equal(17);
      const none = "not an order such as 4,{1,2}";
      expect(told(faults)).to.deep.equal([
        [6, "order", "this order stands in line 5 already"],
        [7, "count", "below 1"],
        [8, "count", "not a number"],
        [9, "count", "the cell is empty"],
        [10, "count", "not a whole number"],
        [11, "order", "there is no candidate 4"],
        [12, "order", "there is no candidate 0"],
        [13, "order", "candidate 1 stands there twice"],
        [14, "order", "candidate 2 stands there twice"],
        [15, "order", "an empty place in the ranking"],
        [16, "order", "an empty place in the ranking"],
        [17, "order", none],
        [18, "order", none],
        [19, "order", "1 2 is not the number of a candidate"],
        [20, "order", "B is not the number of a candidate"],
        [21, "", "not a line such as 12: 4,{1,2}"],
      ]);
    });

    it("names what is wrong with the metadata and leaves nothing out", () => {
      const { election, faults } = importPrefLib(
        file(
          "x.soi",
          "# TITLE: T",
          "# TITLE: U",
          "# no key",
          "# NUMBER ALTERNATIVES: 4",
          "# NUMBER VOTERS: 9",
          "# NUMBER UNIQUE ORDERS: 3",
          "# ALTERNATIVE NAME 1: A",
          "# ALTERNATIVE NAME 1: B",
          "# ALTERNATIVE NAME 2: A",
          "# ALTERNATIVE NAME 5: E",
          "# ALTERNATIVE NAME 4:",
          "5: 1,4",
          "# ALTERNATIVE NAME 3: C",
          "2: 2",
        ),
      );
      expect(told(faults)).to.deep.equal([
        [2, "TITLE", "the key stands in line 1 already"],
        [3, "", "not a line such as # TITLE: text"],
        [4, "NUMBER ALTERNATIVES", "alternative 4 has no name"],
        [5, "NUMBER VOTERS", "the counts come to 7"],
        [6, "NUMBER UNIQUE ORDERS", "there are orders: 2"],
        [8, "ALTERNATIVE NAME 1", "this alternative stands in line 7 already"],
        [9, "ALTERNATIVE NAME 2", "the alternative in line 7 has this name, too"],
        [10, "ALTERNATIVE NAME 5", "alternative 5 is not one of 1 to 4"],
        [11, "ALTERNATIVE NAME 4", "the cell is empty"],
        [13, "", "metadata stand before the orders"],
      ]);
      expect(election!.candidates).to.deep.equal(["A", "A", "C", "4"]);
      expect(election!.ballots).to.have.length(2);
      const many = importPrefLib(file("x.soi", "# NUMBER ALTERNATIVES: 3", "1: 3"));
      expect(told(many.faults)).to.deep.equal([[1, "NUMBER ALTERNATIVES", "alternative 1 and 2 more has no name"]]);
      const lacking = importPrefLib(file("x.soi", "", ...NAMES, "1: 3"));
      expect(told(lacking.faults)).to.deep.equal([[2, "NUMBER ALTERNATIVES", "the key is missing"]]);
      expect(lacking.election!.candidates).to.have.length(3);
      expect(told(importPrefLib(file("x.soi", "", "")).faults)).to.deep.equal([[1, "", "the file is empty"]]);
      const broken = importPrefLib(
        file("x.soi", "# NUMBER ALTERNATIVES: three", ...NAMES, "# NUMBER VOTERS: -1", "1: 3"),
      );
      expect(told(broken.faults)).to.deep.equal([
        [1, "NUMBER ALTERNATIVES", "not a number"],
        [5, "NUMBER VOTERS", "negative"],
      ]);
      // A count that cannot be read leaves the sum unknown.
      expect(told(orders("soi", "# NUMBER VOTERS: 5", "x: 1").faults)).to.deep.equal([[6, "count", "not a number"]]);
    });

    it("reads the older form", () => {
      const OLD = ["3", "1,A, the first", "2,B", "3,C", "7,7,2", "5,3,{2,1}", "2,{},1"];
      const { election, faults, rowCount } = importPrefLib(file("ED-00001.toi", ...OLD));
      expect([faults, rowCount]).to.deep.equal([[], 2]);
      expect(election!.candidates).to.deep.equal(["A, the first", "B", "C"]);
      expect(election!.ballots.map(({ count, levels, line }) => [line, count, levels])).to.deep.equal([
        [6, 5, [[3], [2, 1]]],
        [7, 2, [[1]]],
      ]);
      expect(exportPrefLib(election!)).to.equal(
        [
          "# DATA TYPE: toi",
          "# NUMBER ALTERNATIVES: 3",
          "# NUMBER VOTERS: 7",
          "# NUMBER UNIQUE ORDERS: 2",
          "# ALTERNATIVE NAME 1: A, the first",
          "# ALTERNATIVE NAME 2: B",
          "# ALTERNATIVE NAME 3: C",
          "5: 3,{2,1}",
          "2: 1",
          "",
        ].join("\n"),
      );
      const typeOf = (...rows: string[]) =>
        importPrefLib(file("x", "2", "1,A", "2,B", `${rows.length},${rows.length},${rows.length}`, ...rows)).election!
          .type;
      expect([typeOf("1,1,2"), typeOf("1,1"), typeOf("1,{1,2}"), typeOf("1,1", "1,{1,2}")]).to.deep.equal([
        "soc",
        "soi",
        "toc",
        "toi",
      ]);
    });

    it("names what is wrong with the older form", () => {
      const old = (...lines: string[]) => told(importPrefLib(file("x.soi", ...lines)).faults);
      expect(old("2", "1,A", "2,B", "3,4,1", "5,1", "5,2")).to.deep.equal([
        [4, "sum of counts", "the counts come to 10"],
        [4, "orders", "there are orders: 2"],
      ]);
      expect(old("2", "1,A", "x,B", "5,5", "5,1")).to.deep.equal([
        [1, "alternatives", "alternative 2 has no name"],
        [3, "name", "x is not the number of a candidate"],
        [4, "", "not a line with voters, sum of counts and orders"],
      ]);
      expect(old("1", "1,A")).to.deep.equal([[1, "", "the line with voters, sum of counts and orders is missing"]]);
      expect(old("1", "1,A", "1,1,x", "1")).to.deep.equal([[3, "orders", "not a number"]]);
      expect(old("100001")[0]).to.deep.equal([1, "alternatives", "above 100000"]);
    });
  });

  describe("exportPrefLib", () => {
    it("refuses what the format does not allow", () => {
      const election: PrefLibElection = {
        type: "soi",
        metadata: new Map([["TITLE", "T"]]),
        candidates: ["A", "B"],
        ballots: [{ file: "", line: 0, count: 1, levels: [[1]] }],
      };
      const withBallot = (change: Partial<RankedBallots>) => ({
        ...election,
        ballots: [{ ...election.ballots[0]!, ...change }],
      });
      expect(exportPrefLib(election)).to.contain("1: 1\n");
      expectRefusal(() => exportPrefLib(withBallot({ levels: [[1, 2]] })), [8, "order", "a tie in a file of type soi"]);
      expectRefusal(() => exportPrefLib(withBallot({ levels: [[3]] })), [8, "order", "there is no candidate 3"]);
      expectRefusal(() => exportPrefLib(withBallot({ count: 0 })), [8, "count", "below 1"]);
      expectRefusal(
        () => exportPrefLib({ ...election, ballots: [election.ballots[0]!, election.ballots[0]!] }),
        [9, "order", "this order stands in line 8 already"],
      );
      expectRefusal(
        () => exportPrefLib({ ...election, candidates: ["A", "A"] }),
        [7, "ALTERNATIVE NAME 2", "the alternative in line 6 has this name, too"],
      );
      expectRefusal(() => exportPrefLib({ ...election, candidates: ["A", " B"] }));
      expectRefusal(() => exportPrefLib({ ...election, metadata: new Map([["TITLE", "T\n# SUBTITLE: S"]]) }));
      expectRefusal(() => exportPrefLib({ ...election, metadata: new Map([["A: B", "C"]]) }));
    });

    it("writes what it reads, whatever it is", () => {
      const random = new Random(12);
      const types = new Set<string>();
      for (let run = 0; run < FUZZ_RUNS; run++) {
        const election = prefLibOf(randomRanking(random), new Map([["TITLE", randomName(random, run)]]));
        types.add(election.type);
        const text = exportPrefLib(election);
        const again = importPrefLib({ name: "", text });
        expect(again.faults).to.deep.equal([]);
        expect(exportPrefLib(again.election!)).to.equal(text);
        expect(again.election!.candidates).to.deep.equal(election.candidates);
        expect(ballotsOf(again.election!)).to.deep.equal(ballotsOf(election));
      }
      expect([...types].sort()).to.deep.equal(["soc", "soi", "toc", "toi"]);
    });
  });

  describe("prefLibOf", () => {
    it("has one line for each ranking, in whatever order tied candidates are listed", () => {
      const row = (count: number, levels: RankingLevels): RankedBallots => ({ file: "", line: 0, count, levels });
      const ballots = [row(2, [[1, 2]]), row(3, [[2], [1]]), row(4, [[2, 1]])];
      const { ballots: merged, type } = prefLibOf({ candidates: ["A", "B"], ballots });
      expect(type).to.equal("toc");
      expect(merged.map(({ count, levels }) => [count, levels])).to.deep.equal([
        [6, [[1, 2]]],
        [3, [[2], [1]]],
      ]);
    });
  });

  describe("importRankedBallots", () => {
    const table = (name: string, header: string, ...rows: string[]) => ({ name, text: [header, ...rows].join("\n") });
    const candidates = (...rows: string[]) => table("c.csv", "no,name", ...rows);
    const ballots = (...rows: string[]) => table("b.csv", "count,ranking", ...rows);
    const ABC = candidates("2,B", '1,"A, the first"', "3,C");

    it("reads rankings with ties, short ones and blank ones, and candidates nobody votes for", () => {
      const { election, faults, rowCount } = importRankedBallots({
        candidates: ABC,
        ballots: ballots("3,2>1", "2, 1 = 2 > 3 ", "1,", "4,2>1"),
      });
      expect([faults, rowCount]).to.deep.equal([[], 7]);
      expect(election!.candidates).to.deep.equal(["A, the first", "B", "C"]);
      expect(election!.ballots.map(({ count, levels }) => [count, levels])).to.deep.equal([
        [3, [[2], [1]]],
        [2, [[1, 2], [3]]],
        [1, []],
        [4, [[2], [1]]],
      ]);
      expect(election!.ballots[0]).to.deep.include({ file: "b.csv", line: 2 });
    });

    it("reads an election without ballots, and one without candidates", () => {
      const nobody = importRankedBallots({ candidates: ABC, ballots: ballots() });
      expect([nobody.faults, nobody.election!.ballots]).to.deep.equal([[], []]);
      const none = importRankedBallots({ candidates: candidates(), ballots: ballots("7,") });
      expect([none.faults, none.election!.candidates]).to.deep.equal([[], []]);
      expect(exportRankedBallots(none.election!)).to.deep.equal({
        ballots: "count,ranking\n7,\n",
        candidates: "no,name\n",
      });
    });

    it("names what is wrong with a ballot and leaves it out", () => {
      const { election, faults, rowCount } = importRankedBallots({
        candidates: ABC,
        ballots: ballots("1,1>4", "1,0", "1,1>2=1", "0,1", "x,1", "1,1>>2", "1,>1", "1,A", "1,1,2", "1", "5,3"),
      });
      expect(election!.ballots.map(({ count }) => count)).to.deep.equal([5]);
      expect(rowCount).to.equal(14);
      expect(told(faults)).to.deep.equal([
        [2, "ranking", "there is no candidate 4"],
        [3, "ranking", "there is no candidate 0"],
        [4, "ranking", "candidate 1 stands there twice"],
        [5, "count", "below 1"],
        [6, "count", "not a number"],
        [7, "ranking", "an empty place in the ranking"],
        [8, "ranking", "an empty place in the ranking"],
        [9, "ranking", "A is not the number of a candidate"],
        [10, "", "the row has 3 cells, the header 2"],
        [11, "ranking", "the row has 1 cells, the header 2"],
      ]);
      expect(describeFault(faults[0]!)).to.equal('b.csv, line 2, column ranking, value "1>4": there is no candidate 4');
    });

    it("names what is wrong with a candidate, who keeps the number", () => {
      const { election, faults } = importRankedBallots({
        candidates: candidates("1,A", "1,B", "0,C", "3,", "x,D", '6,"E\nF"'),
        ballots: ballots("1,3>2"),
      });
      expect(told(faults)).to.deep.equal([
        [3, "no", "this candidate stands in line 2 already"],
        [4, "no", "candidates are numbered from 1"],
        [5, "name", "the cell is empty"],
        [5, "no", "there is no candidate 2 before this one"],
        [6, "no", "not a number"],
        [8, "name", "the name has more than one line"],
        [8, "no", "there is no candidate 4 before this one"],
      ]);
      expect(election!.candidates).to.deep.equal(["A", "2", "3", "4", "5", "6"]);
      expect(election!.ballots).to.have.length(1);
    });

    it("cannot read files with other headers", () => {
      const wrong = importRankedBallots({ candidates: table("c.csv", "no,title", "1,A"), ballots: ballots("1,1") });
      expect(wrong.election).to.be.undefined;
      expect(told(wrong.faults)).to.deep.equal([
        [1, "name", "the column is missing"],
        [1, "title", "the format has no such column"],
      ]);
      const empty = importRankedBallots({ candidates: ABC, ballots: { name: "b.csv", text: "" } });
      expect(empty.election).to.be.undefined;
      expect(told(empty.faults)).to.deep.equal([[1, "", "the file is empty"]]);
    });

    it("gives rankings that fit into the word of a ballot paper", () => {
      const { election } = importRankedBallots({ candidates: ABC, ballots: ballots("1,3>2=1", "1,") });
      const words = election!.ballots.map(({ levels }) => packRanking(levels, election!.candidates.length));
      expect(words).to.deep.equal([0x820103n, 0n]);
      expect(words.map((word) => writeRanking(unpackRanking(word)))).to.deep.equal(["3>1=2", ""]);
    });
  });

  describe("pairRankedFiles", () => {
    const named = (...names: string[]) => names.map((name) => ({ name, text: "" }));
    const paired = (ballots: string[], candidates: string[]) => {
      const { alone, pairs } = pairRankedFiles(named(...ballots), named(...candidates));
      return [pairs.map((pair) => [pair.ballots.name, pair.candidates.name]), alone.map(({ name }) => name)];
    };

    it("finds files whose names begin alike, and leaves others alone", () => {
      expect(paired(["mayor.ballots.csv", "may.ballots.csv"], ["may.names.csv", "mayor.names.csv"])).to.deep.equal([
        [
          ["mayor.ballots.csv", "mayor.names.csv"],
          ["may.ballots.csv", "may.names.csv"],
        ],
        [],
      ]);
      expect(paired(["x.csv"], ["y.csv"])).to.deep.equal([[["x.csv", "y.csv"]], []]);
      expect(paired(["a1.csv", "a2.csv"], ["a2n.csv"])).to.deep.equal([[["a2.csv", "a2n.csv"]], ["a1.csv"]]);
      expect(paired([], ["n.csv"])).to.deep.equal([[], ["n.csv"]]);
    });
  });

  describe("exportRankedBallots", () => {
    const row = (levels: RankingLevels): RankedBallots => ({ file: "", line: 0, count: 1, levels });

    it("refuses what the format does not allow", () => {
      const election = { candidates: ["A", "B"], ballots: [row([[2]])] };
      expect(exportRankedBallots(election).ballots).to.equal("count,ranking\n1,2\n");
      expectRefusal(
        () => exportRankedBallots({ ...election, ballots: [row([[3]])] }),
        [2, "ranking", "there is no candidate 3"],
      );
      expectRefusal(
        () => exportRankedBallots({ ...election, candidates: ["A", ""] }),
        [3, "name", "the cell is empty"],
      );
      expectRefusal(() => exportRankedBallots({ ...election, candidates: ["A", "B "] }));
    });

    it("writes what it reads, whatever it is", () => {
      const random = new Random(13);
      for (let run = 0; run < FUZZ_RUNS; run++) {
        const election = randomRanking(random);
        const { ballots, candidates } = exportRankedBallots(election);
        const again = importRankedBallots({
          ballots: { name: "b.csv", text: ballots },
          candidates: { name: "c.csv", text: candidates },
        });
        expect(again.faults).to.deep.equal([]);
        expect(exportRankedBallots(again.election!)).to.deep.equal({ ballots, candidates });
        expect(again.election!.candidates).to.deep.equal(election.candidates);
        expect(ballotsOf(again.election!)).to.deep.equal(ballotsOf(election));
      }
    });
  });

  describe("importReferendum", () => {
    const HEADER = "area,electorate,valid,yes,no,abstain,rejected";
    const table = (header: string, ...rows: string[]) =>
      importReferendum({ name: "r.csv", text: [header, ...rows].join("\n") });

    it("takes every column that it does not know as an option", () => {
      const { faults, referendum, rowCount } = table(HEADER, "North,100,30,10,15,5,2", "South,10,0,0,0,0,0");
      expect([faults, rowCount]).to.deep.equal([[], 2]);
      expect(referendum!.options).to.deep.equal(["yes", "no", "abstain"]);
      expect(referendum!.rows[0]).to.deep.equal({
        file: "r.csv",
        line: 2,
        texts: { area: "North" },
        counts: { electorate: 100, valid: 30, rejected: 2 },
        votes: [10, 15, 5],
      });
      expect(referendumTotals(referendum!)).to.deep.equal({
        votes: [10, 15, 5],
        counts: { electorate: 110, valid: 30, rejected: 2 },
      });
      const questions = table("question,area,yes,no", "A?,North,1,2", "B?,North,2,1", "A?,South,1,1");
      expect([questions.faults, questions.rowCount]).to.deep.equal([[], 3]);
      expect(table(HEADER).referendum!.rows).to.deep.equal([]);
    });

    it("knows a referendum by its header", () => {
      expect(isReferendum(HEADER.split(","))).to.be.true;
      expect(isReferendum(["question", "yes", "no"])).to.be.true;
      expect(isReferendum(["area", "yes"])).to.be.false;
      expect(isReferendum(["yes", "no", "valid"])).to.be.false;
      expect(isReferendum(["area", "yes", "yes"])).to.be.false;
      expect(isReferendum([])).to.be.false;
      const { faults, referendum } = table("area,yes", "North,1");
      expect(referendum).to.be.undefined;
      expect(told(faults)).to.deep.equal([
        [1, "", "unknown header; expected area or question, and two options or more, each column once"],
      ]);
    });

    it("takes options with commas, quotation marks and several lines", () => {
      const header = 'area,"Yes, please","No ""thanks""",maybe," On\nreflection "';
      const { faults, referendum } = table(header, "North,1,2,3,4");
      expect(faults).to.deep.equal([]);
      expect(referendum!.options).to.deep.equal(["Yes, please", 'No "thanks"', "maybe", " On\nreflection "]);
      expect(referendum!.rows[0]!.votes).to.deep.equal([1, 2, 3, 4]);
      expect(exportReferendum(referendum!)).to.equal(`${header}\nNorth,1,2,3,4\n`);
      expect(headerOf('"area,yes\nNorth,1')).to.deep.equal([]);
    });

    it("names what is wrong with a row and leaves it out", () => {
      const header = "area_code,area,electorate,verified_papers,valid,yes,no,rejected";
      const { faults, referendum, rowCount } = table(
        header,
        "A,North,100,32,30,10,20,2",
        "A,South,100,32,30,10,20,2",
        "B,North,100,32,30,10,21,2",
        "C,North,31,31,30,10,20,2",
        "D,North,100,101,30,10,20,2",
        "E,,100,32,30,10,20,2",
        "F,North,100,32,30,x,20,2",
        "G,North,100,32,30,10,-1,2",
        "H,North,100,32,30,10,20,1.5",
        "I,North,100,32,30,10,20",
        "J,North,4294967296,32,30,10,20,2",
        "K,North,100,20,30,10,20,70",
      );
      expect(referendum!.rows.map(({ texts }) => texts.area_code)).to.deep.equal(["A", "K"]);
      expect(rowCount).to.equal(12);
      expect(told(faults)).to.deep.equal([
        [3, "area_code", "its counts stand in line 2 already"],
        [4, "valid", "the options come to 31"],
        [5, "electorate", "32 papers were counted, more than there are voters"],
        [6, "verified_papers", "more papers than the 100 voters"],
        [7, "area", "the cell is empty"],
        [8, "yes", "not a number"],
        [9, "no", "negative"],
        [10, "rejected", "not a whole number"],
        [11, "rejected", "the row has 7 cells, the header 8"],
        [12, "electorate", "above 4294967295"],
      ]);
      expect(describeFault(faults[1]!)).to.equal('r.csv, line 4, column valid, value "30": the options come to 31');
      const regions = table("region,area,yes,no", "X,North,1,2", "Y,North,1,2", "X,North,3,4");
      expect(told(regions.faults)).to.deep.equal([[4, "area", "its counts stand in line 2 already"]]);
      const questions = table("question,yes,no", "A?,1,2", "A?,1,2");
      expect(told(questions.faults)).to.deep.equal([[3, "question", "its counts stand in line 2 already"]]);
    });
  });

  describe("exportReferendum", () => {
    it("refuses what the format does not allow", () => {
      const row = { file: "", line: 0, texts: { area: "North" }, counts: { valid: 3 }, votes: [1, 2] };
      const referendum: Referendum = { columns: ["area", "valid", "yes", "no"], options: ["yes", "no"], rows: [row] };
      expect(exportReferendum(referendum)).to.equal("area,valid,yes,no\nNorth,3,1,2\n");
      expectRefusal(
        () => exportReferendum({ ...referendum, rows: [{ ...row, votes: [1, 3] }] }),
        [2, "valid", "the options come to 4"],
      );
      expectRefusal(
        () => exportReferendum({ ...referendum, rows: [{ ...row, votes: [3] }] }),
        [2, "no", "the cell is empty"],
      );
      expectRefusal(
        () => exportReferendum({ ...referendum, columns: ["valid", "yes", "no"] }),
        [1, "", "unknown header; expected area or question, and two options or more, each column once"],
      );
    });

    it("writes what it reads, whatever it is", () => {
      const random = new Random(14);
      for (let run = 0; run < FUZZ_RUNS; run++) {
        const referendum = randomReferendum(random);
        const text = exportReferendum(referendum);
        const again = importReferendum({ name: "r.csv", text });
        expect(again.faults).to.deep.equal([]);
        expect(exportReferendum(again.referendum!)).to.equal(text);
        const bare = ({ rows, ...rest }: Referendum) => ({ ...rest, rows: rows.map(({ line: _, ...row }) => row) });
        expect(bare(again.referendum!)).to.deep.equal(bare(referendum));
      }
    });
  });

  describe("decimal numbers", () => {
    it("are compared and scaled without rounding", () => {
      const number = (units: bigint, decimals: number): Decimal => ({ units, decimals });
      expect(compareDecimals(number(15n, 1), number(150n, 2))).to.equal(0);
      expect(compareDecimals(number(15n, 1), number(149n, 2))).to.equal(1);
      expect(compareDecimals(number(-1n, 0), number(0n, 5))).to.equal(-1);
      expect(decimalUnits(number(-15n, 1), 3)).to.equal(-1_500n);
      expect(() => decimalUnits(number(15n, 1), 0)).to.throw(
        DecimalError,
        "1 digits after the point do not fit into 0",
      );
      expect([number(-5n, 2), number(0n, 1), number(7n, 0)].map(writeExact)).to.deep.equal(["-0.05", "0.0", "7"]);
    });
  });
});

const ballotsOf = ({ ballots }: RankedElection) => ballots.map(({ count, levels }) => [count, levels]);

function times<Item>(count: bigint, make: (index: number) => Item): Item[] {
  return Array.from({ length: Number(count) }, (_, index) => make(index));
}

/** Some letters and whatever a format may take for its own. */
function randomText(random: Random): string {
  const pieces = ["a", "ż", " ", '"', ";", ",", "/", "\n", "#", ":", "=", ">", "{", "}", "0", "META", "’"] as const;
  return times(random.between(0n, 8n), () => random.pick(pieces)).join("");
}

/** A text with something in it, on one line and without blanks at its ends. */
function randomName(random: Random, index: number): string {
  return `${randomText(random).replaceAll("\n", " ").trim()}${index}`;
}

function randomDecimal(random: Random, least = 0n): Decimal {
  return { units: random.between(least, 1n << random.between(0n, 60n)), decimals: Number(random.between(0n, 4n)) };
}

/** Some of the numbers from 0, in a random order. */
function randomSome(random: Random, count: number): number[] {
  const left = times(BigInt(count), (index) => index);
  return times(random.between(0n, BigInt(count)), () => {
    const [one = 0] = left.splice(Number(random.between(0n, BigInt(left.length - 1))), 1);
    return one;
  });
}

function randomBudget(random: Random): PabulibElection {
  const file = "x.pb";
  const voteType: PabulibVoteType = random.pick(PABULIB_VOTE_TYPES);
  const hasPoints = voteType === "cumulative" || voteType === "scoring";
  const own = hasPoints ? ["voter_id", "vote", "points"] : ["voter_id", "vote"];
  const extra = times(random.between(0n, 2n), (index) => `extra ${index}`);
  const details = () => new Map(extra.map((column) => [column, randomText(random)]));
  const projects = times(random.between(0n, 6n), (index) => ({
    file,
    line: 0,
    id: randomName(random, index).replaceAll(",", "/"),
    cost: randomDecimal(random),
    details: details(),
  }));
  const ballots = times(random.between(0n, 8n), (index): PabulibBallot => {
    const some = randomSome(random, projects.length).map((at) => projects[at]!.id);
    const points = hasPoints ? some.map(() => randomDecimal(random, voteType === "scoring" ? -9n : 0n)) : [];
    return { file, line: 0, voterId: randomName(random, index), projects: some, points, details: details() };
  });
  const budget = randomDecimal(random);
  return {
    meta: new Map(times(random.between(0n, 4n), (index) => [randomName(random, index), randomText(random)])),
    voteType,
    budget,
    decimals: Math.max(budget.decimals, ...projects.map(({ cost }) => cost.decimals)),
    projectColumns: [...extra, "project_id", "cost"],
    voteColumns: [...extra, ...own],
    projects,
    ballots,
  };
}

/** An election of any of the four types of PrefLib. */
function randomRanking(random: Random): RankedElection {
  const candidates = times(random.between(1n, 6n), (index) => randomName(random, index));
  const isComplete = random.between(0n, 1n) === 0n;
  const isStrict = random.between(0n, 1n) === 0n;
  const ballots = times(random.between(0n, 8n), (): RankedBallots => {
    const levels: number[][] = [];
    const some = randomSome(random, candidates.length);
    const others = candidates.map((_, index) => index).filter((index) => !some.includes(index));
    for (const index of isComplete ? [...some, ...others] : some) {
      const last = levels.at(-1);
      if (last !== undefined && !isStrict && random.between(0n, 1n) === 0n) last.push(index + 1);
      else levels.push([index + 1]);
    }
    return { file: "", line: 0, count: Number(random.between(1n, 1_000n)), levels };
  });
  return { candidates, ballots };
}

function randomReferendum(random: Random): Referendum {
  const options = times(random.between(2n, 5n), (index) => `option ${index}`);
  const hasCounts = random.between(0n, 1n) === 0n;
  const columns = hasCounts ? ["area", "electorate", "valid", ...options, "rejected"] : [...options, "question"];
  const rows = times(random.between(0n, 5n), (index) => {
    const votes = options.map(() => Number(random.between(0n, 1_000n)));
    const valid = votes.reduce((sum, count) => sum + count, 0);
    const rejected = Number(random.between(0n, 9n));
    const name = randomName(random, index);
    return {
      file: "r.csv",
      line: 0,
      texts: hasCounts ? { area: name } : { question: name },
      counts: hasCounts ? { electorate: valid + rejected + Number(random.between(0n, 9n)), valid, rejected } : {},
      votes,
    };
  });
  return { columns, options, rows };
}
