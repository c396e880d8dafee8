const WHOLE = 100;
/** Between two lines where the output is no terminal. */
const STEP = 25;

/** Where progress is shown. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Tells how far a long step is. */
export type Progress = (done: number, planned: number) => void;

/** Starts a long step: on a terminal one line that changes, otherwise a line for every quarter. */
export function startProgress(output: Output | undefined, label: string): Progress {
  if (output === undefined) return () => undefined;
  let shown = -1;
  return (done, planned) => {
    const percent = planned === 0 ? WHOLE : Math.floor((done * WHOLE) / planned);
    if (output.isTTY === true) {
      if (percent === shown) return;
      shown = percent;
      output.write(`\r${label} ${percent} %${done >= planned ? "\n" : ""}`);
    } else {
      const step = percent - (percent % STEP);
      if (step <= shown) return;
      shown = step;
      output.write(`${label} ${step} %\n`);
    }
  };
}
