import { expect } from "chai";
import { Wallet } from "ethers";
import { network } from "hardhat";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import * as identityKit from "../../sdk/identity/index.js";
import * as civitas from "../../sdk/index.js";
import { addressesOf, deployedCity } from "./utils/city.js";
import { giveCredential } from "./utils/credentials.js";

/** The README's ten lines about identities, run as they stand there. */

const README = fileURLToPath(new URL("../../README.md", import.meta.url));
const HEADING = "## Register a device, check a citizen";
const YEAR = 31_536_000n;

type Lines = (...values: unknown[]) => Promise<unknown>;
/** The constructor of functions that wait, which has no name of its own. */
const { constructor: AsyncFunction } = Object.getPrototypeOf(async () => Promise.resolve()) as {
  constructor: new (...namesAndBody: string[]) => Lines;
};

/** The first fenced block below the heading, without its imports, giving back what `result` names. */
function linesOfReadme(result: string, given: Readonly<Record<string, unknown>>): Lines {
  const section = readFileSync(README, "utf8").split(HEADING)[1] ?? "";
  const block = /```ts\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
  const lines = block.split("\n").filter((line) => line.trim() !== "");
  expect(lines.length, "lines").to.be.within(1, 10);
  const body = lines.filter((line) => !line.startsWith("import ")).join("\n");
  return new AsyncFunction(...Object.keys(given), `${body}\nreturn ${result};`);
}

describe("README", () => {
  describe("register a device, check a citizen", () => {
    async function townWithOperator() {
      const connection = await network.create();
      const city = await connection.networkHelpers.loadFixture(function readmeCity() {
        return deployedCity(connection);
      });
      const [operator, citizen] = city.people;
      if (operator === undefined || citizen === undefined) throw new Error("the network has too few accounts");
      const now = BigInt(await connection.networkHelpers.time.latest());
      const given = {
        ...civitas,
        ...identityKit,
        addresses: await addressesOf(city),
        operator,
        meter: Wallet.createRandom(),
        citizen: citizen.address,
        validity: YEAR,
        deadline: now + YEAR,
        chainId: (await connection.ethers.provider.getNetwork()).chainId,
      };
      return { city, given, operator, citizen };
    }

    it("controls the device by its operator, and lets a citizen with a card pass", async () => {
      const { city, given, operator, citizen } = await townWithOperator();
      await giveCredential(city, "RESIDENT", citizen.address);
      const run = linesOfReadme("{ didDocument, card }", given);
      const { didDocument, card } = (await run(...Object.values(given))) as {
        didDocument: { verificationMethod: { blockchainAccountId: string }[] };
        card: identityKit.CredentialCheck;
      };
      const controller = didDocument.verificationMethod[0]?.blockchainAccountId ?? "";
      expect(controller.toLowerCase()).to.equal(`eip155:${given.chainId.toString()}:${operator.address.toLowerCase()}`);
      expect(card.current).to.equal(true);
    });

    it("stops a citizen without one, and says why", async () => {
      const { given } = await townWithOperator();
      const run = linesOfReadme("card", given);
      let reason = "";
      try {
        await run(...Object.values(given));
      } catch (error) {
        reason = (error as Error).message;
      }
      expect(reason).to.equal("nobody said this of the subject");
    });
  });
});
