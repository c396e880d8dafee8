import { describeFault, type RowFault } from "../../sdk/importers/index.js";

/** Bad rows that a message lists. */
const LISTED_ROWS = 20;

/** Why the day cannot begin or go on, in a sentence for the person who started it. */
export class DayError extends Error {
  override readonly name: string = "DayError";
}

/** The data have bad rows. Nothing was deployed. */
export class BadDataError extends DayError {
  override readonly name = "BadDataError";
  readonly faults: readonly RowFault[];

  constructor(faults: readonly RowFault[]) {
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    super(
      [
        `The data have ${count}; nothing was deployed.`,
        ...listFaults(faults),
        "Mend the rows, or pass --skip-bad-rows to go on without them.",
      ].join("\n"),
    );
    this.faults = faults;
  }
}

/** The first faults, one a line, and how many more there are. */
export function listFaults(faults: readonly RowFault[]): string[] {
  const lines = faults.slice(0, LISTED_ROWS).map((fault) => `  ${describeFault(fault)}`);
  return faults.length > LISTED_ROWS ? [...lines, `  … and ${faults.length - LISTED_ROWS} more`] : lines;
}
