// Which tokens claim which standards, and what `slither-check-erc` says of their interfaces.

/** A token and the standards whose interface is checked. */
export interface Token {
  path: string;
  contract: string;
  standards: string[];
}

/** The tokens of the suite. */
export const TOKENS: readonly Token[] = [
  { path: "contracts/finance/CityEuro.sol", contract: "CityEuro", standards: ["ERC20", "ERC2612"] },
  { path: "contracts/rewards/EcoToken.sol", contract: "EcoToken", standards: ["ERC20", "ERC2612"] },
  { path: "contracts/batteries/BatteryPack.sol", contract: "BatteryPack", standards: ["ERC165", "ERC721"] },
  {
    path: "contracts/energy/certificates/EnergyCertificates.sol",
    contract: "EnergyCertificates",
    standards: ["ERC165", "ERC1155"],
  },
  {
    path: "contracts/waste/certificates/RecyclingCertificates.sol",
    contract: "RecyclingCertificates",
    standards: ["ERC165", "ERC1155"],
  },
];

/** What is found and is no fault, with the reason. */
const EXPLAINED: readonly { text: RegExp; reason: string }[] = [
  {
    text: /is not protected for the ERC20 approval race condition/,
    reason: "ERC-20 itself has no other way to approve; whoever minds sets the allowance to zero first, or signs.",
  },
  {
    text: /onERC1155(Batch)?Received\(.*is missing \(optional\)/,
    reason: "These are functions of a receiver, and a token need not be one.",
  },
  {
    text: /safeBatchTransferFrom must emit TransferSingle or TransferBatch/,
    reason: "It does, in a function that Slither does not follow; the tests of batches ask for the exact event.",
  },
];

/** What the check's output finds missing or wrong, without what is explained. */
export function missingIn(output: string): string[] {
  return output
    .split("\n")
    .filter((line) => line.includes("[ ]"))
    .map((line) => line.trim())
    .filter((line) => !EXPLAINED.some(({ text }) => text.test(line)));
}

/** Whether the check got to its end: it prints a mark for each thing it looked at. */
export function hasLooked(output: string): boolean {
  return output.includes("[✓]");
}
