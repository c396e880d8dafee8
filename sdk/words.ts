/** Arguments of errors and events in words. */
import { Fragment, Indexed, type NamedFragment, type ParamType, type Result } from "ethers";

import * as enums from "./enums.js";
import { credentialTypeName } from "./identity/credentials.js";

/** What the contracts' comments say of an error or an event. */
export interface Described {
  /** As an ABI in words has it. */
  readonly fragment: string;
  /** What happened. */
  readonly notice: string;
  /** Of each argument, in order. */
  readonly inputs: readonly {
    /** What it is; empty: nothing is said. */
    readonly means: string;
    /** Enum that it is a member of. */
    readonly enum?: string;
  }[];
}

/** An argument with what it means. */
export interface Argument {
  readonly name: string;
  /** A bigint for every integer; tuples are objects, lists are arrays. */
  readonly value: unknown;
  /** The value in words: members of enums by their names, instants and days with their dates. */
  readonly text: string;
  /** What it is, for instance "Time of the call". */
  readonly label: string;
  /** Its unit, for instance "Wh"; empty where the comments name none. */
  readonly unit: string;
}

/** An error or an event in words. */
export interface Told {
  readonly arguments: readonly Argument[];
  /** What happened, then every argument by what it is. */
  readonly sentence: string;
}

/**
 * Puts an error or an event in words.
 *
 * @param described - What the comments say.
 * @param fragment - It, parsed.
 * @param values - Its arguments, decoded.
 * @param tellBytes - Tells bytes that are more than bytes, for instance a revert within a revert.
 */
export function tell(
  { inputs, notice }: Described,
  fragment: NamedFragment,
  values: Result,
  tellBytes: (data: string) => string | undefined = () => undefined,
): Told {
  const told = fragment.inputs.map((type, index) => {
    const input = inputs[index];
    const name = type.name === "" ? `argument ${index + 1}` : type.name;
    const means = meaningOf(input?.means ?? "", name);
    const value = plain(type, values[index]);
    const wordy = { error: fragment.name, argument: name, means: input?.means ?? "", members: membersOf(input?.enum) };
    const text = type.type === "bytes" ? (tellBytes(String(value)) ?? String(value)) : tellValue(value, wordy);
    return { name, value, text, ...means };
  });
  const list = told
    .map(({ label, text, unit }, index) => `${index === 0 ? label : lowerFirst(label)}: ${`${text} ${unit}`.trimEnd()}`)
    .join("; ");
  return { arguments: told, sentence: list === "" ? notice : `${notice} ${list}.` };
}

/** Parses fragments, each once. */
export class Parser<Kind extends Fragment> {
  readonly #known = new Map<string, Kind>();

  /** The fragment of what is described. */
  of({ fragment }: Described): Kind {
    const known = this.#known.get(fragment);
    if (known !== undefined) return known;
    const parsed = Fragment.from(fragment) as Kind;
    this.#known.set(fragment, parsed);
    return parsed;
  }
}

/** A decoded value without ethers' own types. */
function plain(type: ParamType, value: unknown): unknown {
  if (value instanceof Indexed) return value.hash;
  const { arrayChildren, components } = type;
  if (arrayChildren !== null) return [...(value as Result)].map((one: unknown) => plain(arrayChildren, one));
  if (components === null) return value;
  const fields = components.map((field, index) => [field.name, plain(field, (value as Result)[index])] as const);
  return Object.fromEntries(fields);
}

/** Units that comments put behind a comma. */
const UNIT = /^(.+), (token units|money units|basis points|millionths|grams|seconds|units|Wh)$/;

/** How a sentence names an argument, with its unit. */
function meaningOf(means: string, name: string): { label: string; unit: string } {
  // What follows explains, which a sentence has no room for.
  const head = (means.split(/[;:.](?= |$)/)[0] ?? "").replace(/, from \d+$/, "");
  if (head === "") return { label: upperFirst(words(name)), unit: "" };
  const [, label = head, unit = ""] = UNIT.exec(head) ?? [];
  return { label, unit };
}

/** A name in words: `BatteryLeaseTooEarly` becomes "battery lease too early". */
export function words(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .map((word) => (/^[A-Z]{2,}\d*$/.test(word) ? word : word.toLowerCase()))
    .join(" ");
}

/** With its first letter in upper case. */
export function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** For the middle of a sentence; not "EIP-712", "Unix" nor "Wh". */
function lowerFirst(text: string): string {
  if (!/^[A-Z][a-z]*(?= |,|$)/.test(text) || /^(?:Unix|Wh)\b/.test(text)) return text;
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

type Members = Readonly<Record<string, bigint>>;

function membersOf(name: string | undefined): Members | undefined {
  if (name === undefined) return undefined;
  return (enums as Readonly<Record<string, unknown>>)[name] as Members | undefined;
}

/** What tells what a value is. */
interface Wordy {
  /** Name of the error or event. */
  readonly error: string;
  readonly argument: string;
  readonly means: string;
  readonly members: Members | undefined;
}

/** Arguments that are instants, besides those that end in `At`. */
const INSTANTS = new Set([
  "timestamp",
  "deadline",
  "until",
  "earliest",
  "latest",
  "paidThrough",
  "since",
  "validAfter",
  "validBefore",
]);
/** How comments speak of instants and of days since 1 January 1970. */
const INSTANT = /\bUnix time\b|\b(?:First|Last|first|last) second\b|^Time\b/;
const DAY = /\bdays since (?:1 January )?1970\b|^(?:The |First |Last )?[Dd]ay\b|: today\b/;

/** Arguments that are types of credentials. */
const TYPE_IDS = new Set(["typeId", "make"]);

const MS_PER_SECOND = 1_000;
const SECONDS_PER_DAY = 86_400n;
/** The last second that a Date can hold, the end of the year 275,760. */
const MAX_DATE = 8_640_000_000_000n;
/** Days before 1980 are no days but counts of them. */
const FIRST_DAY = 3_652n;

/** A value in words. */
function tellValue(value: unknown, wordy: Wordy): string {
  if (Array.isArray(value)) return `[${value.map((one) => tellValue(one, wordy)).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([argument, one]) => {
      return `${words(argument)} ${tellValue(one, { ...wordy, argument, means: "", members: undefined })}`;
    });
    return `{ ${fields.join(", ")} }`;
  }
  const { argument, members } = wordy;
  if (TYPE_IDS.has(argument)) return credentialTypeName(String(value));
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "bigint") return String(value);
  if (members !== undefined) return enums.nameIn(members, value);
  if (isDay(value, wordy))
    return `${value.toString()} (${dateOf(value * SECONDS_PER_DAY).slice(0, "2026-01-01".length)})`;
  if (isInstant(value, wordy)) return `${value.toString()} (${dateOf(value)})`;
  return value.toString();
}

function isDay(value: bigint, { argument, means }: Wordy): boolean {
  const called = argument === "day" || argument.endsWith("Day") || DAY.test(means);
  return called && value > FIRST_DAY && value * SECONDS_PER_DAY < MAX_DATE;
}

function isInstant(value: bigint, { argument, error, means }: Wordy): boolean {
  const called =
    INSTANTS.has(argument) ||
    argument.endsWith("At") ||
    error.startsWith("BatteryTelemetryTime") ||
    INSTANT.test(means);
  return called && value > 0n && value < MAX_DATE;
}

function dateOf(seconds: bigint): string {
  return new Date(Number(seconds) * MS_PER_SECOND).toISOString();
}
