// Every path and every npm script that a page names exists.

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { deadReferences } from "../lib/markdown.js";
import { filesBelow, readText, report, root, trackedFiles } from "../lib/project.js";

const written = readText(".gitignore")
  .split("\n")
  .filter((line) => line.endsWith("/"));
const names = new Set(trackedFiles().map((path) => basename(path)));
const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };
const project = {
  exists: (path: string): boolean =>
    existsSync(join(root, path)) ||
    (!path.includes("/") && names.has(path)) ||
    written.some((folder) => `${path}/`.startsWith(folder)),
  scripts: new Set(Object.keys(scripts)),
};

const pages = filesBelow(".", ".md", root, 1);
if (existsSync(join(root, "docs"))) {
  pages.push(...filesBelow("docs", ".md").filter((path) => !path.startsWith("docs/reference/")));
}
const faults = pages.flatMap((page) => deadReferences(page, readText(page), project));
report(faults, `${pages.length} pages name only what exists.`);
