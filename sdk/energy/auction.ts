/**
 * Clearing of an interval: twin of contracts/energy/market/EnergyClearing.sol and UniformPriceAuction.sol. Energy is Wh in
 * bigint, for a level holds up to 2^56 - 1 of them, and money is money units in bigint; ticks and feeders are numbers.
 */
import type { Round } from "../enums.js";
import { BookClass } from "../enums.js";
import { EnergyRules, hasRule, priceAt, type Tariff, TICKS, UNLIMITED_WH } from "./tariffs.js";

/** Name of a class of orders. */
export type BookClassName = keyof typeof BookClass;

/** Name of a round. */
export type RoundName = keyof typeof Round;

/** Wh at each of the 256 ticks. */
export type Levels = readonly bigint[];

/** What is in a book when its interval is cleared. */
export interface Book {
  /** Number of the feeder, 1 to 65,535; 0: the one book of all. */
  readonly feeder: number;
  /** What each class has at each tick; a class that is left out has nothing. */
  readonly levels: Partial<Readonly<Record<BookClassName, Levels>>>;
  /** Most that may flow into the feeder by bus rounds, Wh; no limit when left out. */
  readonly importWh?: bigint;
  /** Most that may flow out of the feeder by bus rounds, Wh; no limit when left out. */
  readonly exportWh?: bigint;
}

/** What a class of a book got in a round. */
export interface Share {
  /** Wh of the class at the book's tick. */
  readonly level: bigint;
  /** Wh of them that are filled. */
  readonly filled: bigint;
}

/** What a book got in a round. */
export interface BookResult {
  readonly feeder: number;
  /** Price, as a tick; undefined: the book traded nothing in this round. */
  readonly tick: number | undefined;
  readonly bought: bigint;
  readonly sold: bigint;
  /** Of the classes that take part in the round, whether or not they have orders. Empty where nothing was traded. */
  readonly shares: ReadonlyMap<BookClassName, Share>;
}

/** What came of a round. */
export interface RoundResult {
  readonly round: RoundName;
  /** Lowest and highest tick that would do, of a bus round; in the feeder's round each book has its own. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** The middle of them, rounded down; undefined: nothing was traded, or it is the feeder's round. */
  readonly tick: number | undefined;
  /** Wh bought, which equals Wh sold. */
  readonly volume: bigint;
  /** In the order of feeders. */
  readonly books: readonly BookResult[];
}

/** What a book bought and sold in all rounds. */
export interface BookTotals {
  readonly bought: bigint;
  readonly sold: bigint;
  /** Wh that the green round sent out of the feeder; negative: into it. */
  readonly greenFlow: bigint;
}

/** What came of the clearing of an interval. */
export interface Clearing {
  /** Those that the tariff's rules ask for, in their order. */
  readonly rounds: readonly RoundResult[];
  readonly totals: ReadonlyMap<number, BookTotals>;
  /** Wh over all rounds and books; equal. */
  readonly bought: bigint;
  readonly sold: bigint;
  /** Congestion rent: what buyers beyond a limit pay above what sellers before it get, money units. */
  readonly rent: bigint;
  /** What buyers pay above the price where they pay their own bid, money units. */
  readonly surplus: bigint;
}

/** Who takes part in a round. */
interface Part {
  readonly round: RoundName;
  readonly bids: readonly BookClassName[];
  readonly offers: readonly BookClassName[];
}

const PARTS: readonly Part[] = [
  { round: "Feeder", bids: ["Bid", "BidFeederOnly"], offers: ["Offer", "OfferGreen", "OfferFeederOnly"] },
  { round: "Green", bids: ["BidGreenFirst", "BidGreenOnly"], offers: ["OfferGreen"] },
  { round: "Main", bids: ["Bid", "BidGreenFirst"], offers: ["Offer", "OfferGreen"] },
];

const NEEDED: Readonly<Partial<Record<RoundName, bigint>>> = {
  Feeder: EnergyRules.FEEDER_FIRST,
  Green: EnergyRules.GREEN,
};

/** Rounds in which a class takes part under a tariff's rules, in their order. */
export function roundsOf(tariff: Pick<Tariff, "rules">, bookClass: BookClassName): RoundName[] {
  return partsOf(tariff)
    .filter(({ bids, offers }) => bids.includes(bookClass) || offers.includes(bookClass))
    .map(({ round }) => round);
}

/** Whether a class is one of bids. */
export function isBidClass(bookClass: BookClassName): boolean {
  return BookClass[bookClass] < BookClass.Offer;
}

/**
 * A part of a whole in proportion, so that the parts add up exactly: floor((before + size) × filled / level) less
 * floor(before × filled / level). Each is within 1 of size × filled / level.
 *
 * @param before - What was visited of the level before.
 * @param size - What is visited now.
 * @param filled - What is to be shared out, at most `level`.
 * @param level - All that will be visited; zero: the part is zero.
 */
export function prefixShare(before: bigint, size: bigint, filled: bigint, level: bigint): bigint {
  if (level === 0n) return 0n;
  return ((before + size) * filled) / level - (before * filled) / level;
}

/** {@link prefixShare} over a list: parts of `amount` in proportion to `sizes`, which sum to `amount` unless all are zero. */
export function shareOut(amount: bigint, sizes: readonly bigint[]): bigint[] {
  const level = sumOf(sizes);
  let before = 0n;
  return sizes.map((size) => {
    const part = prefixShare(before, size, amount, level);
    before += size;
    return part;
  });
}

/**
 * Clears an interval.
 *
 * @param tariff - The interval's tariff: prices and rules.
 * @param books - Its books: one of feeder 0, or with the rule BY_FEEDER one for each feeder that has orders.
 * @throws RangeError for two books of one feeder, for levels that are not 256 numbers from zero up, and for a book of
 * feeder 0 beside others.
 */
export function clearInterval(
  tariff: Pick<Tariff, "basePrice" | "tickSize" | "rules">,
  books: readonly Book[],
): Clearing {
  const open = books.map((book) => new OpenBook(book)).sort((left, right) => left.feeder - right.feeder);
  checkFeeders(open);
  const payAsBid = hasRule(tariff, EnergyRules.PAY_AS_BID);
  let rent = 0n;
  let surplus = 0n;
  const rounds = partsOf(tariff).map((part) => {
    const result = part.round === "Feeder" ? feederRound(part, open) : busRound(part, open);
    for (const [index, book] of open.entries()) {
      const found = result.books[index];
      if (found?.tick === undefined) continue;
      rent += priceAt(tariff, found.tick) * (found.bought - found.sold);
      if (payAsBid) surplus += book.aboveTick(part.bids, found.tick) * tariff.tickSize;
      book.remove(part, found);
    }
    return result;
  });
  const totals = new Map(open.map(({ feeder, bought, sold, greenFlow }) => [feeder, { bought, sold, greenFlow }]));
  const bought = sumOf(open.map((book) => book.bought));
  const sold = sumOf(open.map((book) => book.sold));
  return { rounds, totals, bought, sold, rent, surplus };
}

function partsOf(tariff: Pick<Tariff, "rules">): Part[] {
  return PARTS.filter(({ round }) => {
    const rule = NEEDED[round];
    return rule === undefined || hasRule(tariff, rule);
  });
}

function checkFeeders(books: readonly OpenBook[]): void {
  for (const [index, { feeder }] of books.entries()) {
    if (books[index + 1]?.feeder === feeder) throw new RangeError(`there are two books of feeder ${feeder}`);
    if (feeder === 0 && books.length > 1) throw new RangeError("book 0 is the one book of all, and there are others");
  }
}

/** A book while it is cleared: what its levels have left. */
class OpenBook {
  readonly feeder: number;
  bought = 0n;
  sold = 0n;
  greenFlow = 0n;
  readonly #left: Map<BookClassName, bigint[]>;
  readonly #importWh: bigint;
  readonly #exportWh: bigint;

  constructor({ feeder, levels, importWh, exportWh }: Book) {
    this.feeder = feeder;
    this.#left = new Map(
      Object.entries(levels).map(([name, wh]) => {
        if (wh.length !== TICKS || wh.some((level) => level < 0n)) {
          throw new RangeError(`levels of class ${name} of feeder ${feeder} are not ${TICKS} numbers from zero up`);
        }
        return [name as BookClassName, [...wh]];
      }),
    );
    this.#importWh = importWh ?? UNLIMITED_WH;
    this.#exportWh = exportWh ?? UNLIMITED_WH;
  }

  /** A flow out of the feeder, cut to what its limits have left. */
  clip(flow: bigint): bigint {
    const exportLeft = this.#exportWh - this.greenFlow;
    if (this.#exportWh !== UNLIMITED_WH && flow > exportLeft) return exportLeft;
    const importLeft = this.#importWh + this.greenFlow;
    return this.#importWh !== UNLIMITED_WH && flow < -importLeft ? -importLeft : flow;
  }

  levelOf(bookClass: BookClassName, tick: number): bigint {
    return this.#left.get(bookClass)?.[tick] ?? 0n;
  }

  /** Wh times ticks by which what is better than a tick is bid above it. All of it is filled. */
  aboveTick(bids: readonly BookClassName[], tick: number): bigint {
    let sum = 0n;
    for (const name of bids) {
      const levels = this.#left.get(name) ?? [];
      for (let above = tick + 1; above < levels.length; ++above) {
        sum += (levels[above] ?? 0n) * BigInt(above - tick);
      }
    }
    return sum;
  }

  curves({ bids, offers }: Part): Curves {
    return new Curves(this.#sum(bids), this.#sum(offers));
  }

  /** Takes what a round filled off the levels. */
  remove({ round, bids, offers }: Part, { tick, bought, sold, shares }: BookResult): void {
    if (tick === undefined) return;
    this.bought += bought;
    this.sold += sold;
    if (round === "Green") this.greenFlow += sold - bought;
    for (const name of [...bids, ...offers]) {
      const levels = this.#left.get(name);
      if (levels === undefined) continue;
      if (bids.includes(name)) levels.fill(0n, tick + 1);
      else levels.fill(0n, 0, tick);
      levels[tick] = (levels[tick] ?? 0n) - (shares.get(name)?.filled ?? 0n);
    }
  }

  #sum(names: readonly BookClassName[]): bigint[] {
    const sum = Array<bigint>(TICKS).fill(0n);
    for (const name of names) {
      for (const [tick, wh] of (this.#left.get(name) ?? []).entries()) {
        if (wh > 0n) sum[tick] = (sum[tick] ?? 0n) + wh;
      }
    }
    return sum;
  }
}

/** Supply and demand of a book in a round. */
class Curves {
  /** Place p: Wh offered below tick p. */
  readonly #below: bigint[] = [0n];
  /** Place p: Wh bid at tick p or above. */
  readonly #from: bigint[] = Array<bigint>(TICKS + 1).fill(0n);

  constructor(bids: Levels, offers: Levels) {
    for (let tick = 0; tick < TICKS; ++tick) this.#below.push((this.#below[tick] ?? 0n) + (offers[tick] ?? 0n));
    for (let tick = TICKS - 1; tick >= 0; --tick) this.#from[tick] = (this.#from[tick + 1] ?? 0n) + (bids[tick] ?? 0n);
  }

  /** Wh offered at a tick or below; tick -1: none. */
  offered(tick: number): bigint {
    return this.#below[tick + 1] ?? 0n;
  }

  /** Wh bid at a tick or above; tick 256: none. */
  bid(tick: number): bigint {
    return this.#from[tick] ?? 0n;
  }

  /** Least that the book exports at a price: bids at it are filled, offers at it are not. */
  least(tick: number): bigint {
    return this.offered(tick - 1) - this.bid(tick);
  }

  /** What it exports when bids and offers at the price are filled. */
  both(tick: number): bigint {
    return this.offered(tick) - this.bid(tick);
  }

  /** Most that it exports at a price: offers at it are filled, bids at it are not. */
  most(tick: number): bigint {
    return this.offered(tick) - this.bid(tick + 1);
  }

  /** The price at which the book exports so much. */
  tickFor(exported: bigint): number {
    return middle(
      ...rangeOf(
        (tick) => this.least(tick),
        (tick) => this.most(tick),
        exported,
      ),
    );
  }
}

/** A book in a round. */
interface Candidate {
  readonly book: OpenBook;
  readonly curves: Curves;
}

/** Ticks at which a book, or several together, export what they are to. */
function rangeOf(least: (tick: number) => bigint, most: (tick: number) => bigint, target: bigint): [number, number] {
  let low = 0;
  while (low < TICKS - 1 && most(low) < target) ++low;
  let high = TICKS - 1;
  while (high > 0 && least(high) > target) --high;
  return [low, high];
}

function middle(low: number, high: number): number {
  return Math.floor((low + high) / 2);
}

/** What a book gets at its price when it is to export so much. */
function fill(part: Part, { book, curves }: Candidate, tick: number, exported: bigint): BookResult {
  const better = { offers: curves.offered(tick - 1), bids: curves.bid(tick + 1) };
  const here = { offers: curves.offered(tick) - better.offers, bids: curves.bid(tick) - better.bids };
  const wanted = here.bids + better.bids + exported - better.offers;
  const offersFilled = here.offers < wanted ? here.offers : wanted;
  const sold = better.offers + offersFilled;
  const bought = sold - exported;
  const { feeder } = book;
  if (sold === 0n && bought === 0n) return { feeder, tick: undefined, bought, sold, shares: new Map() };
  const shares = new Map([
    ...sharesOf(book, part.bids, tick, bought - better.bids),
    ...sharesOf(book, part.offers, tick, offersFilled),
  ]);
  return { feeder, tick, bought, sold, shares };
}

/** What each class gets of what is filled at the price. */
function sharesOf(
  book: OpenBook,
  names: readonly BookClassName[],
  tick: number,
  filled: bigint,
): [BookClassName, Share][] {
  const levels = names.map((name) => book.levelOf(name, tick));
  const parts = shareOut(filled, levels);
  return names.map((name, index) => [name, { level: levels[index] ?? 0n, filled: parts[index] ?? 0n }]);
}

/** Every feeder by itself. */
function feederRound(part: Part, open: readonly OpenBook[]): RoundResult {
  const books = open.map((book) => {
    const curves = book.curves(part);
    return fill(part, { book, curves }, curves.tickFor(0n), 0n);
  });
  return { round: part.round, low: undefined, high: undefined, tick: undefined, volume: boughtIn(books), books };
}

/** All feeders on one bus, each within what its limits have left. */
function busRound(part: Part, open: readonly OpenBook[]): RoundResult {
  const candidates = open.map((book) => ({ book, curves: book.curves(part) }));
  const flows = (of: "least" | "both" | "most", tick: number): bigint[] =>
    candidates.map(({ book, curves }) => book.clip(curves[of](tick)));

  const [low, high] = rangeOf(
    (tick) => sumOf(flows("least", tick)),
    (tick) => sumOf(flows("most", tick)),
    0n,
  );
  const bus = middle(low, high);
  const exports = balance(flows("least", bus), flows("both", bus), flows("most", bus));
  const books = candidates.map((candidate, index) => {
    const exported = exports[index] ?? 0n;
    const { book, curves } = candidate;
    const atLimit = book.clip(curves.least(bus)) < curves.least(bus) || book.clip(curves.most(bus)) > curves.most(bus);
    return fill(part, candidate, atLimit ? curves.tickFor(exported) : bus, exported);
  });
  const volume = boughtIn(books);
  const range = volume === 0n ? { low: undefined, high: undefined, tick: undefined } : { low, high, tick: bus };
  return { round: part.round, ...range, volume, books };
}

/** What each book exports at the bus price, so that the sum is zero. */
function balance(least: readonly bigint[], both: readonly bigint[], most: readonly bigint[]): bigint[] {
  const excess = sumOf(both);
  const [from, to] = excess >= 0n ? [least, both] : [both, most];
  const parts = shareOut(
    -sumOf(from),
    from.map((flow, index) => (to[index] ?? 0n) - flow),
  );
  return from.map((flow, index) => flow + (parts[index] ?? 0n));
}

function boughtIn(books: readonly BookResult[]): bigint {
  return sumOf(books.map(({ bought }) => bought));
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}
