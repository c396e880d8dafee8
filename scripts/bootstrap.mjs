// Runs a command of the project, after installing the project's packages where they are missing or out of date.
//
//   node scripts/bootstrap.mjs <script.ts | tool> [arguments]
//
// This file alone has to run on a Node that is too old for Hardhat, so it uses nothing newer than Node 18 and no package.
// Everything that it starts runs on the Node that the project brings along as a package.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const project = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const OLDEST_NODE = 22;
const LOCK_POLL_MS = 500;
const LOCK_WRITE_MS = 10_000;

/**
 * Why the packages under `root` have to be installed, or undefined if they are as the lock file says.
 * npm writes node_modules/.package-lock.json at the very end of an install, so an interrupted one is noticed too.
 */
export function reasonToInstall(root, platform = process.platform, arch = process.arch) {
  const wanted = readPackages(join(root, "package-lock.json"));
  if (wanted === undefined) return undefined;
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) return "packages are not installed yet";
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    if (found === undefined) {
      if (entry.optional || entry.devOptional || entry.peer) continue;
      return `${path} is missing`;
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${path} is out of date`;
  }
  for (const [path, entry] of Object.entries(installed)) {
    if (wanted[path] === undefined && !entry.extraneous) return `${path} is no longer wanted`;
  }
  // An npm that itself runs on an old Node leaves Hardhat's native package out without a word.
  const native = `@nomicfoundation/edr-${platform}-${arch}`;
  const isNative = (path) => path.startsWith(`node_modules/${native}`);
  if (Object.keys(wanted).some(isNative)) {
    const folder = join(root, "node_modules", "@nomicfoundation");
    if (!existsSync(folder) || !readdirSync(folder).some((name) => `@nomicfoundation/${name}`.startsWith(native))) {
      return `${native} is missing`;
    }
  }
  return undefined;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** The Node that runs the project: the one that came as a package, or the current one if that is new enough. */
export function nodeBinary(root) {
  const own = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(own)) return own;
  return Number(process.versions.node.split(".")[0]) >= OLDEST_NODE ? process.execPath : undefined;
}

/** What to start for a command line: a script by its path, or a tool by the name of its package. */
export function resolveCommand(root, [command, ...args]) {
  if (/\.[cm]?[jt]s$/.test(command)) return ["--import", "tsx", join(root, command), ...args];
  const name = command === "tsc" ? "typescript" : command;
  const folder = join(root, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return [join(folder, typeof bin === "string" ? bin : bin[command]), ...args];
}

/**
 * How npx is started with arguments. Windows needs a shell for npx.cmd, and a line in which what has spaces is quoted; the
 * arguments hold nothing else that a shell would change.
 */
export function npxCommand(args, platform = process.platform) {
  if (platform !== "win32") return { command: "npx", args, shell: false };
  const line = ["npx", ...args].map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(" ");
  return { command: line, args: [], shell: true };
}

/** Installs on a Node that is new enough: npm drops native packages that do not fit the Node it runs on. */
function install(root) {
  const { devDependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
  const ci = ["ci", "--include=dev"];
  const npx = ["--yes", `--package=node@${devDependencies.node}`, "--"];
  const npmCli = process.env.npm_execpath;
  const isNpm = npmCli !== undefined && /[\\/]npm-cli\.js$/.test(npmCli);
  const isNew = Number(process.versions.node.split(".")[0]) >= OLDEST_NODE;
  const options = { cwd: root, stdio: "inherit" };
  let result;
  if (isNpm && isNew) {
    result = spawnSync(process.execPath, [npmCli, ...ci], options);
  } else if (isNpm) {
    const npxCli = join(dirname(npmCli), "npx-cli.js");
    result = spawnSync(process.execPath, [npxCli, ...npx, "node", npmCli, ...ci], options);
  } else {
    // Started without npm.
    const { command, args, shell } = npxCommand([...npx, "npm", ...ci]);
    result = spawnSync(command, args, { ...options, shell });
  }
  if (result.error) throw result.error;
  return result.status === 0;
}

/** The process that made a lock file, 0 where that cannot be told; undefined if that process is gone. */
function ownerOf(lock) {
  try {
    const owner = Number(readFileSync(lock, "utf8"));
    // Between making the file and writing to it, it is empty.
    if (owner === 0) return Date.now() - statSync(lock).mtimeMs < LOCK_WRITE_MS ? 0 : undefined;
    process.kill(owner, 0);
    return owner;
  } catch (error) {
    // Somebody else's process, or a file that was just removed.
    return ["EPERM", "ENOENT"].includes(error.code) ? 0 : undefined;
  }
}

/** Makes a file with the number of this process in it; false if there is one. */
function makeLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Makes a lock file, also in the place of one whose process is gone. Remove it when done.
 * Returns undefined if it is this process's now, and else the process that has it, or 0 where that cannot be told.
 */
export function takeLock(lock) {
  // One at a time looks at a lock that was left behind and removes it: another may have taken it since it was looked at.
  const removing = `${lock}.removing.lock`;
  for (;;) {
    if (makeLock(lock)) return undefined;
    const owner = ownerOf(lock);
    if (owner !== undefined) return owner;
    if (!makeLock(removing)) return 0;
    try {
      if (ownerOf(lock) === undefined) rmSync(lock, { force: true });
    } finally {
      rmSync(removing, { force: true });
    }
  }
}

/** Like `reasonToInstall`, and a package "node" without its binary is one if this Node is too old to do without. */
function reasonToPrepare(root) {
  return reasonToInstall(root) ?? (nodeBinary(root) === undefined ? 'the package "node" has no binary' : undefined);
}

/** Installs what the lock file in `root` says, once, even if two commands are started together on a fresh clone. */
export async function ensureInstalled(root) {
  if (reasonToPrepare(root) === undefined) return true;
  const lock = join(root, ".install-lock");
  for (let told = false; takeLock(lock) !== undefined;) {
    if (!told) console.error(`Waiting for another install of the packages to finish; if none runs, remove ${lock} …`);
    told = true;
    await delay(LOCK_POLL_MS);
  }
  try {
    const reason = reasonToPrepare(root);
    if (reason === undefined) return true;
    console.error(`Installing the packages of ${basename(root)}: ${reason}.`);
    if (!install(root)) return false;
    const left = reasonToPrepare(root);
    if (left === undefined) return true;
    console.error(`The packages were installed, but ${left}. Does npm's configuration set ignore-scripts?`);
    return false;
  } finally {
    rmSync(lock, { force: true });
  }
}

/** The environment of this process with `folders` first on the path, whatever the path's variable is called here. */
function withPath(folders) {
  const env = { ...process.env };
  const key = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  env[key] = [...folders, env[key] ?? ""].join(delimiter);
  return env;
}

async function main() {
  const command = process.argv.slice(2);
  if (command.length === 0) {
    console.error("usage: node scripts/bootstrap.mjs <script.ts | tool> [arguments]");
    return 2;
  }
  if (!(await ensureInstalled(project))) {
    console.error("The project's packages could not be installed; see the messages above.");
    return 1;
  }
  const node = nodeBinary(project);
  const env = withPath([dirname(node), join(project, "node_modules", ".bin")]);
  const child = spawn(node, resolveCommand(project, command), { cwd: project, stdio: "inherit", env });
  // The terminal sends an interrupt to the child as well; this process only has to outlive it.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("exit", (code, signal) => done(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main();
}
