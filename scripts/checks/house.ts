// House rules that no linter knows, and a compiler that has nothing to warn of.

import { wordFaults, sourceFaults } from "../lib/house.js";
import { readText, report, trackedFiles } from "../lib/project.js";
import { compileDocs, productionSources } from "../lib/solidity.js";

const GENERATED = /^(typechain-types|docs\/reference|data)\/|(^|\/)package-lock\.json$|^LICENSE$/;
const BINARY = /\.(gz|ico|jpg|png|tgz|zip)$/;

const sources = productionSources();
const files = trackedFiles().filter((path) => !GENERATED.test(path) && !BINARY.test(path));
const faults = [
  ...[...sources].flatMap(([path, text]) => sourceFaults(path, text)),
  ...files.flatMap((path) => wordFaults(path, readText(path))),
  // A warning about a package's source is its maintainers' to mend.
  ...(compileDocs(productionSources(true)).errors ?? [])
    .map(({ formattedMessage }) => formattedMessage.trim())
    .filter((message) => !message.includes("--> @openzeppelin/")),
];
report(faults, `${sources.size} Solidity files and ${files.length} files in all keep the house rules.`);
