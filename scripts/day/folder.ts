/** The files of a data folder, and what is what by header row or extension. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { headerOf, type SourceText } from "../../sdk/importers/index.js";

/** A file whose text is read when it is first asked for. */
export class DataFile implements SourceText {
  /** Path from the data folder, with forward slashes. */
  readonly name: string;
  readonly #path: string;
  #text: string | undefined;

  constructor(name: string, path: string) {
    this.name = name;
    this.#path = path;
  }

  get text(): string {
    return (this.#text ??= readFileSync(this.#path, "utf8"));
  }

  /** The names in its header row. */
  get header(): string[] {
    return headerOf(this.text);
  }

  /** What its name ends with, in small letters and with the point; empty when there is no point. */
  get extension(): string {
    return /\.[^./]+$/.exec(this.name)?.[0].toLowerCase() ?? "";
  }
}

/** One format of a module's folder. */
export interface Format<Kind extends string> {
  readonly kind: Kind;
  readonly matches: (file: DataFile) => boolean;
}

/** Files that describe data and are no data: never read as such, and never named as unknown. */
const DESCRIPTIONS = [/^readme\b/i, /^licen[cs]e/i, /^copying\b/i, /^expected\.json$/i, /^\./];

/** What a module is expected to come to, as data folders in this format may tell beside their files. */
export const EXPECTED_FILE = "expected.json";

function isDescription(name: string): boolean {
  return DESCRIPTIONS.some((pattern) => pattern.test(name));
}

/** The names in a folder that are not descriptions, in order; folders with a slash at the end. */
export function listFolder(path: string): string[] {
  return readdirSync(path)
    .filter((name) => !isDescription(name))
    .sort()
    .map((name) => (statSync(join(path, name)).isDirectory() ? `${name}/` : name));
}

/** The files in a module's folder, without descriptions; folders in it are not entered. */
export function filesIn(dataPath: string, folder: string): DataFile[] {
  return listFolder(join(dataPath, folder))
    .filter((name) => !name.endsWith("/"))
    .map((name) => new DataFile(`${folder}/${name}`, join(dataPath, folder, name)));
}

/** The files in a module's folder and in all folders in it, without descriptions. */
export function filesBelow(dataPath: string, folder: string): DataFile[] {
  const folders = listFolder(join(dataPath, folder)).filter((name) => name.endsWith("/"));
  return [
    ...filesIn(dataPath, folder),
    ...folders.flatMap((name) => filesBelow(dataPath, `${folder}/${name.slice(0, -1)}`)),
  ];
}

/** Sorts files by format. `unknown` are those of none. */
export function recognise<Kind extends string>(
  files: readonly DataFile[],
  formats: readonly Format<Kind>[],
): { of: (kind: Kind) => DataFile[]; unknown: DataFile[] } {
  const kinds = new Map(files.map((file) => [file, formats.find(({ matches }) => matches(file))?.kind]));
  const ofKind = (wanted: Kind | undefined): DataFile[] => files.filter((file) => kinds.get(file) === wanted);
  return { of: ofKind, unknown: ofKind(undefined) };
}
