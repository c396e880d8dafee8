// The lock file fits every machine: exact versions, packages of all platforms, hashes, and no download addresses.

import { readText, report } from "../lib/project.js";

interface Entry {
  version?: string;
  integrity?: string;
  resolved?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  inBundle?: boolean;
  link?: boolean;
}

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const manifest = JSON.parse(readText("package.json")) as Manifest;
const { packages } = JSON.parse(readText("package-lock.json")) as { packages: Record<string, Entry> };
const faults: string[] = [];

for (const group of ["dependencies", "devDependencies"] as const) {
  const wanted = manifest[group] ?? {};
  for (const [name, version] of Object.entries(wanted)) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) faults.push(`package.json: ${name} is not pinned: ${version}`);
    const locked = packages[`node_modules/${name}`]?.version;
    if (locked !== version) faults.push(`${name}: package.json wants ${version}, the lock file has ${String(locked)}`);
  }
  if (JSON.stringify(packages[""]?.[group] ?? {}) !== JSON.stringify(wanted)) {
    faults.push(`package-lock.json: its ${group} are not those of package.json`);
  }
}

for (const [path, entry] of Object.entries(packages)) {
  if (path === "") continue;
  if (entry.integrity === undefined && entry.inBundle !== true && entry.link !== true) faults.push(`${path}: no hash`);
  if (entry.resolved !== undefined) faults.push(`${path}: carries a download address`);
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (packages[`${path}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined) {
      faults.push(`${path}: its optional package ${name} is missing, so npm ci fails on another machine`);
    }
  }
}

report(faults, `${Object.keys(packages).length - 1} packages are locked for every platform.`);
