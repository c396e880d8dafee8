/** The waste folder: which files there are, and what of them can be lived through. */
import { existsSync, readFileSync } from "node:fs";

import {
  importWasteBins,
  importWasteCodes,
  importWasteFills,
  importWasteTickets,
  isWasteBins,
  isWasteCodes,
  isWasteFills,
  type RepeatedContainer,
  type RowFault,
  type WasteBinRow,
  type WasteFillRow,
  type WasteTicketRow,
} from "../../../sdk/importers/index.js";
import { EntryType } from "../../../sdk/index.js";
import { isValidOn, type Material, mostGramsIn, wasteCodeText, withBatteryCodes } from "../../../sdk/waste/index.js";
import { type DataFile, type Format, recognise } from "../folder.js";
import { planContainers } from "./plan.js";
import { CODES, MAX_GRAMS_PER_LITRE } from "./terms.js";

type Kind = "codes" | "tickets" | "bins" | "fills";

// Whatever is a table has to be one that is known: a table with a wrong header is a mistake, not another thing.
const FORMATS: readonly Format<Kind>[] = [
  { kind: "codes", matches: (file) => isTable(file) && isWasteCodes(file.header) },
  { kind: "bins", matches: (file) => isTable(file) && isWasteBins(file.header) },
  { kind: "fills", matches: (file) => isTable(file) && isWasteFills(file.header) },
  { kind: "tickets", matches: isTable },
];

function isTable({ extension }: DataFile): boolean {
  return extension === ".csv";
}

/** What there is to live through. Days are days since 1970. */
export interface WasteData {
  /** The list of codes as it is loaded, in rising order: the file's, those of plants, and those of batteries. */
  readonly materials: readonly Material[];
  /** Entries in the files, and hazardous ones among them. */
  readonly listed: { readonly codes: number; readonly hazardous: number };
  readonly tickets: readonly WasteTicketRow[];
  /** Containers that stand on a second ticket. */
  readonly repeated: readonly RepeatedContainer[];
  /** Bins with readings. */
  readonly bins: readonly WasteBinRow[];
  /** Serial numbers of bins without any. */
  readonly silent: readonly string[];
  readonly fills: readonly WasteFillRow[];
  readonly firstDay: number;
}

export interface ReadFolder {
  /** Absent where nothing is left to live through. */
  readonly data: WasteData | undefined;
  readonly used: readonly string[];
  readonly unknown: readonly string[];
  readonly faults: readonly RowFault[];
}

/** What a folder expects of its tickets and codes, as far as it says so. */
export interface Expected {
  readonly tickets?: number;
  readonly kg_total?: number;
  readonly per_collector?: Readonly<Record<string, { readonly tickets?: number; readonly kg?: number }>>;
  readonly repeated_dumpster_numbers?: number;
  readonly ewc_codes?: { readonly codes?: number; readonly hazardous?: number };
}

/** Reads the files of the folder. */
export function readWaste(files: readonly DataFile[]): ReadFolder {
  const { of, unknown } = recognise(files, FORMATS);
  const codes = importWasteCodes(of("codes"));
  const tickets = importWasteTickets(of("tickets"));
  const bins = importWasteBins(of("bins"));
  const fills = importWasteFills(of("fills"), new Set(bins.bins.map(({ serial }) => serial)));
  const materials = withBatteryCodes(withPlantCodes(codes.codes));
  const ticketFaults = faultsOfTickets(tickets.tickets, materials);
  const faulty = new Set(ticketFaults.map(({ file, line }) => `${file}:${line}`));
  const good = tickets.tickets.filter(({ file, line }) => !faulty.has(`${file}:${line}`));
  const rows = fills.histories.flatMap((history) => history.fills);
  const read = new Set(rows.map(({ serial }) => serial));
  const firstDay = Math.min(...good.map(({ day }) => day), ...rows.map(({ day }) => day));
  return {
    data: Number.isFinite(firstDay)
      ? {
          materials,
          listed: {
            codes: codes.codes.length,
            hazardous: codes.codes.filter(({ hazardous }) => hazardous).length,
          },
          tickets: good,
          repeated: tickets.repeated,
          bins: bins.bins.filter(({ serial }) => read.has(serial)),
          silent: bins.bins.flatMap(({ serial }) => (read.has(serial) ? [] : [serial])),
          fills: rows,
          firstDay,
        }
      : undefined,
    used: files.filter((file) => !unknown.includes(file)).map(({ name }) => name),
    unknown: unknown.map(({ name }) => name),
    faults: [codes.faults, tickets.faults, ticketFaults, bins.faults, fills.faults].flat(),
  };
}

/** Codes that bins and plants of the day need, where the list lacks them. */
function withPlantCodes(list: readonly Material[]): Material[] {
  const known = new Set(list.map(({ code }) => code));
  const hazardous: readonly number[] = [CODES.hazardousResidue, CODES.flyAsh];
  const missing = Object.values(CODES).filter((code) => !known.has(code));
  return [
    ...list,
    ...missing.map((code) => ({
      code,
      entryType: hazardous.includes(code) ? EntryType.MirrorHazardous : EntryType.Absolute,
      fromDay: 0,
      toDay: 0,
    })),
  ];
}

/** What the chain would refuse of tickets: codes that are not valid on their day, and more than fits in. */
function faultsOfTickets(tickets: readonly WasteTicketRow[], materials: readonly Material[]): RowFault[] {
  const byCode = new Map(materials.map((material) => [material.code, material]));
  const litres = new Map(planContainers(tickets).map((container) => [container.id, container.litres]));
  return tickets.flatMap(({ code, containerId, day, file, grams, line }): RowFault[] => {
    const material = byCode.get(code);
    if (material === undefined || !isValidOn(material, day)) {
      const reason = material === undefined ? "the list has no such code" : "the code is not valid on that day";
      return [{ file, line, column: "ewc_assigned", value: wasteCodeText(code), reason }];
    }
    const most = mostGramsIn(litres.get(containerId) ?? 0, MAX_GRAMS_PER_LITRE);
    if (most === undefined || grams <= most) return [];
    const reason = `more than a container of ${litres.get(containerId)} litres holds`;
    return [{ file, line, column: "kg", value: (grams / GRAMS_PER_KG).toString(), reason }];
  });
}

const GRAMS_PER_KG = 1_000n;

/** What a folder expects; nothing where it does not say. */
export function readExpected(path: string): Expected {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Expected;
  } catch {
    return {};
  }
}
