import { expect } from "chai";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { npxCommand, reasonToInstall, takeLock } from "../../scripts/bootstrap.mjs";
import { readLcov, readStatements } from "../../scripts/lib/coverage.js";
import { countTests, faultOf, formatCounts } from "../../scripts/lib/counts.js";
import { sourceFaults, wordFaults } from "../../scripts/lib/house.js";
import { importFaults } from "../../scripts/lib/imports.js";
import { deadReferences } from "../../scripts/lib/markdown.js";
import { root } from "../../scripts/lib/project.js";
import { writeReference } from "../../scripts/lib/reference.js";
import { compileDocs } from "../../scripts/lib/solidity.js";

/** Runs `body` in a scratch folder that holds `files`, given by path and text. */
function withFolder(files: Record<string, string>, body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "civitas-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("bootstrap", function () {
  describe("reasonToInstall", function () {
    const a = { version: "1.0.0", integrity: "sha512-a" };
    const lock = (packages: object): string => JSON.stringify({ packages: { "": {}, ...packages } });
    const reason = (wanted: object, installed?: object): string | undefined => {
      let found: string | undefined;
      const files: Record<string, string> = { "package-lock.json": lock(wanted) };
      if (installed !== undefined) files["node_modules/.package-lock.json"] = lock(installed);
      withFolder(files, (folder) => (found = reasonToInstall(folder, "linux", "x64")));
      return found;
    };

    it("installs on a fresh clone and after an install that did not end", function () {
      expect(reason({ "node_modules/a": a })).to.equal("packages are not installed yet");
    });

    it("leaves an install alone that is as the lock file says", function () {
      expect(reason({ "node_modules/a": a }, { "node_modules/a": a })).to.equal(undefined);
    });

    it("installs when a package was added, changed or removed", function () {
      const b = { ...a, version: "1.0.1" };
      expect(reason({ "node_modules/a": a, "node_modules/b": b }, { "node_modules/a": a })).to.contain("b is missing");
      expect(reason({ "node_modules/a": b }, { "node_modules/a": a })).to.contain("a is out of date");
      expect(reason({}, { "node_modules/a": a })).to.contain("a is no longer wanted");
    });

    it("does without optional packages of other machines, but not without Hardhat's native one", function () {
      const optional = { ...a, optional: true };
      expect(reason({ "node_modules/b": optional }, {})).to.equal(undefined);
      const native = { "node_modules/@nomicfoundation/edr-linux-x64-gnu": optional };
      expect(reason(native, {})).to.equal("@nomicfoundation/edr-linux-x64 is missing");
      expect(reason({ "node_modules/@nomicfoundation/edr-darwin-x64": optional }, {})).to.equal(undefined);
    });
  });

  describe("takeLock", function () {
    const children: ChildProcess[] = [];
    const { kill } = process;

    afterEach(function () {
      process.kill = kill;
      for (const child of children.splice(0)) child.kill("SIGKILL");
    });

    /** The number of a process that is gone. */
    const gone = (): number => spawnSync(process.execPath, ["--version"]).pid;

    /** Starts a process that asks for the lock and stays; gives its number and what it was told. */
    function another(lock: string): { pid: number; answer: string } {
      const answer = `${lock}.answer`;
      const module = JSON.stringify(new URL("../../scripts/bootstrap.mjs", import.meta.url).href);
      const code =
        `const { takeLock } = await import(${module});` +
        `const { renameSync, writeFileSync } = await import("node:fs");` +
        `writeFileSync(${JSON.stringify(`${answer}.new`)}, String(takeLock(${JSON.stringify(lock)})));` +
        `renameSync(${JSON.stringify(`${answer}.new`)}, ${JSON.stringify(answer)});` +
        "setInterval(() => undefined, 1_000);";
      const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: "inherit" });
      children.push(child);
      const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      for (let tries = 0; !existsSync(answer) && tries < 500; tries += 1) Atomics.wait(pause, 0, 0, 20);
      return { pid: child.pid ?? 0, answer: readFileSync(answer, "utf8") };
    }

    /** Asks for a lock that was left behind; at the nth look at who has it, another process asks as well. */
    function race(lock: string, nth: number): { mine: number | undefined; other: { pid: number; answer: string } } {
      const left = gone();
      writeFileSync(lock, String(left));
      let looks = 0;
      let other: { pid: number; answer: string } | undefined;
      process.kill = (pid, signal): true => {
        looks += 1;
        if (looks === nth) other = another(lock);
        // As it was seen before the other one came.
        return kill.call(process, pid, signal);
      };
      const mine = takeLock(lock);
      process.kill = kill;
      if (other === undefined) throw new Error(`there were ${looks} looks`);
      return { mine, other };
    }

    it("takes the place of a process that is gone, and not of one that is there", function () {
      withFolder({}, (folder) => {
        const lock = join(folder, "lock");
        expect(takeLock(lock)).to.equal(undefined);
        expect(takeLock(lock)).to.equal(process.pid);
        writeFileSync(lock, String(gone()));
        expect(takeLock(lock)).to.equal(undefined);
        expect(readFileSync(lock, "utf8")).to.equal(String(process.pid));
      });
    });

    it("leaves it to the process that took it after it was looked at", function () {
      withFolder({}, (folder) => {
        const lock = join(folder, "lock");
        const { mine, other } = race(lock, 1);
        expect(other.answer).to.equal("undefined");
        expect(mine).to.equal(other.pid);
        expect(readFileSync(lock, "utf8")).to.equal(String(other.pid));
      });
    });

    it("lets nobody take it between the last look and its removal", function () {
      withFolder({}, (folder) => {
        const lock = join(folder, "lock");
        const { mine, other } = race(lock, 2);
        expect([mine, other.answer]).to.deep.equal([undefined, "0"]);
        expect(readFileSync(lock, "utf8")).to.equal(String(process.pid));
        expect(existsSync(`${lock}.removing.lock`)).to.equal(false);
      });
    });
  });

  describe("npxCommand", function () {
    it("needs a shell on Windows, with what has spaces in quotes", function () {
      const args = ["--yes", "--package=a@1.0.0", "a", "--words", "two words"];
      expect(npxCommand(args, "linux")).to.deep.equal({ command: "npx", args, shell: false });
      expect(npxCommand(args, "win32")).to.deep.equal({
        command: 'npx --yes --package=a@1.0.0 a --words "two words"',
        args: [],
        shell: true,
      });
    });
  });
});

describe("checks", function () {
  it("are named where one is asked for that there is not", function () {
    const args = ["--import", "tsx", join(root, "scripts", "check.ts"), "nosuch"];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    expect(status).to.equal(1);
    expect(stderr).to.match(
      /^There is no check nosuch; name some of .*format, .*imports, .*, or none to run them all\.\n$/,
    );
  });
});

describe("test counts", function () {
  const output = "  2 passing (1s)\n  1 pending\n\n15 passing (12 solidity, 3 mocha)\n2 failing (2 solidity)\n";

  it("adds up both layers and does not count a pending test as passed", function () {
    expect(formatCounts(countTests(output))).to.equal("14 passed, 2 failed");
    expect(countTests(output).skipped).to.equal(1);
  });

  it("is at fault when the run failed or no test of a layer ran", function () {
    expect(faultOf(countTests(output), 1, false)).to.equal("The test run failed.");
    expect(faultOf(countTests(output), 0, false)).to.equal(undefined);
    expect(faultOf(countTests(""), 0, true)).to.equal("No test ran.");
    expect(faultOf(countTests("3 passing (3 mocha)"), 0, false)).to.equal("No Solidity test ran.");
    expect(faultOf(countTests("3 passing (3 solidity)"), 0, false)).to.equal("No Mocha test ran.");
    expect(faultOf(countTests("3 passing (3 solidity)"), 0, true)).to.equal(undefined);
  });
});

describe("direction of imports", function () {
  /** Faults of files that hold `code` and import what is listed. */
  function faults(files: Record<string, { imports: string[]; code?: string }>): string[] {
    const sources = Object.entries(files).map(([path, { imports, code = "" }]): [string, string] => [
      `contracts/${path}`,
      `${imports.map((target) => `import {A} from "${target}";`).join("\n")}\n${code}`,
    ]);
    return importFaults(new Map(sources));
  }

  it("accepts a lower layer, the own module and packages", function () {
    const files = {
      "authority/IA.sol": { imports: ["@openzeppelin/contracts/A.sol"] },
      "batteries/IB.sol": { imports: [] },
      "batteries/B.sol": { imports: ["./IB.sol", "../authority/IA.sol"] },
      "mocks/M.sol": { imports: ["../batteries/B.sol"] },
    };
    expect(faults(files)).to.deep.equal([]);
  });

  it("catches a higher layer, a neighbour, a test double, an unknown module and the outside", function () {
    expect(faults({ "authority/A.sol": { imports: ["../batteries/IB.sol"] } })[0]).to.contain("a higher layer");
    expect(faults({ "energy/A.sol": { imports: ["../waste/IB.sol"] } })[0]).to.contain("another module of its layer");
    expect(faults({ "energy/A.sol": { imports: ["../mocks/M.sol"] } })[0]).to.contain("test double");
    expect(faults({ "parks/A.sol": { imports: [] } })[0]).to.contain("no module of a known layer");
    expect(faults({ "energy/A.sol": { imports: ["../../test/T.sol"] } })[0]).to.contain("from outside contracts/");
  });

  it("catches a contract imported from another module, and a cycle", function () {
    const concrete = {
      "finance/F.sol": { imports: [], code: "contract F {}" },
      "energy/E.sol": { imports: ["../finance/F.sol"] },
    };
    expect(faults(concrete)).to.deep.equal([
      "contracts/energy/E.sol:1: imports the contract contracts/finance/F.sol instead of its interface",
    ]);
    const circle = { "energy/A.sol": { imports: ["./B.sol"] }, "energy/B.sol": { imports: ["./A.sol"] } };
    expect(faults(circle)).to.deep.equal([
      "import cycle: contracts/energy/A.sol -> contracts/energy/B.sol -> contracts/energy/A.sol",
    ]);
  });
});

describe("house rules", function () {
  it("catches a loose pragma, a file named unlike its contract, and an error without the contract's name", function () {
    const source = (pragma: string, code: string): string[] =>
      sourceFaults("a/Lease.sol", `pragma solidity ${pragma};\n${code}`);
    expect(source("0.8.37", "contract Lease { error LeaseOver(); }")).to.deep.equal([]);
    expect(source("^0.8.28", "interface ILease { error LeaseOver(); }")).to.deep.equal([]);
    expect(source("^0.8.28", "contract Lease {}")[0]).to.contain("the pragma is ^0.8.28, not 0.8.37");
    expect(source("0.8.37", "contract Rent {}")[0]).to.contain("is not named like its contract Rent");
    expect(source("0.8.37", "contract Lease { error Over(); }")[0]).to.contain(
      "2: error Over does not begin with Lease",
    );
  });

  it("catches parts of a contract out of order and hidden ones without an underscore", function () {
    const faults = (code: string): string[] =>
      sourceFaults("a/A.sol", `pragma solidity 0.8.37;\ncontract A {\n${code}\n}`);
    const ordered = [
      "uint256 private constant ONE = 1;",
      "uint256 private _count;",
      "constructor() {}",
      "function add() public {}",
      "function count() external view {}",
      "function _peek() private view {}",
      "function _add() internal {}",
    ];
    expect(faults(ordered.join("\n"))).to.deep.equal([]);
    expect(faults([...ordered].reverse().join("\n"))[0]).to.equal(
      "a/A.sol:5: external view stands after internal function",
    );
    expect(faults("uint256 private count;")[0]).to.contain("count is hidden and lacks its leading underscore");
    expect(faults("function add() internal {}")[0]).to.contain("add is hidden and lacks its leading underscore");
  });

  it("catches words of unfinished work, paths of one machine and hosts of registries", function () {
    const bad = [
      "TO" + "DO later",
      "see /" + "home/ann/file",
      "C:\\" + "Users\\ann",
      "https://" + "registry.example.org/a",
    ];
    for (const text of bad) expect(wordFaults("a.md", `fine\n${text}`), text).to.have.lengthOf(1);
    expect(wordFaults("a.md", "method, ~/home/ann, https://docs.example.org")).to.deep.equal([]);
  });
});

describe("pages", function () {
  const project = { exists: (path: string): boolean => path === "sdk/index.ts", scripts: new Set(["check:size"]) };
  const dead = (text: string): string[] => deadReferences("README.md", text, project);

  it("catches a dead path in a code span or a link, and an unknown npm script", function () {
    expect(dead("a\n`sdk/gone.ts`")).to.deep.equal(["README.md:2: path sdk/gone.ts does not exist"]);
    expect(dead("[a](docs/gone.md#part)")).to.deep.equal(["README.md:1: path docs/gone.md does not exist"]);
    expect(dead("`npm run check:gone`")).to.deep.equal(["README.md:1: script check:gone does not exist"]);
  });

  it("lets be what exists, addresses, commands and placeholders", function () {
    const text =
      "`sdk/index.ts` [a](sdk/index.ts) [b](https://example.org/c) `npm run check:size` `a and/or b` `@a/b` `<x>/y`";
    expect(dead(text)).to.deep.equal([]);
  });
});

describe("coverage report", function () {
  it("gives missed lines from the lcov file and statements from the table", function () {
    const lcov = "TN:\nSF:contracts/A.sol\nDA:3,1\nDA:4,0\nend_of_record\n";
    expect(readLcov(lcov)).to.deep.equal([{ path: "contracts/A.sol", missed: [4] }]);
    const table =
      "║ File Path       │ Line % │ Statement % │ Lines ║\n║ contracts/A.sol │ 50.00  │ 75.50       │ 4     ║\n";
    expect([...readStatements(table)]).to.deep.equal([["contracts/A.sol", 75.5]]);
  });
});

describe("contract reference", function () {
  it("describes an item where it is declared and names what has no comment", function () {
    const sources = new Map([
      [
        "contracts/a/IThing.sol",
        `// SPDX-License-Identifier: MIT
        pragma solidity ^0.8.28;
        /// @notice A thing.
        interface IThing {
            error ThingGone();
            /// @notice Moves it.
            /// @param steps How far.
            function move(uint256 steps) external;
        }`,
      ],
      [
        "contracts/a/Thing.sol",
        `// SPDX-License-Identifier: MIT
        pragma solidity 0.8.37;
        import {IThing} from "./IThing.sol";
        /// @notice The thing.
        contract Thing is IThing {
            /// @inheritdoc IThing
            function move(uint256) external {}
        }`,
      ],
    ]);
    const { pages, gaps } = writeReference(sources, compileDocs(sources));
    expect(gaps).to.deep.equal(["contracts/a/IThing.sol: error ThingGone has no notice"]);
    const page = pages.get("a.md") ?? "";
    expect(page.match(/#### `move\(uint256 steps\)`\n\nMoves it\.\n\n- `steps`: How far\./g)).to.have.lengthOf(1);
    expect(page).to.contain("contract in `contracts/a/Thing.sol`, which is IThing");
  });
});
