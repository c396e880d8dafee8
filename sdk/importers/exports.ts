/** What a format cannot carry is not written. */
import { describeFault, type RowFault } from "./faults.js";

/** Something cannot be written so that it reads as the same again. */
export class ExportError extends RangeError {
  override readonly name = "ExportError";
  /** What the importer would say of the file; none where it would read something else. */
  readonly faults: readonly RowFault[];

  constructor(faults: readonly RowFault[]) {
    const [first] = faults;
    super(
      first === undefined
        ? "the format has no way to write every character of this"
        : `the format does not allow this: ${describeFault(first)}`,
    );
    this.faults = faults;
  }
}

/** What an importer read, with what is wrong with it. */
interface Read<Value> {
  readonly value: Value | undefined;
  readonly faults: readonly RowFault[];
}

/**
 * Writes a value, and makes sure that it is read as it was.
 *
 * @param value - What to write.
 * @param write - Its text.
 * @param read - The value of a text.
 * @throws ExportError where a reader finds faults, or finds another value than was written.
 */
export function writeChecked<Value>(
  value: Value,
  write: (value: Value) => string,
  read: (text: string) => Read<Value>,
): string {
  const text = write(value);
  const { value: again, faults } = read(text);
  if (faults.length > 0 || again === undefined || write(again) !== text) throw new ExportError(faults);
  return text;
}
