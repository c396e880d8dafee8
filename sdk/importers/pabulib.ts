/** Participatory budgets in the format of Pabulib: `.pb` files with the sections META, PROJECTS and VOTES. */
import { CellFault, readText, readWhole } from "./cells.js";
import { type SourceText, type TableRow, writeTable } from "./csv.js";
import { compareDecimals, type Decimal, decimalUnits, readExact, writeExact } from "./decimal.js";
import { writeChecked } from "./exports.js";
import { inOrder, type Place, type RowFault } from "./faults.js";
import { columnsOf, PABULIB_FORM, readSections, type Section } from "./pabulibSections.js";
import { RowReader } from "./rows.js";

/**
 * What a ballot says: which projects a voter approves, `choose-1` the one; which he prefers, best first; how he divides
 * points; how he rates projects.
 */
export const PABULIB_VOTE_TYPES = ["approval", "choose-1", "ordinal", "cumulative", "scoring"] as const;

export type PabulibVoteType = (typeof PABULIB_VOTE_TYPES)[number];

/** A project that ballots are about. */
export interface PabulibProject extends Place {
  /** Any text without a comma. */
  readonly id: string;
  /** In the file's currency, at least zero. May be more than the budget. */
  readonly cost: Decimal;
  /** Its other cells by column, as the file has them, for instance `name`. */
  readonly details: ReadonlyMap<string, string>;
}

/** What one voter says. */
export interface PabulibBallot extends Place {
  readonly voterId: string;
  /** Ids of projects, each once, in the order of the file; none for a blank ballot. */
  readonly projects: readonly string[];
  /** Points of each project, for cumulative and scoring ballots; none for others. */
  readonly points: readonly Decimal[];
  /** Its other cells by column, as the file has them, for instance `age`. */
  readonly details: ReadonlyMap<string, string>;
}

/** A participatory budget: what there is to spend, on what it can be spent, and what voters say. */
export interface PabulibElection {
  /** All keys of META in the order of the file. An export takes counts, budget and type from the election itself. */
  readonly meta: ReadonlyMap<string, string>;
  readonly voteType: PabulibVoteType;
  /** What there is to spend, at least zero. */
  readonly budget: Decimal;
  /** Digits after the point that the budget and every cost fit into: the scale for {@link decimalUnits}. */
  readonly decimals: number;
  /** All columns of PROJECTS. */
  readonly projectColumns: readonly string[];
  /** All columns of VOTES. */
  readonly voteColumns: readonly string[];
  readonly projects: readonly PabulibProject[];
  readonly ballots: readonly PabulibBallot[];
}

/** What a file has. */
export interface PabulibFile {
  /** Undefined where a section, its header, the budget or the type of ballots cannot be read. */
  readonly election: PabulibElection | undefined;
  readonly faults: readonly RowFault[];
  /** Ballots that break a limit of META. They are kept: whether they count is the counter's decision. */
  readonly remarks: readonly RowFault[];
  /** Rows of the three sections without their headers. */
  readonly rowCount: number;
}

const LIST_SEPARATOR = ",";
const COUNT = { least: 0n, greatest: 0xffff_ffffn };
const ZERO: Decimal = { units: 0n, decimals: 0 };
const WITH_POINTS: readonly PabulibVoteType[] = ["cumulative", "scoring"];

/** Whether a file is one of Pabulib, by its extension or its first line. */
export function isPabulib({ name, text }: SourceText): boolean {
  return /\.pb$/i.test(name) || /^\uFEFF?\s*META[ \t]*;*[ \t]*\r?\n\s*key[ \t]*;[ \t]*value/i.test(text.slice(0, 200));
}

/** What a project is called: its `name`, or else its id. */
export function projectName({ details, id }: PabulibProject): string {
  const name = details.get("name")?.trim() ?? "";
  return name === "" ? id : name;
}

/**
 * Reads a `.pb` file. Sections may stand in any order, and so may ids and columns; only `key;value` of META, `project_id`
 * and `cost` of PROJECTS, `voter_id` and `vote` of VOTES and, for ballots with points, `points` have to be there, and
 * `budget` and `vote_type` in META. A byte order mark, other line ends, blank lines and blanks before a cell do not matter.
 *
 * A row with a fault is left out. Of ballots that name a project which is left out, the rest is kept. Counts that disagree
 * with what META declares are faults that leave nothing out. An election without projects or without voters is none.
 */
export function importPabulib(source: SourceText): PabulibFile {
  const faults: RowFault[] = [];
  const sections = readSections(source, faults);
  const rowCount = [...sections.values()].reduce((sum, section) => sum + section.rowCount, 0);
  const meta = metaOf(source.name, sections.get("META"), faults);
  const projects = projectsOf(source.name, sections.get("PROJECTS"), faults);
  const voteType = meta?.voteType;
  const votes = sections.get("VOTES");
  const voteColumns = columnsOf(votes, source.name, neededOfVotes(voteType), faults);
  const unread = (): PabulibFile => ({ election: undefined, faults: inOrder(faults, [source]), remarks: [], rowCount });
  if (meta?.budget === undefined || voteType === undefined) return unread();
  if (projects === undefined || votes === undefined || voteColumns === undefined) return unread();

  const decimals = Math.max(meta.budget.decimals, ...projects.good.map(({ cost }) => cost.decimals));
  const frame: BallotFrame = { voteType, columns: voteColumns, projects, limits: meta.limits, decimals };
  const { ballots, remarks } = ballotsOf(source.name, votes, frame, faults);
  faults.push(...meta.countFaults({ num_projects: projects.rowCount, num_votes: votes.rowCount }));
  const election: PabulibElection = {
    meta: meta.values,
    voteType,
    budget: meta.budget,
    decimals,
    projectColumns: projects.columns,
    voteColumns,
    projects: projects.good,
    ballots,
  };
  return { election, faults: inOrder(faults, [source]), remarks, rowCount };
}

/**
 * Writes a `.pb` file: sections in the order of the format, line feeds, and quotation marks only where a cell needs them.
 * A file of that form comes back byte for byte, as long as it declares its counts and its numbers have neither leading
 * zeros nor commas. Any other comes back with the same meaning.
 *
 * @throws ExportError for what the format does not allow, such as an id with a comma.
 */
export function exportPabulib(election: PabulibElection): string {
  return writeChecked(election, writePabulib, (text) => {
    const { election: value, faults } = importPabulib({ name: "election.pb", text });
    return { value, faults };
  });
}

function writePabulib(election: PabulibElection): string {
  const { ballots, budget, meta, projectColumns, projects, voteColumns, voteType } = election;
  const values = new Map(meta)
    .set("num_projects", projects.length.toString())
    .set("num_votes", ballots.length.toString())
    .set("budget", writeExact(budget))
    .set("vote_type", voteType);
  const projectRows = projects.map(({ cost, details, id }) =>
    projectColumns.map((column) => {
      if (column === "project_id") return id;
      return column === "cost" ? writeExact(cost) : (details.get(column) ?? "");
    }),
  );
  const voteRows = ballots.map((ballot) => voteColumns.map((column) => voteCell(ballot, column, voteType)));
  const tables = [
    ["META"],
    ["key", "value"],
    ...values,
    ["PROJECTS"],
    projectColumns,
    ...projectRows,
    ["VOTES"],
    voteColumns,
    ...voteRows,
  ];
  return writeTable(tables, PABULIB_FORM);
}

function voteCell(
  { details, points, projects, voterId }: PabulibBallot,
  column: string,
  type: PabulibVoteType,
): string {
  if (column === "voter_id") return voterId;
  if (column === "vote") return projects.join(LIST_SEPARATOR);
  if (column === "points" && WITH_POINTS.includes(type)) return points.map(writeExact).join(LIST_SEPARATOR);
  return details.get(column) ?? "";
}

const LIMITS = [
  "min_length",
  "max_length",
  "min_sum_cost",
  "max_sum_cost",
  "min_points",
  "max_points",
  "min_sum_points",
  "max_sum_points",
] as const;

/** What META declares of the other sections. */
const COUNTS = ["num_projects", "num_votes"] as const;

/** What ballots must keep to, as far as META says so. */
type Limits = ReadonlyMap<(typeof LIMITS)[number], Decimal>;

interface Meta {
  readonly values: ReadonlyMap<string, string>;
  readonly voteType: PabulibVoteType | undefined;
  readonly budget: Decimal | undefined;
  readonly limits: Limits;
  /** What is wrong with declared counts. */
  countFaults(counts: Readonly<Record<(typeof COUNTS)[number], number>>): RowFault[];
}

function metaOf(file: string, section: Section | undefined, faults: RowFault[]): Meta | undefined {
  if (section === undefined || columnsOf(section, file, ["key", "value"], faults) === undefined) return undefined;
  const { readers, values } = keysOf(file, section, faults);
  const read = <Value>(key: string, reader: (cell: string) => Value): Value | undefined =>
    readers.get(key)?.read(key, reader);
  const counts = COUNTS.map((key) => [key, read(key, (cell) => readWhole(cell.trim(), COUNT))] as const);
  const limits = LIMITS.map((key) => [key, read(key, readExact)] as const);
  const voteType = read("vote_type", readVoteType);
  const budget = read("budget", readNonNegative);
  for (const key of ["budget", "vote_type"]) {
    if (readers.has(key)) continue;
    faults.push({ file, line: section.line, column: key, value: "", reason: "the key is missing" });
  }
  faults.push(...[...readers.values()].flatMap((reader) => reader.faults));
  return {
    values,
    voteType,
    budget,
    limits: new Map(limits.flatMap(([key, limit]) => (limit === undefined ? [] : [[key, limit] as const]))),
    countFaults: (found) =>
      counts.flatMap(([key, declared]) => {
        const line = readers.get(key)?.line;
        if (declared === undefined || line === undefined || declared === BigInt(found[key])) return [];
        const reason = `there are ${found[key]} in the file`;
        return [{ file, line, column: key, value: declared.toString(), reason }];
      }),
  };
}

/** The rows of META by key, and readers whose messages name a value by its key. */
function keysOf(
  file: string,
  { rows }: Section,
  faults: RowFault[],
): { readers: Map<string, RowReader<string>>; values: Map<string, string> } {
  const readers = new Map<string, RowReader<string>>();
  const values = new Map<string, string>();
  for (const { line, cells } of rows) {
    const key = cells.key?.trim() ?? "";
    const value = cells.value ?? "";
    const twin = readers.get(key);
    const add = (reason: string): number => faults.push({ file, line, column: "key", value: key, reason });
    if (key === "") add("the cell is empty");
    else if (twin !== undefined) add(`the key stands in line ${twin.line} already`);
    else {
      readers.set(key, new RowReader(file, { line, cells: { [key]: value } }));
      values.set(key, value);
    }
  }
  return { readers, values };
}

function readVoteType(cell: string): PabulibVoteType {
  const type = PABULIB_VOTE_TYPES.find((name) => name === cell.trim().toLowerCase());
  if (type === undefined) throw new CellFault(`none of ${PABULIB_VOTE_TYPES.join(", ")}`);
  return type;
}

function readNonNegative(cell: string): Decimal {
  const value = readExact(cell);
  if (value.units < 0n) throw new CellFault("negative");
  return value;
}

/** Cells of other columns than these. */
function detailsOf({ cells }: TableRow<string>, columns: readonly string[], own: readonly string[]) {
  return new Map(columns.filter((name) => !own.includes(name)).map((name) => [name, cells[name] ?? ""] as const));
}

interface Projects {
  readonly columns: readonly string[];
  readonly good: readonly PabulibProject[];
  readonly costs: ReadonlyMap<string, Decimal>;
  /** Ids on rows that are left out. */
  readonly leftOut: ReadonlySet<string>;
  readonly rowCount: number;
}

const OWN_OF_PROJECTS = ["project_id", "cost"];

function projectsOf(file: string, section: Section | undefined, faults: RowFault[]): Projects | undefined {
  const columns = columnsOf(section, file, OWN_OF_PROJECTS, faults);
  if (section === undefined || columns === undefined) return undefined;
  const good = new Map<string, PabulibProject>();
  const leftOut = new Set<string>();
  for (const row of section.rows) {
    const { line } = row;
    const reader = new RowReader(file, row);
    const id = reader.read("project_id", readId);
    const cost = reader.read("cost", readNonNegative);
    const twin = id === undefined ? undefined : good.get(id);
    if (twin !== undefined) reader.add("project_id", `this project stands in line ${twin.line} already`);
    faults.push(...reader.faults);
    if (id === undefined || twin !== undefined) continue;
    if (cost === undefined) leftOut.add(id);
    else good.set(id, { file, line, id, cost, details: detailsOf(row, columns, OWN_OF_PROJECTS) });
  }
  const costs = new Map([...good].map(([id, { cost }]) => [id, cost]));
  return { columns, good: [...good.values()], costs, leftOut, rowCount: section.rowCount };
}

function readId(cell: string): string {
  const id = readText(cell.trim());
  if (id.includes(LIST_SEPARATOR)) throw new CellFault("an id with a comma cannot stand in a ballot");
  return id;
}

function neededOfVotes(type: PabulibVoteType | undefined): string[] {
  const withPoints = type !== undefined && WITH_POINTS.includes(type);
  return withPoints ? ["voter_id", "vote", "points"] : ["voter_id", "vote"];
}

interface BallotFrame {
  readonly voteType: PabulibVoteType;
  readonly columns: readonly string[];
  readonly projects: Projects;
  readonly limits: Limits;
  readonly decimals: number;
}

function ballotsOf(
  file: string,
  section: Section,
  frame: BallotFrame,
  faults: RowFault[],
): { ballots: PabulibBallot[]; remarks: RowFault[] } {
  const voters = new Map<string, number>();
  const ballots: PabulibBallot[] = [];
  const remarks: RowFault[] = [];
  for (const row of section.rows) {
    const reader = new RowReader(file, row);
    const ballot = ballotOf(reader, row, frame);
    const twin = ballot === undefined ? undefined : voters.get(ballot.voterId);
    if (twin !== undefined) reader.add("voter_id", `this voter stands in line ${twin} already`);
    faults.push(...reader.faults);
    if (ballot === undefined || reader.faults.length > 0) continue;
    voters.set(ballot.voterId, ballot.line);
    ballots.push(ballot);
    const remarker = new RowReader(file, row);
    addRemarks(remarker, ballot, frame);
    remarks.push(...remarker.faults);
  }
  return { ballots, remarks };
}

function ballotOf(
  reader: RowReader<string>,
  row: TableRow<string>,
  { columns, projects, voteType }: BallotFrame,
): PabulibBallot | undefined {
  const voterId = reader.read("voter_id", (cell) => readText(cell.trim()));
  const named = reader.read("vote", (cell) => readVote(cell, projects));
  const withPoints = WITH_POINTS.includes(voteType);
  const readPoint = voteType === "cumulative" ? readNonNegative : readExact;
  const points = withPoints ? reader.read("points", (cell) => readList(cell).map(readPoint)) : [];
  if (withPoints && named !== undefined && points !== undefined && points.length !== named.length) {
    reader.add("points", `${points.length} numbers for ${named.length} projects`);
  }
  if (voterId === undefined || named === undefined || points === undefined) return undefined;
  const { file, line } = reader;
  const kept = named.map((id) => projects.costs.has(id));
  return {
    file,
    line,
    voterId,
    projects: named.filter((_, at) => kept[at]),
    points: points.filter((_, at) => kept[at]),
    details: detailsOf(row, columns, neededOfVotes(voteType)),
  };
}

/** A list with commas; none for a blank cell. */
function readList(cell: string): string[] {
  if (cell.trim() === "") return [];
  const items = cell.split(LIST_SEPARATOR).map((item) => item.trim());
  if (items.includes("")) throw new CellFault("an empty place in the list");
  return items;
}

function readVote(cell: string, { costs, leftOut }: Projects): string[] {
  const ids = readList(cell);
  const unknown = ids.find((id) => !costs.has(id) && !leftOut.has(id));
  if (unknown !== undefined) throw new CellFault(`there is no project ${unknown}`);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw new CellFault(`project ${twice} stands there twice`);
  return ids;
}

/** Names limits that a ballot breaks. A blank ballot breaks none: a voter may approve nothing. */
function addRemarks(reader: RowReader<string>, ballot: PabulibBallot, frame: BallotFrame): void {
  if (ballot.projects.length === 0) return;
  const { decimals, limits, projects, voteType } = frame;
  const check = (
    column: string,
    what: string,
    value: Decimal,
    range: "length" | "points" | `sum_${"cost" | "points"}`,
  ) => {
    const least = limits.get(`min_${range}`);
    const most = limits.get(`max_${range}`);
    if (least !== undefined && compareDecimals(value, least) < 0) {
      reader.add(column, `${what} ${writeExact(value)}, less than min_${range} ${writeExact(least)}`);
    }
    if (most !== undefined && compareDecimals(value, most) > 0) {
      reader.add(column, `${what} ${writeExact(value)}, more than max_${range} ${writeExact(most)}`);
    }
  };
  const { points, projects: ids } = ballot;
  const isOvervote = voteType === "choose-1" && ids.length > 1;
  if (isOvervote) reader.add("vote", `${ids.length} projects where a voter has one choice`);
  else check("vote", "number of projects", { units: BigInt(ids.length), decimals: 0 }, "length");
  const cost = ids.reduce((sum, id) => sum + decimalUnits(projects.costs.get(id) ?? ZERO, decimals), 0n);
  check("vote", "sum of costs", { units: cost, decimals }, "sum_cost");
  if (!WITH_POINTS.includes(voteType)) return;
  for (const point of points) check("points", "points", point, "points");
  const scale = Math.max(...points.map((point) => point.decimals));
  const sum = points.reduce((total, point) => total + decimalUnits(point, scale), 0n);
  check("points", "sum of points", { units: sum, decimals: scale }, "sum_points");
}
