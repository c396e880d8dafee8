/** Reads the cells of one row and gathers what is wrong with it. */
import { CellFault } from "./cells.js";
import type { TableRow } from "./csv.js";
import type { Place, RowFault } from "./faults.js";

export class RowReader<Column extends string> implements Place {
  readonly file: string;
  readonly line: number;
  readonly faults: RowFault[] = [];
  readonly #row: TableRow<Column>;

  constructor(file: string, row: TableRow<Column>) {
    this.file = file;
    this.line = row.line;
    this.#row = row;
  }

  /** Value of a cell; undefined, and a fault more, where the reader throws a {@link CellFault}. */
  read<Value>(column: Column, reader: (cell: string) => Value): Value | undefined {
    try {
      return reader(this.#row.cells[column]);
    } catch (error) {
      if (!(error instanceof CellFault)) throw error;
      this.add(column, error.message);
      return undefined;
    }
  }

  add(column: Column, reason: string): void {
    this.faults.push({ file: this.file, line: this.line, column, value: this.#row.cells[column], reason });
  }

  /** How a message in this row names another place. */
  placeOf(other: Place): string {
    return other.file === this.file ? `line ${other.line}` : `${other.file}, line ${other.line}`;
  }
}
