/** What whole cities were measured to cost: whether it stays flat as they grow, and the tables of docs/scale.md. */
import { markdownTable } from "./pages.js";

/** Gas of a block, and most gas of a transaction (EIP-7825). */
const BLOCK_GAS = 60_000_000;
const TRANSACTION_GAS = 2 ** 24;
/** What an item of a larger city may cost, in hundredths of what it costs in a smaller one. */
const MOST_HUNDREDTHS = 105;
/** Gas that one hash more in a Merkle proof may cost: 32 bytes of calldata are 512, the rest is its hashing. */
export const HASH_GAS = 800;
const SECONDS_DIGITS = 1;
/** Residents of the largest city that is usually measured. */
const CITY = 100_000;
/** Blocks every twelve seconds for a quarter of an hour, and such quarters of a day. */
const QUARTER_BLOCKS = 75;
const INTERVALS = 96;

/** Sizes of cities, and clients, that are measured where nothing is said. */
export const SIZES = [1_000, 10_000, CITY] as const;
export const CLIENTS = ["edr", "anvil"] as const;

/** A step of a run. */
export interface Row {
  readonly name: string;
  readonly item: string;
  /** Hashes in the Merkle proofs of an item. */
  readonly hashes: number;
  readonly items: number;
  readonly transactions: number;
  /** Items of a full transaction, and how many were full. */
  readonly fullBatch: number;
  readonly full: number;
  readonly gas: number;
  /** Gas of the transaction that used most. */
  readonly largest: number;
  /** Gas of an item in full transactions, or in all if none was full. */
  readonly perItem: number;
  /** What a transaction must be given for each gas that it uses. */
  readonly needed: number;
  /** Whether it costs the same for any number of items. */
  readonly fixed?: true;
  /** Most items that the contract takes in one transaction. */
  readonly most?: number;
  /** Blocks that were made. */
  readonly blocks: number;
  /** Seconds. */
  readonly signing: number;
  /** Seconds. */
  readonly sending: number;
}

/** A city of one size on one client. */
export interface Run {
  readonly client: string;
  readonly version: string;
  readonly kind: string;
  readonly residents: number;
  readonly resident: string;
  readonly prepared: string;
  /** Seconds until the client ran and the city was deployed. */
  readonly opening: number;
  /** Seconds that the preparation took besides. */
  readonly preparing: number;
  readonly rows: readonly Row[];
}

/** Where it was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
}

export interface Outcome {
  readonly machine: Machine;
  /** By {@link runKey}. */
  readonly runs: Readonly<Record<string, Run>>;
}

/** Name of a run in the files. */
export function runKey({ client, kind, residents }: Pick<Run, "client" | "kind" | "residents">): string {
  return `${client} ${kind} ${residents}`;
}

/** A row of a run, with the run's client and size. */
interface Placed {
  readonly run: Run;
  readonly row: Row;
}

/** Rows of one name on one client, from the smallest city to the largest. */
function series(runs: readonly Run[]): Placed[][] {
  const found = new Map<string, Placed[]>();
  for (const run of [...runs].sort((a, b) => a.residents - b.residents)) {
    for (const row of run.rows) {
      const key = `${run.client} ${row.name}`;
      found.set(key, [...(found.get(key) ?? []), { run, row }]);
    }
  }
  return [...found.values()];
}

/** Gas of an item in a larger city, apart from the hashes by which its proof is longer. */
function unhashed(smaller: Row, larger: Row): number {
  return larger.perItem - HASH_GAS * Math.max(0, larger.hashes - smaller.hashes);
}

/** One sentence for each step whose items cost more in a larger city. */
export function growthFaults(runs: readonly Run[]): string[] {
  const faults: string[] = [];
  for (const placed of series(runs)) {
    placed.forEach(({ run, row }, index) => {
      for (const before of placed.slice(0, index)) {
        const gas = unhashed(before.row, row);
        if (100 * gas <= MOST_HUNDREDTHS * before.row.perItem) continue;
        faults.push(
          `On ${run.client}, an item of ${row.name} costs ${row.perItem} gas with ${run.residents} residents and ` +
            `${before.row.perItem} with ${before.run.residents}: ${percent(gas / before.row.perItem - 1)} more, where 5 % are allowed.`,
        );
      }
    });
  }
  return faults;
}

/** Steps whose gas is not the same on all clients, where it was measured on several. */
export function clientFaults(runs: readonly Run[]): string[] {
  const faults: string[] = [];
  const known = new Map<string, Placed>();
  for (const run of runs) {
    for (const row of run.rows) {
      const key = `${row.name} with ${run.residents} residents`;
      const other = known.get(key);
      known.set(key, { run, row });
      if (other === undefined || other.row.gas === row.gas) continue;
      faults.push(`${key}: ${other.row.gas} gas on ${other.run.client}, ${row.gas} on ${run.client}.`);
    }
  }
  return faults;
}

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const seconds = (value: number): string => value.toFixed(SECONDS_DIGITS);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const columns = (from: number, to: number): ReadonlySet<number> =>
  new Set(Array.from({ length: to - from }, (_, index) => from + index));

/** Pace: of a second that clients took, without what signing took. */
function paceTable(runs: readonly Run[]): string {
  const rows = series(runs).flatMap((placed) =>
    placed.map(({ run, row }) => [
      row.name,
      run.client,
      whole(run.residents),
      whole(row.transactions),
      whole(row.gas / 1e6),
      (row.gas / BLOCK_GAS).toFixed(1),
      seconds(row.signing),
      seconds(row.sending),
      (row.transactions / row.sending).toFixed(1),
      whole(row.items / row.sending),
      whole(row.gas / row.sending / 1e6),
    ]),
  );
  const head = [
    "Step",
    "Client",
    "Residents",
    "Transactions",
    "M gas",
    "Blocks of 60 M",
    "Signing, s",
    "Sending, s",
    "Transactions/s",
    "Items/s",
    "M gas/s",
  ];
  return markdownTable(head, rows, columns(2, head.length));
}

function growthTable(runs: readonly Run[]): string {
  const rows = series(runs).flatMap((placed) =>
    placed.map(({ run, row }, index) => {
      const [smallest] = placed;
      const first = index === 0 || smallest === undefined;
      return [
        row.name,
        run.client,
        whole(run.residents),
        whole(row.perItem),
        whole(row.gas / row.items),
        row.hashes === 0 ? "none" : whole(row.hashes),
        first ? "" : percent(row.perItem / smallest.row.perItem - 1),
        first ? "" : percent(unhashed(smallest.row, row) / smallest.row.perItem - 1),
      ];
    }),
  );
  const head = [
    "Step",
    "Client",
    "Residents",
    "Gas of an item",
    "With partial batches",
    "Hashes",
    "Growth",
    "Without hashes",
  ];
  return markdownTable(head, rows, columns(2, head.length));
}

/** Limits, from the largest city that each step was measured in. */
function limitsTable(runs: readonly Run[]): string {
  const rows = new Map<string, string[]>();
  for (const placed of series(runs)) {
    const last = placed.at(-1);
    if (last === undefined || (rows.has(last.row.name) && last.run.client !== "edr")) continue;
    const { row } = last;
    const byGas = Math.floor(TRANSACTION_GAS / (row.perItem * row.needed));
    rows.set(row.name, [
      row.name,
      whole(row.fullBatch),
      whole(row.largest),
      row.most === undefined ? "none" : whole(row.most),
      row.fixed === true ? "all" : whole(byGas),
      row.fixed === true ? "all" : whole(BLOCK_GAS / row.perItem),
      ((row.fixed === true ? row.gas : CITY * row.perItem) / BLOCK_GAS).toFixed(1),
    ]);
  }
  const head = [
    "Step",
    "Batch",
    "Gas of the largest",
    "Contract takes",
    "Gas allows",
    "Items of a block",
    `Blocks for ${whole(CITY)}`,
  ];
  return markdownTable(head, [...rows.values()], columns(1, head.length));
}

function preparationTable(runs: readonly Run[]): string {
  const rows = runs.map((run) => [
    run.kind,
    run.client,
    whole(run.residents),
    run.prepared,
    seconds(run.opening),
    seconds(run.preparing),
  ]);
  const head = ["Run", "Client", "Residents", "Prepared", "City deployed, s", "Preparing, s"];
  return markdownTable(head, rows, new Set([2, 4, 5]));
}

function stepsTable(runs: readonly Run[]): string {
  const rows = new Map(runs.flatMap(({ rows: some }) => some.map(({ name, item }) => [name, [name, item]] as const)));
  return markdownTable(["Step", "One item is"], [...rows.values()], new Set());
}

/** What a quarter of an hour of blocks every twelve seconds holds of orders with all that follows from them. */
function quarter(runs: readonly Run[]): string {
  const largest = new Map<string, Row>();
  for (const placed of series(runs)) {
    const last = placed.at(-1);
    if (last !== undefined && last.row.items > (largest.get(last.row.name)?.items ?? 0)) {
      largest.set(last.row.name, last.row);
    }
  }
  const each = (name: string): number => largest.get(name)?.perItem ?? 0;
  const life = each("orders") + each("readings") / INTERVALS + each("confirmations") + each("settlements");
  if (life === 0) return "Orders were not measured.";
  const gas = QUARTER_BLOCKS * BLOCK_GAS;
  const traders = Math.floor((gas - (largest.get("clearing")?.gas ?? 0)) / life);
  return (
    `An order costs ${whole(life)} gas from its posting to its settlement, with its interval's share of the readings. A chain ` +
    `with blocks of 60 M gas every 12 seconds has ${whole(gas / 1e6)} M gas in a quarter of an hour: enough for ` +
    `${whole(traders)} residents who order in each, if nobody else used the chain.`
  );
}

/** Sizes and clients that the command has by itself, and what of those was not run. */
function missing(runs: readonly Run[]): string {
  const known = new Set(runs.map(runKey));
  const kinds = [...new Set(runs.map(({ kind }) => kind))];
  const lacking = SIZES.flatMap((residents) =>
    CLIENTS.flatMap((client) => {
      const left = kinds.filter((kind) => !known.has(runKey({ client, kind, residents })));
      return left.length === 0 ? [] : [`${whole(residents)} residents on ${client}: ${left.join(", ")}`];
    }),
  );
  return lacking.length === 0 ? "All sizes were run on both clients." : `Not run: ${lacking.join("; ")}.`;
}

/** The parts of docs/scale.md that are measured, by name. */
export function scaleTables({ machine, runs }: Outcome): Readonly<Record<string, string>> {
  const all = Object.values(runs);
  const versions = [...new Set(all.map(({ client, version }) => `${client} is ${version}`))].join("; ");
  const differences = clientFaults(all);
  return {
    machine: `Measured on ${machine.cores} cores of ${machine.processor} with ${machine.memoryGb} GB, Node.js ${machine.node}; ${versions}. ${missing(all)}`,
    steps: stepsTable(all),
    growth: growthTable(all),
    pace: paceTable(all),
    limits: limitsTable(all),
    quarter: quarter(all),
    preparation: preparationTable(all),
    clients:
      differences.length === 0
        ? "Where a city was measured on both clients, every step used the same gas to the unit."
        : differences.map((line) => `- ${line}`).join("\n"),
  };
}
