/** What the command says at its end. */
import { isDevelopment, millions } from "./chain.js";
import type { DeployOutcome } from "./run.js";

/** What came of a deployment, and what is left to do, line by line. */
export function linesOf(outcome: DeployOutcome): string[] {
  const { record, file, journal, deployed, mended, handover, verified, setAside } = outcome;
  const { account, handover: door } = record.admin;
  const lines = setAside.map((path) => `Set aside: ${path}`);
  if (mended !== undefined) {
    const { found, unsent, failed } = mended;
    lines.push(
      `Went on with an earlier run: ${found} transactions were found on the chain; ${unsent} steps had not reached it ` +
        `and ${failed} had failed there, and were begun anew.`,
    );
  }
  const gas = `${record.transactions} transactions, ${millions(BigInt(record.gas))} million gas`;
  lines.push(
    deployed
      ? `The city stands on chain ${record.chainId} since block ${record.block} (${record.module}, ${gas}).`
      : `The city stands on chain ${record.chainId} as ${file ?? "its record"} says; nothing was deployed.`,
  );
  for (const { explorer, verified: count, failed } of verified) {
    lines.push(`${explorer}: the source of ${count} contracts is shown.`);
    lines.push(...failed.map((fault) => `  not shown: ${fault}`));
    if (failed.length > 0) lines.push("  Run the same command again to show what is left.");
  }
  lines.push(
    handover === "waiting"
      ? `Next step: the admin ${account} takes over, by this command with its key as CIVITAS_KEY, ` +
          `or by calling accept() of AdminHandover at ${door}.`
      : `The admin ${account} has taken over.`,
  );
  if (file === undefined) return [...lines, "The chain ended with this rehearsal; nothing was written."];
  lines.push(`Record: ${file}, with the addresses that connectCity takes.`);
  if (isDevelopment(BigInt(record.chainId))) return lines;
  return [
    ...lines,
    `Next step: commit ${file}${journal === undefined ? "" : ` and ${journal}`}, and list the record in ` +
      "sdk/deployments.ts, so that connectCity finds the city by its chain's id.",
  ];
}
