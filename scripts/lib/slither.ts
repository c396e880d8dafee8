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
  additional_fields?: { underlying_type?: string };
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
  /** How every call that the finding is about begins; none: the reason is about the place, whatever it calls. */
  through?: string[];
  reason: string;
}

/** The check by which a function counts that Slither cannot read, and so has not looked at. */
const UNREAD = "unread";

const CALLS = "external_calls";
const CANNOT_READ = /(?<=Impossible to generate IR for )(\w+)\.(\w+)/g;

/** Findings about what Slither says that it cannot read. */
export function unreadIn(log: string): Finding[] {
  const places = new Set([...log.matchAll(CANNOT_READ)].map(([place]) => place));
  return [...places].map((place) => {
    const [contract = "", name = ""] = place.split(".");
    const parent = { type: "contract", name: contract };
    return {
      check: UNREAD,
      impact: "not looked at",
      description: "Slither cannot read this function. Write it otherwise, or say why that is no loss.",
      elements: [{ type: "function", name, type_specific_fields: { parent } }],
    };
  });
}

/** Whether all that a finding says is called begins in one of some ways. */
function isThrough({ elements }: Finding, beginnings: readonly string[]): boolean {
  return elements
    .filter(({ additional_fields: more }) => (more?.underlying_type ?? "").startsWith(CALLS))
    .every(({ name }) => beginnings.some((beginning) => name.startsWith(beginning)));
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
  const keyOf = (index: number, place: string): string => `${index} ${place}`;
  const faults: string[] = [];
  for (const finding of findings) {
    const place = placeOf(finding);
    const index = reasons.findIndex(
      ({ check, where, through }) =>
        check === finding.check &&
        (where.includes("*") || where.includes(place)) &&
        (through === undefined || isThrough(finding, through)),
    );
    if (index < 0) faults.push(`${finding.check} (${finding.impact}) in ${place}: ${finding.description.trim()}`);
    else used.add(keyOf(index, reasons[index]?.where.includes("*") === true ? "*" : place));
  }
  for (const [index, { check, where }] of reasons.entries()) {
    for (const place of where) {
      if (!used.has(keyOf(index, place))) faults.push(`${check} in ${place} has a reason, but is no longer found`);
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
