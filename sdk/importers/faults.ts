/** What is wrong with a row of a file, in terms of the file. */
export interface RowFault {
  /** Name of the file as it was given. */
  readonly file: string;
  /** Line of the file, from 1. */
  readonly line: number;
  /** Column by its header. Empty where the fault is not of one column. */
  readonly column: string;
  /** What stands there. Empty where nothing does. */
  readonly value: string;
  readonly reason: string;
}

/** Where in a file something stands. */
export type Place = Pick<RowFault, "file" | "line">;

/** Faults in the order of the files they are in, then of their lines. */
export function inOrder(faults: readonly RowFault[], files: readonly { readonly name: string }[]): RowFault[] {
  const places = new Map(files.map(({ name }, index) => [name, index]));
  const placeOf = ({ file }: RowFault): number => places.get(file) ?? files.length;
  return [...faults].sort((left, right) => placeOf(left) - placeOf(right) || left.line - right.line);
}

/** One line for a fault: file, line, column, value and reason. */
export function describeFault({ file, line, column, value, reason }: RowFault): string {
  const where = column === "" ? "" : `, column ${column}`;
  const what = value === "" ? "" : `, value ${JSON.stringify(value)}`;
  return `${file}, line ${line}${where}${what}: ${reason}`;
}
