/** Elections of a made-up town: every resident may vote, and most do. */
import type { Random } from "../lib/random.js";
import { expectation, numbers, QUARTERS, randomFor, table, type TownFiles, type TownPlan } from "./town.js";

/** Of all residents, in percent: those who vote. */
const TURNOUT = { mayor: 90, square: 80, library: 60, tram: 65, budget: 50 } as const;
const PERCENT = 100;
const MAYORS = ["Ada Brook", "Ben Castell", "Carla Dunn", "Dov Elm", "Nobody chosen"] as const;
const SQUARE = ["Open lawn", "Car park", "Playground", "Water basin", "Leave as it is"] as const;
const LIBRARY = ["Longer hours", "More games", "A quiet room", "A café"] as const;
/** Of so many ballots one names no candidate. */
const BLANK_ONE_IN = 20;
const TIE_ONE_IN = 4;
/** Areas of each quarter. */
const AREAS_PER_QUARTER = 2;
const SPOILT_ONE_IN = 200;
const BUDGET_PROJECTS = 9;
const BUDGET = 50_000;
const COSTS = [2_500, 20_000] as const;
const MOST_APPROVED = 4;

/** Files of the elections folder. */
export function makeElections(plan: TownPlan): TownFiles {
  return { ...makeMayor(plan), ...makeSquare(plan), ...makeLibrary(plan), ...makeTram(plan), ...makeBudget(plan) };
}

/** Ranked without ties, most ballots short: instant runoff. */
function makeMayor(plan: TownPlan): TownFiles {
  const random = randomFor(plan, "elections mayor");
  const counts = countsOf(plan, TURNOUT.mayor, random, () => {
    const order = shuffled(numbers(MAYORS.length), random);
    return order.slice(0, random.whole(1, MAYORS.length)).join(",");
  });
  return { "elections/ranked/mayor.soi": prefLib("soi", "Mayor", MAYORS, counts) };
}

/** Ranked with ties, complete: Schulze's rule. */
function makeLibrary(plan: TownPlan): TownFiles {
  const random = randomFor(plan, "elections library");
  const counts = countsOf(plan, TURNOUT.library, random, () =>
    levelsOf(shuffled(numbers(LIBRARY.length), random), random)
      .map((level) => (level.length === 1 ? level.join("") : `{${level.join(",")}}`))
      .join(","),
  );
  counts.delete("");
  return { "elections/ranked/library.toc": prefLib("toc", "What the library should do first", LIBRARY, counts) };
}

/** Ranked with ties, as a table: Schulze's rule. */
function makeSquare(plan: TownPlan): TownFiles {
  const random = randomFor(plan, "elections square");
  const counts = countsOf(plan, TURNOUT.square, random, () => {
    const some = shuffled(numbers(SQUARE.length), random).slice(0, random.whole(1, SQUARE.length));
    return levelsOf(some, random)
      .map((level) => level.join("="))
      .join(">");
  });
  const rows = [...counts].map(([ranking, count]) => [count, ranking]);
  return {
    "elections/ranked/square.ballots.csv": table("count,ranking", rows),
    "elections/ranked/square.candidates.csv": table(
      "no,name",
      SQUARE.map((name, index) => [index + 1, name]),
    ),
  };
}

function makeTram(plan: TownPlan): TownFiles {
  const random = randomFor(plan, "elections tram");
  const areas = QUARTERS.flatMap((quarter) => numbers(AREAS_PER_QUARTER).map((part) => `${quarter} ${part}`));
  const total = { areas: areas.length, electorate: 0, valid: 0, build: 0, leave_it: 0, rejected: 0 };
  const rows = areas.map((area, index) => {
    const electorate = Math.floor(plan.residents / areas.length) + (index < plan.residents % areas.length ? 1 : 0);
    const papers = Math.floor((electorate * TURNOUT.tram) / PERCENT);
    const rejected = Math.floor(papers / SPOILT_ONE_IN);
    const valid = papers - rejected;
    const build = random.whole(Math.floor(valid / 4), valid - Math.floor(valid / 4));
    total.electorate += electorate;
    total.valid += valid;
    total.build += build;
    total.leave_it += valid - build;
    total.rejected += rejected;
    return [area, electorate, valid, build, valid - build, rejected];
  });
  return {
    "elections/referendum/tram.csv": table("area,electorate,valid,build,leave_it,rejected", rows),
    "elections/referendum/expected.json": expectation({ tram: total }),
  };
}

function makeBudget(plan: TownPlan): TownFiles {
  const random = randomFor(plan, "elections budget");
  const voters = countOf(plan, TURNOUT.budget);
  const projects = numbers(BUDGET_PROJECTS).map((id) => `${id};${random.whole(...COSTS)}.00;Project ${id}`);
  let approvals = 0;
  const votes = numbers(voters).map((voter) => {
    const some = shuffled(numbers(BUDGET_PROJECTS), random).slice(0, random.whole(0, MOST_APPROVED));
    approvals += some.length;
    return `v${voter};${some.join(",")}`;
  });
  const meta = {
    description: "Green fund of a made-up town",
    country: "None",
    unit: "Town",
    instance: "2026",
    num_projects: String(BUDGET_PROJECTS),
    num_votes: String(voters),
    budget: `${BUDGET}.00`,
    vote_type: "approval",
    rule: "greedy",
    max_length: String(MOST_APPROVED),
  };
  const head = ["META", "key;value", ...Object.entries(meta).map(([key, value]) => `${key};${value}`)];
  const lines = [...head, "PROJECTS", "project_id;cost;name", ...projects, "VOTES", "voter_id;vote", ...votes, ""];
  return {
    "elections/pb/green-fund.pb": lines.join("\n"),
    "elections/pb/expected.json": expectation([
      {
        file: "green-fund.pb",
        budget: BUDGET,
        ballots: voters,
        projects: BUDGET_PROJECTS,
        sum_of_approvals: approvals,
      },
    ]),
  };
}

/** Those who vote, at least one. */
function countOf({ residents }: TownPlan, percent: number): number {
  return Math.max(1, Math.floor((residents * percent) / PERCENT));
}

/** Ballots by what they say, the most frequent first. */
function countsOf(plan: TownPlan, percent: number, random: Random, draw: () => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (let voter = 0; voter < countOf(plan, percent); voter += 1) {
    const said = random.whole(1, BLANK_ONE_IN) === 1 ? "" : draw();
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return new Map([...counts].sort(([left, one], [right, other]) => other - one || (left < right ? -1 : 1)));
}

/** Cuts an order into levels of candidates that are ranked alike. */
function levelsOf(order: readonly number[], random: Random): number[][] {
  const levels: number[][] = [];
  for (const candidate of order) {
    const last = levels.at(-1);
    if (last !== undefined && random.whole(1, TIE_ONE_IN) === 1) last.push(candidate);
    else levels.push([candidate]);
  }
  // In order of numbers, so that what says the same is written the same.
  return levels.map((level) => level.sort((left, right) => left - right));
}

/** The first of a list come to the front more often, so that there are winners. */
function shuffled(items: readonly number[], random: Random): number[] {
  const left = [...items];
  const order: number[] = [];
  while (left.length > 0) {
    const place = Math.min(random.whole(0, left.length - 1), random.whole(0, left.length - 1));
    order.push(...left.splice(place, 1));
  }
  return order;
}

function prefLib(
  type: "soi" | "toc",
  title: string,
  names: readonly string[],
  counts: ReadonlyMap<string, number>,
): string {
  const voters = [...counts.values()].reduce((sum, one) => sum + one, 0);
  return [
    `# TITLE: ${title}`,
    "# DESCRIPTION: Made up. Public domain (CC0 1.0).",
    `# DATA TYPE: ${type}`,
    "# MODIFICATION TYPE: synthetic",
    `# NUMBER ALTERNATIVES: ${names.length}`,
    `# NUMBER VOTERS: ${voters}`,
    `# NUMBER UNIQUE ORDERS: ${counts.size}`,
    ...names.map((name, index) => `# ALTERNATIVE NAME ${index + 1}: ${name}`),
    ...[...counts].map(([order, count]) => `${count}: ${order}`),
    "",
  ].join("\n");
}
