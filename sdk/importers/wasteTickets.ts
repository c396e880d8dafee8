/** Weighed collections, one ticket a row. */
import { MAX_TICKET_GRAMS } from "../waste/lots.js";
import { type Range, readDate, readDecimal, readText } from "./cells.js";
import { hasColumns, readTable, type SourceText } from "./csv.js";
import type { Place, RowFault } from "./faults.js";
import { RowReader } from "./rows.js";
import { readWasteCode } from "./wasteCodes.js";

/** Columns of a file of tickets. */
export const WASTE_TICKET_COLUMNS = [
  "ticket_id",
  "container_id",
  "date",
  "ewc_assigned",
  "kg",
  "collector",
  "volume_cubic_yards",
] as const;

export type WasteTicketColumn = (typeof WASTE_TICKET_COLUMNS)[number];

const GRAM_DECIMALS = 3;
const MASS: Range = { least: 1n, greatest: MAX_TICKET_GRAMS, why: "the load of a road vehicle" };
const VOLUME_DECIMALS = 2;
/** A vehicle carries less than this, hundredths of a cubic yard. */
const VOLUME: Range = { least: 0n, greatest: 20_000n };

/** A ticket as the file has it. */
export interface WasteTicketRow extends Place {
  readonly ticketId: string;
  readonly containerId: string;
  /** Days since 1 January 1970; the source has no time of day. */
  readonly day: number;
  /** List of Waste code as a number. */
  readonly code: number;
  readonly grams: bigint;
  readonly collector: string;
  /** Hundredths of a cubic yard. */
  readonly volume: bigint;
}

/** A container's number that stands on a second ticket: one of the two is wrong, but both were weighed. */
export interface RepeatedContainer {
  readonly containerId: string;
  /** The ticket that has the number first. */
  readonly first: WasteTicketRow;
  /** The ticket that has it again. */
  readonly again: WasteTicketRow;
}

/** What the files have. */
export interface WasteTickets {
  /** In the order of the files, those with a repeated container's number included. */
  readonly tickets: readonly WasteTicketRow[];
  /** To be reported; nothing of it is left out. */
  readonly repeated: readonly RepeatedContainer[];
  readonly faults: readonly RowFault[];
  readonly rowCount: number;
}

/** Whether a file's header row is that of tickets. */
export function isWasteTickets(header: readonly string[]): boolean {
  return hasColumns(header, WASTE_TICKET_COLUMNS);
}

/**
 * Reads files of the columns {@link WASTE_TICKET_COLUMNS}. A row with a fault is left out, and so is one whose ticket
 * stands there already. A container that stands on two tickets is told, and both are kept: mass that was weighed is
 * never lost.
 */
export function importWasteTickets(sources: readonly SourceText[]): WasteTickets {
  const tickets = new Map<string, WasteTicketRow>();
  const containers = new Map<string, WasteTicketRow>();
  const repeated: RepeatedContainer[] = [];
  const faults: RowFault[] = [];
  let rowCount = 0;
  for (const source of sources) {
    const table = readTable(source, WASTE_TICKET_COLUMNS);
    faults.push(...table.faults);
    rowCount += table.rows.length + (table.unreadable ? 0 : table.faults.length);
    for (const row of table.rows) {
      const reader = new RowReader(source.name, row);
      const ticket = ticketOf(reader, tickets);
      faults.push(...reader.faults);
      if (ticket === undefined || reader.faults.length > 0) continue;
      tickets.set(ticket.ticketId, ticket);
      const first = containers.get(ticket.containerId);
      if (first === undefined) containers.set(ticket.containerId, ticket);
      else repeated.push({ containerId: ticket.containerId, first, again: ticket });
    }
  }
  return { tickets: [...tickets.values()], repeated, faults, rowCount };
}

/** One line for a container on two tickets. */
export function describeRepeated({ containerId, first, again }: RepeatedContainer): string {
  const where = `${again.file}, line ${again.line}`;
  return (
    `${where}: container ${containerId} stands on ticket ${first.ticketId} in line ${first.line} and again on ` +
    `${again.ticketId}; both are kept`
  );
}

function ticketOf(
  reader: RowReader<WasteTicketColumn>,
  known: ReadonlyMap<string, WasteTicketRow>,
): WasteTicketRow | undefined {
  const ticketId = reader.read("ticket_id", readText);
  const containerId = reader.read("container_id", readText);
  const day = reader.read("date", readDate);
  const code = reader.read("ewc_assigned", readWasteCode);
  const grams = reader.read("kg", (cell) => readDecimal(cell, GRAM_DECIMALS, MASS));
  const collector = reader.read("collector", readText);
  const volume = reader.read("volume_cubic_yards", (cell) => readDecimal(cell, VOLUME_DECIMALS, VOLUME));
  const twin = ticketId === undefined ? undefined : known.get(ticketId);
  if (twin !== undefined) reader.add("ticket_id", `this ticket stands in ${reader.placeOf(twin)} already`);
  if (ticketId === undefined || containerId === undefined || day === undefined || code === undefined) return undefined;
  if (grams === undefined || collector === undefined || volume === undefined) return undefined;
  const { file, line } = reader;
  return { file, line, ticketId, containerId, day, code, grams, collector, volume };
}
