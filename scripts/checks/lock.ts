// The lock files of the project and of the bench fit every machine: exact versions, packages of all platforms, hashes, and no download addresses.

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

const faults: string[] = [];
let count = 0;

function check(folder: string): void {
  const manifest = JSON.parse(readText(`${folder}/package.json`)) as Manifest;
  const { packages } = JSON.parse(readText(`${folder}/package-lock.json`)) as { packages: Record<string, Entry> };
  const fault = (text: string): void => void faults.push(`${folder}: ${text}`);
  count += Object.keys(packages).length - 1;

  for (const group of ["dependencies", "devDependencies"] as const) {
    const wanted = manifest[group] ?? {};
    for (const [name, version] of Object.entries(wanted)) {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) fault(`package.json: ${name} is not pinned: ${version}`);
      const locked = packages[`node_modules/${name}`]?.version;
      if (locked !== version) fault(`${name}: package.json wants ${version}, the lock file has ${String(locked)}`);
    }
    if (JSON.stringify(packages[""]?.[group] ?? {}) !== JSON.stringify(wanted)) {
      fault(`package-lock.json: its ${group} are not those of package.json`);
    }
  }

  for (const [path, entry] of Object.entries(packages)) {
    if (path === "") continue;
    if (entry.integrity === undefined && entry.inBundle !== true && entry.link !== true) fault(`${path}: no hash`);
    if (entry.resolved !== undefined) fault(`${path}: carries a download address`);
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (packages[`${path}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined) {
        fault(`${path}: its optional package ${name} is missing, so npm ci fails on another machine`);
      }
    }
  }
}

check(".");
check("bench");
report(faults, `${count} packages are locked for every platform.`);
