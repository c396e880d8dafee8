// Reads what `hardhat test --coverage` reports: lines from its lcov file, statements from the table that it prints.

import { stripVTControlCharacters } from "node:util";

export interface FileCoverage {
  path: string;
  /** Numbers of the lines that no test reached. */
  missed: number[];
}

export function readLcov(lcov: string): FileCoverage[] {
  const files: FileCoverage[] = [];
  for (const record of lcov.split("end_of_record")) {
    const path = /^SF:(.+)$/m.exec(record)?.[1];
    if (path === undefined) continue;
    const missed = [...record.matchAll(/^DA:(\d+),0$/gm)].map(([, line]) => Number(line));
    files.push({ path: path.replaceAll("\\", "/"), missed });
  }
  return files;
}

/** The share of statements in per cent of every file, and of all under "Total", from the printed table. */
export function readStatements(output: string): Map<string, number> {
  const rows = stripVTControlCharacters(output).matchAll(/^║ (\S+)\s+│ [\d.]+\s+│ ([\d.]+)\s+│/gm);
  return new Map([...rows].map(([, path, share]) => [path ?? "", Number(share)]));
}
