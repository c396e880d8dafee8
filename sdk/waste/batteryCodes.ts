/**
 * What Commission Delegated Decision (EU) 2025/934 changes in the List of Waste for batteries: 42 new entries, 4 that end,
 * and one that becomes hazardous. The decision was to apply from 9 November 2026; its corrigendum of 19 August 2025
 * (OJ L, 2025/90657) says 9 December 2026, 18 months after it entered into force.
 */
import { EntryType } from "../enums.js";
import { dayOfDate, type Material, type Reclassification, wasteCode } from "./codes.js";

/** First day of the new entries, and of the hazard of 16 06 04. */
export const BATTERY_CODES_FROM = "2026-12-09";

/** Last day of the entries that end. */
export const OLD_BATTERY_CODES_TO = "2026-12-08";

/** An entry with its meaning in short. */
export interface NamedMaterial extends Material {
  /** What it names, in words of our own; the decision has the binding ones. */
  readonly label: string;
}

const { Absolute, AbsoluteHazardous, Mirror, MirrorHazardous } = EntryType;

const NEW: readonly (readonly [code: string, entryType: bigint, label: string])[] = [
  ["10 08 21", MirrorHazardous, "slag of lithium battery recycling, with hazardous substances"],
  ["10 08 22", Mirror, "slag of lithium battery recycling, other"],
  ["10 08 23", MirrorHazardous, "slag of nickel battery recycling, with hazardous substances"],
  ["10 08 24", Mirror, "slag of nickel battery recycling, other"],
  ["10 08 25", MirrorHazardous, "slag of other battery recycling, with hazardous substances"],
  ["10 08 26", Mirror, "slag of other battery recycling, other"],
  ["16 06 07", AbsoluteHazardous, "lithium batteries"],
  ["16 06 08", AbsoluteHazardous, "nickel batteries without cadmium"],
  ["16 06 09", AbsoluteHazardous, "zinc batteries, silver oxide ones included"],
  ["16 06 10", MirrorHazardous, "sodium batteries with hazardous substances"],
  ["16 06 11", AbsoluteHazardous, "sodium sulphur batteries"],
  ["16 06 12", Mirror, "sodium batteries, other"],
  ["16 06 13", AbsoluteHazardous, "mixed batteries"],
  ["16 06 14", MirrorHazardous, "other batteries with hazardous substances"],
  ["16 06 15", Mirror, "other batteries"],
  ["16 06 22", MirrorHazardous, "waste of making lead batteries, with hazardous substances"],
  ["16 06 23", Mirror, "waste of making lead batteries, other"],
  ["16 06 24", MirrorHazardous, "waste of making lithium batteries, with hazardous substances"],
  ["16 06 25", Mirror, "waste of making lithium batteries, other"],
  ["16 06 26", MirrorHazardous, "waste of making nickel batteries, with hazardous substances"],
  ["16 06 27", Mirror, "waste of making nickel batteries, other"],
  ["16 06 28", MirrorHazardous, "waste of making alkaline batteries, with hazardous substances"],
  ["16 06 29", Mirror, "waste of making alkaline batteries, other"],
  ["16 06 30", MirrorHazardous, "waste of making zinc batteries, with hazardous substances"],
  ["16 06 31", Mirror, "waste of making zinc batteries, other"],
  ["16 06 32", MirrorHazardous, "waste of making sodium batteries, with hazardous substances"],
  ["16 06 33", Mirror, "waste of making sodium batteries, other"],
  ["16 06 34", MirrorHazardous, "waste of making other batteries, with hazardous substances"],
  ["16 06 35", Mirror, "waste of making other batteries, other"],
  ["19 02 12", AbsoluteHazardous, "salts and solutions of battery recycling with heavy metals"],
  ["19 02 13", MirrorHazardous, "other wastes of physico-chemical treatment with hazardous substances"],
  ["19 14 01", AbsoluteHazardous, "fractions of lead batteries with electrode material"],
  ["19 14 02", AbsoluteHazardous, "fractions of lithium batteries with electrode material: black mass"],
  ["19 14 03", AbsoluteHazardous, "fractions of nickel batteries with electrode material"],
  ["19 14 04", AbsoluteHazardous, "fractions of alkaline batteries with electrode material"],
  ["19 14 05", AbsoluteHazardous, "fractions of zinc batteries with electrode material"],
  ["19 14 06", AbsoluteHazardous, "fractions of sodium batteries with electrode material"],
  ["19 14 07", AbsoluteHazardous, "fractions of other batteries with electrode material"],
  ["19 14 08", Absolute, "alloys of battery recycling, massive"],
  ["20 01 42", AbsoluteHazardous, "batteries of households: hazardous ones, and mixtures with them"],
  ["20 01 43", AbsoluteHazardous, "batteries of households: lithium"],
  ["20 01 44", Absolute, "batteries of households: others"],
];

const OLD: readonly (readonly [code: string, entryType: bigint, label: string])[] = [
  ["16 06 05", Absolute, "other batteries and accumulators"],
  ["19 02 11", MirrorHazardous, "other wastes of physico-chemical treatment with hazardous substances"],
  ["20 01 33", AbsoluteHazardous, "batteries of households: lead, nickel-cadmium, mercury, and mixtures with them"],
  ["20 01 34", Absolute, "batteries of households: others"],
];

/**
 * Entries that begin with the decision. Whether an entry is a mirror of another is read from its text: the decision marks
 * hazard alone.
 */
export const NEW_BATTERY_CODES: readonly NamedMaterial[] = NEW.map(([code, entryType, label]) => ({
  code: wasteCode(code),
  entryType,
  fromDay: dayOfDate(BATTERY_CODES_FROM),
  toDay: 0,
  label,
}));

/** Entries that end with it. */
export const OLD_BATTERY_CODES: readonly NamedMaterial[] = OLD.map(([code, entryType, label]) => ({
  code: wasteCode(code),
  entryType,
  fromDay: 0,
  toDay: dayOfDate(OLD_BATTERY_CODES_TO),
  label,
}));

/** 16 06 04, alkaline batteries: not hazardous before the decision applies, hazardous from then on. */
export const ALKALINE_BATTERIES: { readonly before: NamedMaterial; readonly after: NamedMaterial } = {
  before: {
    code: wasteCode("16 06 04"),
    entryType: Absolute,
    fromDay: 0,
    toDay: dayOfDate(OLD_BATTERY_CODES_TO),
    label: "alkaline batteries",
  },
  after: {
    code: wasteCode("16 06 04"),
    entryType: AbsoluteHazardous,
    fromDay: dayOfDate(BATTERY_CODES_FROM),
    toDay: 0,
    label: "alkaline batteries",
  },
};

/** Entries whose type the decision changes: 16 06 04, which becomes hazardous. */
export const RECLASSIFIED_2026: readonly Reclassification[] = [ALKALINE_BATTERIES.after].map(
  ({ code, entryType, fromDay }) => ({ code, entryType, fromDay }),
);

/**
 * A list with the entries of the decision, as `MaterialCodes` takes it: those that end get their last day, new ones are
 * added. 16 06 04 keeps the type that it has in the list; {@link RECLASSIFIED_2026} changes it on its day.
 */
export function withBatteryCodes(list: readonly Material[]): Material[] {
  const changed = new Map([...OLD_BATTERY_CODES, ...NEW_BATTERY_CODES].map((entry) => [entry.code, entry]));
  const kept = list.filter(({ code }) => !changed.has(code));
  const plain = ({ code, entryType, fromDay, toDay }: Material): Material => ({ code, entryType, fromDay, toDay });
  return [...kept, ...changed.values()].map(plain).sort((left, right) => left.code - right.code);
}
