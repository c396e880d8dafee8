// What Slither is given to read, its findings, and the reasons why some of them are none.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./project.js";
import { compileTrees } from "./solidity.js";

/** What a finding is about. */
interface Element {
  type: string;
  name: string;
  type_specific_fields?: { parent?: Element };
}

/** A finding of Slither. */
export interface Finding {
  check: string;
  impact: string;
  description: string;
  elements: Element[];
}

/** What Slither writes. */
export interface SlitherOutput {
  results: { detectors?: Finding[] };
}

/** Why findings of a check in some places are none. */
export interface Reason {
  check: string;
  /** Contract and function or variable, as in `Months.startOf`; an asterisk for all. */
  where: string[];
  reason: string;
}

/** Contract and function, or variable of the contract, that a finding is about. */
export function placeOf({ elements: [first] }: Finding): string {
  let place = first?.name ?? "";
  for (let outer = first?.type_specific_fields?.parent; outer !== undefined;) {
    // Of a variable of a function, the function alone.
    if (outer.type === "contract") place = `${outer.name}.${place}`;
    else if (outer.type === "function") place = outer.name;
    outer = outer.type_specific_fields?.parent;
  }
  return place;
}

/** Findings without a reason, and reasons without a finding. */
export function unexplained(findings: readonly Finding[], reasons: readonly Reason[]): string[] {
  const used = new Set<string>();
  const faults: string[] = [];
  for (const finding of findings) {
    const place = placeOf(finding);
    const reason = reasons.find(
      ({ check, where }) => check === finding.check && (where.includes("*") || where.includes(place)),
    );
    if (reason === undefined)
      faults.push(`${finding.check} (${finding.impact}) in ${place}: ${finding.description.trim()}`);
    else used.add(`${reason.check} ${reason.where.includes("*") ? "*" : place}`);
  }
  for (const { check, where } of reasons) {
    for (const place of where) {
      if (!used.has(`${check} ${place}`)) faults.push(`${check} in ${place} has a reason, but is no longer found`);
    }
  }
  return faults;
}

/** How Slither is told to read what {@link writeBuild} leaves in a folder. */
export const readingBuild = (folder: string): string[] => [
  ".",
  "--hardhat-ignore-compile",
  "--hardhat-artifacts-directory",
  folder,
];

/** Leaves what Slither reads in `folder`: a build as Hardhat leaves it, with syntax trees and without code. */
export function writeBuild(folder: string, sources: Map<string, string>): void {
  const { input, output, compiler } = compileTrees(sources);
  const builds = join(root, folder, "build-info");
  mkdirSync(builds, { recursive: true });
  writeFileSync(join(builds, "suite.json"), JSON.stringify({ solcVersion: compiler, input }));
  writeFileSync(join(builds, "suite.output.json"), JSON.stringify({ output }));
}
