// Loaded by each process that runs files of tests beside another. What it tells of a failure is sent as JSON, which has no
// bigints; they are sent as they are written in code.

import process from "node:process";

const send = process.send?.bind(process) as ((message: unknown) => boolean) | undefined;

function withoutBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

if (send !== undefined) {
  process.send = (message: unknown) => send(JSON.parse(JSON.stringify(message, withoutBigints)));
}
