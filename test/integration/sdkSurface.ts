import { expect } from "chai";
import { readFileSync } from "node:fs";

describe("Main entry of the SDK", () => {
  const textOf = (path: string): string => readFileSync(new URL(`../../sdk/${path}`, import.meta.url), "utf8");

  it("has the type of every contract of a city", () => {
    const [, members] = /export interface City \{\n(.*?)\n\}/s.exec(textOf("city.ts"))!;
    const types = [...members!.matchAll(/^ {2}readonly (?!addresses)\w+\??: (\w+);$/gm)].map(([, type]) => type!);
    expect(types).to.include.members(["AccessManager", "BallotBox", "WasteLots"]);
    const [, exported] = /export type \{([^}]*)\} from "\.\.\/typechain-types\/index\.js";/.exec(textOf("index.ts"))!;
    expect(exported!.match(/\w+/g)).to.deep.equal([...new Set(types)].sort());
  });
});
