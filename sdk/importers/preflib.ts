/** Ranked ballots in the formats of PrefLib: `.soc`, `.soi`, `.toc` and `.toi`. */
import { isStrict, type RankingLevels } from "../participation/ranking.js";
import { CellFault, type Range, readWhole } from "./cells.js";
import type { SourceText } from "./csv.js";
import { writeChecked } from "./exports.js";
import { inOrder, type RowFault } from "./faults.js";
import {
  BALLOT_COUNT,
  CANDIDATE_COUNT,
  checkedLevels,
  namesOf,
  type RankedBallots,
  type RankedElection,
  readCandidate,
  readName,
} from "./rankings.js";

/** Types of a file: strict orders or such with ties, complete or not. */
export const PREFLIB_TYPES = ["soc", "soi", "toc", "toi"] as const;

export type PrefLibType = (typeof PREFLIB_TYPES)[number];

/** An election from a file of PrefLib. */
export interface PrefLibElection extends RankedElection {
  readonly type: PrefLibType;
  /**
   * The metadata but for names, in the order of the file, for instance `TITLE`. An export takes counts and type from the
   * election itself. Empty where the file has the older form.
   */
  readonly metadata: ReadonlyMap<string, string>;
}

/** What a file has. */
export interface PrefLibFile {
  /** Undefined where the file is empty or its type is unknown. */
  readonly election: PrefLibElection | undefined;
  readonly faults: readonly RowFault[];
  /** Lines with orders. */
  readonly rowCount: number;
}

const EXTENSION = /\.(soc|soi|toc|toi)$/i;
const COUNT: Range = { least: 0n, greatest: 0xffff_ffffn };
const METADATA = /^#\s*([^:]+?)\s*:(.*)$/;
const NAME_KEY = /^ALTERNATIVE NAME (\d{1,7})$/;
const OWN_KEYS = ["DATA TYPE", "NUMBER ALTERNATIVES", "NUMBER VOTERS", "NUMBER UNIQUE ORDERS"] as const;

const TYPES = {
  soc: { strict: true, complete: true },
  soi: { strict: true, complete: false },
  toc: { strict: false, complete: true },
  toi: { strict: false, complete: false },
} as const satisfies Record<PrefLibType, { strict: boolean; complete: boolean }>;

/** Whether a file is one of ranked ballots of PrefLib, by its extension or its metadata. */
export function isPrefLib({ name, text }: SourceText): boolean {
  return EXTENSION.test(name) || /^\uFEFF?\s*#\s*FILE NAME\s*:/.test(text.slice(0, 200));
}

/**
 * Reads a file of PrefLib: lines `# KEY: value` with the names of all alternatives, then a line `count: 4,{1,2}` for each
 * order. The older form has the number of alternatives in its first line, a line `number,name` for each, a line
 * `voters,sum of counts,orders`, and lines `count,4,{1,2}`.
 *
 * The type is that of the metadata or else of the extension; a file of the older form without such an extension has the
 * narrowest type that its orders allow. An order with a fault is left out: a tie in a strict file, an order that lacks
 * somebody in a complete one, a candidate there is not or who is ranked twice, and an order that stands there already. A
 * count that disagrees with what the head declares is a fault that leaves nothing out. An alternative whose name is
 * lacking is called by its number. A byte order mark, other line ends, blank lines and blanks do not matter.
 */
export function importPrefLib(source: SourceText): PrefLibFile {
  const lines = linesOf(source.text);
  const [first] = lines;
  if (first === undefined) {
    const fault: RowFault = { file: source.name, line: 1, column: "", value: "", reason: "the file is empty" };
    return { election: undefined, faults: [fault], rowCount: 0 };
  }
  const reader = new PrefLibReader(source.name);
  if (/^\d+$/.test(first.text)) reader.readOldHead(lines);
  else reader.readHead(lines);
  const election = reader.election();
  return { election, faults: inOrder(reader.faults, [source]), rowCount: reader.rowCount };
}

/**
 * Writes a file of PrefLib in its present form. A file as PrefLib's tools write it comes back byte for byte: names behind
 * the other metadata, a blank behind the colon of every key, none in an order, and line feeds. Any other comes back with
 * the same meaning, one of the older form in the present one.
 *
 * @throws ExportError for what the format does not allow, such as a tie in a strict file or a name with two lines.
 */
export function exportPrefLib(election: PrefLibElection): string {
  const keys = [...allMetadata(election)];
  return writeChecked(election, writePrefLib, (text) => {
    const { election: value, faults } = importPrefLib({ name: `election.${election.type}`, text });
    // A value of two lines or a key with a colon would read as other metadata of the same text.
    const again = [...(value?.metadata ?? [])];
    const isSame =
      again.length === keys.length && again.every(([key, text], at) => key === keys[at]?.[0] && text === keys[at][1]);
    return { value: isSame ? value : undefined, faults };
  });
}

/**
 * An election as PrefLib wants it: of the narrowest type that its ballots allow, and with one line for each ranking.
 *
 * @param election - Ballots of any source.
 * @param metadata - Its keys, for instance `TITLE`.
 */
export function prefLibOf(
  election: RankedElection,
  metadata: ReadonlyMap<string, string> = new Map(),
): PrefLibElection {
  const merged = new Map<string, RankedBallots>();
  for (const ballots of election.ballots) {
    const key = orderKey(ballots.levels);
    const twin = merged.get(key);
    merged.set(key, twin === undefined ? ballots : { ...twin, count: twin.count + ballots.count });
  }
  const ballots = [...merged.values()];
  return { type: narrowest(ballots, election.candidates.length), metadata, candidates: election.candidates, ballots };
}

/** The metadata with what an election itself says. */
function allMetadata({ ballots, candidates, metadata, type }: PrefLibElection): Map<string, string> {
  const voters = ballots.reduce((sum, { count }) => sum + count, 0);
  return new Map(metadata)
    .set("DATA TYPE", type)
    .set("NUMBER ALTERNATIVES", candidates.length.toString())
    .set("NUMBER VOTERS", voters.toString())
    .set("NUMBER UNIQUE ORDERS", ballots.length.toString());
}

function writePrefLib(election: PrefLibElection): string {
  const metadata = [...allMetadata(election)].map(([key, value]) => `# ${key}: ${value}\n`);
  const names = election.candidates.map((name, index) => `# ALTERNATIVE NAME ${index + 1}: ${name}\n`);
  const orders = election.ballots.map(({ count, levels }) => `${count}: ${writeOrder(levels)}\n`);
  return [...metadata, ...names, ...orders].join("");
}

function writeOrder(levels: RankingLevels): string {
  return levels.map((level) => (level.length === 1 ? level.join() : `{${level.join()}}`)).join();
}

/** The same for rankings that differ only in how tied options are listed. */
function orderKey(levels: RankingLevels): string {
  return writeOrder(levels.map((level) => [...level].sort((left, right) => left - right)));
}

/** An order such as `4,{1,2}`; none for a blank one. Braces without anybody say nothing. */
function readOrder(text: string): number[][] {
  const order = text.trim().replace(/\s*([,{}])\s*/g, "$1");
  if (order === "") return [];
  if (!/^(?:\{[^{}]*\}|[^,{}]*)(?:,(?:\{[^{}]*\}|[^,{}]*))*$/.test(order)) {
    throw new CellFault("not an order such as 4,{1,2}");
  }
  const groups = order.match(/\{[^{}]*\}|[^,{}]+|(?<=^|,)(?=,|$)/g) ?? [];
  return groups
    .map((group) => (group.startsWith("{") ? group.slice(1, -1) : group))
    .filter((group, at) => group !== "" || groups[at] === "")
    .map((group) => group.split(",").map(readCandidate));
}

interface SourceLine {
  readonly line: number;
  readonly text: string;
}

function linesOf(text: string): SourceLine[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r\n?|\n/)
    .map((line, index) => ({ line: index + 1, text: line.trim() }))
    .filter((line) => line.text !== "");
}

/** A value with its place. */
interface Declared<Value> {
  readonly line: number;
  readonly column: string;
  readonly value: Value;
}

/** A line with an order. */
interface OrderLine {
  readonly line: number;
  /** Undefined where the line has none, which is a fault that has been named. */
  readonly count: string | undefined;
  readonly order: string;
}

class PrefLibReader {
  readonly faults: RowFault[] = [];
  readonly #file: string;
  readonly #metadata = new Map<string, string>();
  readonly #keyLines = new Map<string, number>();
  readonly #names = new Map<number, Declared<string>>();
  #type: Declared<PrefLibType> | undefined;
  #candidates: Declared<number> | undefined;
  #voters: Declared<number> | undefined;
  #uniqueOrders: Declared<number> | undefined;
  #orders: readonly OrderLine[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  get rowCount(): number {
    return this.#orders.length;
  }

  readHead(lines: readonly SourceLine[]): void {
    const orders: OrderLine[] = [];
    for (const { line, text } of lines) {
      if (text.startsWith("#")) {
        if (orders.length > 0) this.#add(line, "", text, "metadata stand before the orders");
        this.#readMetadata(line, text);
        continue;
      }
      const hasCount = text.includes(":");
      if (!hasCount) this.#add(line, "", text, "not a line such as 12: 4,{1,2}");
      const [count, order] = cut(text, ":");
      orders.push({ line, count: hasCount ? count : undefined, order });
    }
    this.#orders = orders;
    if (this.#candidates === undefined && !this.#keyLines.has("NUMBER ALTERNATIVES")) {
      this.#add(lines[0]?.line ?? 1, "NUMBER ALTERNATIVES", "", "the key is missing");
    }
    const byName = new Map<string, number>();
    for (const { column, line, value } of this.#names.values()) {
      const twin = byName.get(value);
      if (twin !== undefined) this.#add(line, column, value, `the alternative in line ${twin} has this name, too`);
      else byName.set(value, line);
    }
  }

  readOldHead([head, ...lines]: readonly SourceLine[]): void {
    const line = head?.line ?? 1;
    const count = this.#read(line, "alternatives", head?.text ?? "", (text) => readWhole(text, CANDIDATE_COUNT));
    this.#candidates = { line, column: "alternatives", value: Number(count ?? 0n) };
    const names = lines.slice(0, this.#candidates.value);
    for (const { line: at, text } of names) {
      const [number, name] = cut(text, ",");
      this.#addName(at, number.trim(), "name", name);
    }
    const [totals, ...orders] = lines.slice(names.length);
    this.#orders = orders.map(({ line: at, text }) => {
      const [amount, order] = cut(text, ",");
      return { line: at, count: amount, order };
    });
    if (totals === undefined) {
      this.#add(line, "", "", "the line with voters, sum of counts and orders is missing");
      return;
    }
    const cells = totals.text.split(",");
    const columns = ["voters", "sum of counts", "orders"] as const;
    if (cells.length !== columns.length) {
      this.#add(totals.line, "", totals.text, "not a line with voters, sum of counts and orders");
      return;
    }
    const [, sum, unique] = columns.map((column, at) => this.#readCount(totals.line, column, cells[at] ?? ""));
    this.#voters = sum;
    this.#uniqueOrders = unique;
  }

  /** What the lines come to. */
  election(): PrefLibElection | undefined {
    const greatest = Math.max(0, ...this.#names.keys());
    const candidateCount = this.#candidates?.value ?? greatest;
    this.#checkNames(candidateCount);
    const named = EXTENSION.exec(this.#file)?.[1]?.toLowerCase();
    const extension = PREFLIB_TYPES.find((type) => type === named);
    const declared = this.#type;
    if (declared !== undefined && extension !== undefined && declared.value !== extension) {
      this.#add(declared.line, declared.column, declared.value, `the file's extension is ${extension}`);
    }
    const read = this.#orders.map((order) => this.#readOrder(order, candidateCount));
    const orders = read.flatMap((ballots) => (ballots === undefined ? [] : [ballots]));
    const isOld = this.#metadata.size === 0;
    const type = declared?.value ?? extension ?? (isOld ? narrowest(orders, candidateCount) : undefined);
    this.#checkCounts();
    if (type === undefined) {
      if (!this.#keyLines.has("DATA TYPE")) this.#add(1, "DATA TYPE", "", "the key is missing");
      return undefined;
    }
    const candidates = namesOf(new Map([...this.#names].map(([key, { value }]) => [key, value])), candidateCount);
    const ballots = this.#checked(orders, type, candidateCount);
    return { type, metadata: this.#metadata, candidates, ballots };
  }

  #add(line: number, column: string, value: string, reason: string): void {
    this.faults.push({ file: this.#file, line, column, value, reason });
  }

  #read<Value>(line: number, column: string, cell: string, reader: (cell: string) => Value): Value | undefined {
    try {
      return reader(cell.trim());
    } catch (error) {
      if (!(error instanceof CellFault)) throw error;
      this.#add(line, column, cell.trim(), error.message);
      return undefined;
    }
  }

  #readCount(line: number, column: string, cell: string, range = COUNT): Declared<number> | undefined {
    const count = this.#read(line, column, cell, (text) => readWhole(text, range));
    return count === undefined ? undefined : { line, column, value: Number(count) };
  }

  #readMetadata(line: number, text: string): void {
    const match = METADATA.exec(text);
    if (match === null) {
      this.#add(line, "", text, "not a line such as # TITLE: text");
      return;
    }
    const [, name = "", rest = ""] = match;
    const value = rest.trim();
    const key = name.toUpperCase();
    const number = NAME_KEY.exec(key)?.[1];
    if (number !== undefined) {
      this.#addName(line, number, key, value);
      return;
    }
    const twin = this.#keyLines.get(key);
    if (twin !== undefined) {
      this.#add(line, key, value, `the key stands in line ${twin} already`);
      return;
    }
    this.#keyLines.set(key, line);
    const own = OWN_KEYS.find((candidate) => candidate === key);
    this.#metadata.set(own ?? name, value);
    if (own === "DATA TYPE") {
      const type = this.#read(line, key, value, readType);
      if (type !== undefined) this.#type = { line, column: key, value: type };
    } else if (own === "NUMBER ALTERNATIVES") this.#candidates = this.#readCount(line, key, value, CANDIDATE_COUNT);
    else if (own === "NUMBER VOTERS") this.#voters = this.#readCount(line, key, value);
    else if (own === "NUMBER UNIQUE ORDERS") this.#uniqueOrders = this.#readCount(line, key, value);
  }

  #addName(line: number, number: string, column: string, cell: string): void {
    const candidate = this.#read(line, column, number, readCandidate);
    const name = this.#read(line, column, cell, readName);
    if (candidate === undefined || name === undefined) return;
    const twin = this.#names.get(candidate);
    if (twin !== undefined) this.#add(line, column, name, `this alternative stands in line ${twin.line} already`);
    else this.#names.set(candidate, { line, column, value: name });
  }

  #checkNames(count: number): void {
    for (const [number, { column, line, value }] of this.#names) {
      const isKnown = number >= 1 && number <= count;
      if (!isKnown) this.#add(line, column, value, `alternative ${number} is not one of 1 to ${count}`);
    }
    const missing = Array.from({ length: count }, (_, index) => index + 1).filter((number) => !this.#names.has(number));
    const { column, line } = this.#candidates ?? { column: "", line: 1 };
    const [first] = missing;
    if (first === undefined) return;
    const others = missing.length === 1 ? "" : ` and ${missing.length - 1} more`;
    this.#add(line, column, count.toString(), `alternative ${first}${others} has no name`);
  }

  #readOrder({ count: amount, line, order }: OrderLine, candidateCount: number): RankedBallots | undefined {
    if (amount === undefined) return undefined;
    const count = this.#read(line, "count", amount, (text) => readWhole(text, BALLOT_COUNT));
    const levels = this.#read(line, "order", order, (text) => checkedLevels(readOrder(text), candidateCount));
    if (count === undefined || levels === undefined) return undefined;
    return { file: this.#file, line, count: Number(count), levels };
  }

  /** Orders that the type allows and that stand there once. */
  #checked(orders: readonly RankedBallots[], type: PrefLibType, candidateCount: number): RankedBallots[] {
    const { complete, strict } = TYPES[type];
    const seen = new Map<string, number>();
    return orders.filter(({ levels, line }) => {
      const order = writeOrder(levels);
      const key = orderKey(levels);
      const twin = seen.get(key);
      const ranked = levels.flat().length;
      if (strict && !isStrict(levels)) this.#add(line, "order", order, `a tie in a file of type ${type}`);
      else if (complete && ranked < candidateCount) {
        this.#add(line, "order", order, `${ranked} of ${candidateCount} alternatives in a file of type ${type}`);
      } else if (twin !== undefined) this.#add(line, "order", order, `this order stands in line ${twin} already`);
      else {
        seen.set(key, line);
        return true;
      }
      return false;
    });
  }

  #checkCounts(): void {
    const counts = this.#orders.map(({ count = "" }) => (/^\s*\d+\s*$/.test(count) ? Number(count) : undefined));
    const voters = counts.reduce<number | undefined>(
      (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
      0,
    );
    for (const [declared, found, what] of [
      [this.#voters, voters, "the counts come to"],
      [this.#uniqueOrders, this.#orders.length, "there are orders:"],
    ] as const) {
      if (declared === undefined || found === undefined || declared.value === found) continue;
      this.#add(declared.line, declared.column, declared.value.toString(), `${what} ${found}`);
    }
  }
}

function readType(cell: string): PrefLibType {
  const type = PREFLIB_TYPES.find((name) => name === cell.toLowerCase());
  if (type === undefined) throw new CellFault(`none of ${PREFLIB_TYPES.join(", ")}`);
  return type;
}

function narrowest(orders: RankedElection["ballots"], candidateCount: number): PrefLibType {
  const strict = orders.every(({ levels }) => isStrict(levels));
  const complete = orders.every(({ levels }) => levels.flat().length === candidateCount);
  if (strict) return complete ? "soc" : "soi";
  return complete ? "toc" : "toi";
}

/** What stands before and behind the first separator. */
function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
