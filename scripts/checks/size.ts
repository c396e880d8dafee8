// Every deployable contract stays under the size limit of EIP-170, its creation code under that of EIP-3860.

import { filesBelow, readText, report, run } from "../lib/project.js";

const CODE_LIMIT = 24_576;
const INIT_CODE_LIMIT = 49_152;

const bytes = (hex: string): number => (hex.length - 2) / 2;

if (run("hardhat", "build", "--quiet") !== 0) process.exit(1);

const faults: string[] = [];
let largest = "";
let largestSize = 0;
for (const path of filesBelow("artifacts/contracts", ".json")) {
  if (path.startsWith("artifacts/contracts/mocks/")) continue;
  const artifact = JSON.parse(readText(path)) as { contractName: string; bytecode: string; deployedBytecode: string };
  const size = bytes(artifact.deployedBytecode);
  const initSize = bytes(artifact.bytecode);
  if (size === 0) continue;
  console.log(`${artifact.contractName.padEnd(28)} ${String(size).padStart(6)} bytes, ${CODE_LIMIT - size} to spare`);
  if (size >= CODE_LIMIT) faults.push(`${artifact.contractName} has ${size} bytes, the limit is ${CODE_LIMIT}`);
  if (initSize > INIT_CODE_LIMIT) {
    faults.push(`${artifact.contractName} is created by ${initSize} bytes, the limit is ${INIT_CODE_LIMIT}`);
  }
  if (size > largestSize) [largest, largestSize] = [artifact.contractName, size];
}
report(faults, `Every contract fits; the largest is ${largest} with ${largestSize} bytes.`);
