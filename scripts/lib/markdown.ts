// The paths and commands that a page names.

import { posix } from "node:path";

export interface Reference {
  line: number;
  text: string;
  kind: "path" | "script";
}

const FILE_ENDING = /\.(cjs|css|csv|html|js|json|jsonc|md|mjs|mts|pb|sol|toml|ts|yaml|yml)$/;

/** What a page says exists: link targets, code spans that look like a path, and npm scripts; paths from the root. */
export function referencesOf(page: string, text: string): Reference[] {
  const found: Reference[] = [];
  let inFence = false;
  for (const [index, content] of text.split("\n").entries()) {
    const line = index + 1;
    for (const [, name] of content.matchAll(/\bnpm (?:run )?(?:-s )?((?:check|gas):[\w:]+|(?<=run )[\w:]+)/g)) {
      if (name !== undefined) found.push({ line, text: name, kind: "script" });
    }
    if (/^\s*(```|~~~)/.test(content)) inFence = !inFence;
    if (inFence) continue;
    for (const [, span] of content.matchAll(/`([^`]+)`/g)) {
      const path = span === undefined ? undefined : pathOf(span);
      if (path !== undefined) found.push({ line, text: path, kind: "path" });
    }
    for (const [, target] of content.matchAll(/\]\(<?([^)\s>]+)>?\)/g)) {
      if (target === undefined || /^([a-z]+:|#)/i.test(target)) continue;
      const path = posix.normalize(posix.join(posix.dirname(page), target.replace(/#.*$/, "")));
      found.push({ line, text: path, kind: "path" });
    }
  }
  return found;
}

/** The path that a code span names, up to its first wildcard or placeholder, or undefined if it names none. */
function pathOf(span: string): string | undefined {
  if (/[\s(){}=;,"']|^[-/@~$]|^\.\.\/|:\/\//.test(span)) return undefined;
  const fixed = span.replace(/[^/]*[*<].*$/, "");
  if (fixed === "") return undefined;
  const isPath = fixed.includes("/")
    ? /^[\w.][\w.@/-]*$/.test(fixed)
    : FILE_ENDING.test(fixed) && /^[\w.-]+$/.test(fixed);
  return isPath ? posix.normalize(fixed) : undefined;
}

export interface Project {
  /** Whether a path from the root exists, or is one that the project writes when it runs. */
  exists(path: string): boolean;
  scripts: ReadonlySet<string>;
}

/** What a page names that the project does not have. */
export function deadReferences(page: string, text: string, project: Project): string[] {
  return referencesOf(page, text)
    .filter((found) => (found.kind === "script" ? !project.scripts.has(found.text) : !project.exists(found.text)))
    .map(({ line, text: name, kind }) => `${page}:${line}: ${kind} ${name} does not exist`);
}
