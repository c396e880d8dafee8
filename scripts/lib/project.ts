import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { resolveCommand } from "../bootstrap.mjs";

/** The project's folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The file to run for a tool that came as a package. */
export function tool(name: string): string {
  const [file] = resolveCommand(root, [name]);
  if (file === undefined) throw new Error(`There is no tool ${name}.`);
  return file;
}

/** Runs a tool or a script of the project with its output shown, and returns its exit code. */
export function run(command: string, ...args: string[]): number {
  const { status } = spawnSync(process.execPath, resolveCommand(root, [command, ...args]), {
    cwd: root,
    stdio: "inherit",
  });
  return status ?? 1;
}

/** Like `run`, with the output returned as well. */
export function runAndRead(command: string, ...args: string[]): { code: number; output: string } {
  const { status, stdout } = spawnSync(process.execPath, resolveCommand(root, [command, ...args]), {
    cwd: root,
    stdio: ["inherit", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  process.stdout.write(stdout);
  return { code: status ?? 1, output: stdout };
}

/**
 * Every file below `folder` that ends with `ending`, as paths from `base` with forward slashes, in order; no deeper than
 * `depth` folders.
 */
export function filesBelow(folder: string, ending: string, base = root, depth = Infinity): string[] {
  const found: string[] = [];
  const visit = (path: string, level: number): void => {
    for (const name of readdirSync(path).sort()) {
      const child = join(path, name);
      if (statSync(child).isDirectory()) {
        if (level < depth) visit(child, level + 1);
      } else if (name.endsWith(ending)) found.push(relative(base, child).split(sep).join("/"));
    }
  };
  visit(resolve(base, folder), 1);
  return found;
}

/** What git lists, one path each. */
function git(...args: string[]): string[] {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`git ${args[0] ?? ""} failed`);
  return stdout.split("\0").filter((path) => path !== "");
}

/** The files that are committed or will be: what git knows, and new files that it does not ignore. */
export function trackedFiles(): string[] {
  const listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard");
  return [...new Set(listed)].filter((path) => existsSync(join(root, path)));
}

/** The files at or below `paths` that are not as they were committed last. */
export function changedFiles(...paths: string[]): string[] {
  return git("diff", "--name-only", "-z", "HEAD", "--", ...paths);
}

export function readText(path: string): string {
  return readFileSync(resolve(root, path), "utf8");
}

/** Ends a check: prints the faults and sets the exit code, or says what was found in order. */
export function report(faults: readonly string[], inOrder: string): void {
  if (faults.length === 0) {
    console.log(inOrder);
    return;
  }
  for (const fault of faults) console.error(`  ${fault}`);
  process.exitCode = 1;
}
