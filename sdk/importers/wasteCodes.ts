/** The List of Waste as a table, with hazard and kind of each entry. */
import { EntryType } from "../enums.js";
import { isHazardousType, type Material, wasteCode, wasteCodeText } from "../waste/codes.js";
import { CellFault, readText } from "./cells.js";
import { hasColumns, readTable, type SourceText } from "./csv.js";
import type { Place, RowFault } from "./faults.js";
import { RowReader } from "./rows.js";

/** Columns of a list of waste. */
export const WASTE_CODE_COLUMNS = [
  "ewc",
  "ewc_digits",
  "hazardous",
  "entry_type",
  "chapter",
  "sub_chapter",
  "description",
] as const;

export type WasteCodeColumn = (typeof WASTE_CODE_COLUMNS)[number];

const ENTRY_TYPES: ReadonlyMap<string, bigint> = new Map([
  ["Absolute non-hazardous", EntryType.Absolute],
  ["Absolute hazardous", EntryType.AbsoluteHazardous],
  ["Mirror non-hazardous", EntryType.Mirror],
  ["Mirror hazardous", EntryType.MirrorHazardous],
]);

/** An entry of the list, valid without end. */
export interface WasteCodeEntry extends Material, Place {
  readonly hazardous: boolean;
  readonly chapter: string;
  readonly subChapter: string;
  readonly description: string;
}

/** What a list has. */
export interface WasteCodes {
  /** In the order of the files. */
  readonly codes: readonly WasteCodeEntry[];
  readonly faults: readonly RowFault[];
  readonly rowCount: number;
}

/** Whether a file's header row is that of a list of waste. */
export function isWasteCodes(header: readonly string[]): boolean {
  return hasColumns(header, WASTE_CODE_COLUMNS);
}

/**
 * Reads files of the columns {@link WASTE_CODE_COLUMNS}. A row with a fault is left out: a code that is none, one that is
 * written in two ways, one that stands there already, and a hazard that is not that of the entry's kind.
 */
export function importWasteCodes(sources: readonly SourceText[]): WasteCodes {
  const codes = new Map<number, WasteCodeEntry>();
  const faults: RowFault[] = [];
  let rowCount = 0;
  for (const source of sources) {
    const table = readTable(source, WASTE_CODE_COLUMNS);
    faults.push(...table.faults);
    rowCount += table.rows.length + (table.unreadable ? 0 : table.faults.length);
    for (const row of table.rows) {
      const reader = new RowReader(source.name, row);
      const entry = entryOf(reader, codes);
      if (entry !== undefined && reader.faults.length === 0) codes.set(entry.code, entry);
      faults.push(...reader.faults);
    }
  }
  return { codes: [...codes.values()], faults, rowCount };
}

function entryOf(
  reader: RowReader<WasteCodeColumn>,
  known: ReadonlyMap<number, WasteCodeEntry>,
): WasteCodeEntry | undefined {
  const code = reader.read("ewc", readWasteCode);
  const digits = reader.read("ewc_digits", readWasteCode);
  const hazardous = reader.read("hazardous", readFlag);
  const entryType = reader.read("entry_type", readEntryType);
  const chapter = reader.read("chapter", readText);
  const subChapter = reader.read("sub_chapter", readText);
  const description = reader.read("description", readText);
  if (code !== undefined && digits !== undefined && digits !== code) {
    reader.add("ewc_digits", `another code than ${wasteCodeText(code)} in the same row`);
  }
  if (hazardous !== undefined && entryType !== undefined && isHazardousType(entryType) !== hazardous) {
    reader.add("hazardous", `the entry is ${hazardous ? "not " : ""}hazardous by its entry_type`);
  }
  const twin = code === undefined ? undefined : known.get(code);
  if (twin !== undefined) reader.add("ewc", `this code stands in ${reader.placeOf(twin)} already`);
  if (code === undefined || hazardous === undefined || entryType === undefined) return undefined;
  if (chapter === undefined || subChapter === undefined || description === undefined) return undefined;
  const { file, line } = reader;
  return { file, line, code, entryType, fromDay: 0, toDay: 0, hazardous, chapter, subChapter, description };
}

/** A code of the list, in any way of writing it. */
export function readWasteCode(cell: string): number {
  try {
    return wasteCode(readText(cell));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CellFault("not a code of six digits in the chapters 01 to 20, such as 15 01 06");
  }
}

function readFlag(cell: string): boolean {
  if (cell !== "0" && cell !== "1") throw new CellFault("neither 0 nor 1");
  return cell === "1";
}

function readEntryType(cell: string): bigint {
  const entryType = ENTRY_TYPES.get(readText(cell));
  if (entryType === undefined) throw new CellFault(`none of ${[...ENTRY_TYPES.keys()].join(", ")}`);
  return entryType;
}
