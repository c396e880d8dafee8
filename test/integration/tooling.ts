import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { reasonToInstall } from "../../scripts/bootstrap.mjs";
import { countTests, faultOf, formatCounts } from "../../scripts/lib/counts.js";

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
