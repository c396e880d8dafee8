/** What ends a deployment, in one sentence and a next step for the person who started it. */
import { HardhatError } from "@nomicfoundation/hardhat-errors";
import {
  type DeploymentResult,
  DeploymentResultType,
  type SuccessfulDeploymentResult,
} from "@nomicfoundation/ignition-core";

/** Exit code when the city stands and something else is left to do. */
export const LEFT = 1;
/** Exit code when the city does not stand, as far as the command knows. */
export const NOT_DONE = 2;

/** Why a deployment cannot begin or go on, and what to do. */
export class DeployError extends Error {
  override readonly name = "DeployError";
  /** Whether the city stands all the same; undefined where whoever calls knows that. */
  readonly stands: boolean | undefined;

  constructor(message: string, { stands, ...options }: ErrorOptions & { readonly stands?: boolean | undefined } = {}) {
    super(message, options);
    this.stands = stands;
  }

  /** What the command ends with. */
  get exitCode(): number {
    return this.stands === true ? LEFT : NOT_DONE;
  }
}

/** What a node's program says when an account cannot pay; each says it in words of its own. */
const POOR = /insufficient funds|doesn't have enough funds|gas required exceeds allowance|upfront cost/i;

/** Codes of Node and of its HTTP client for a connection that ended or never began. */
const DROPPED =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE|UND_ERR_|socket hang up|other side closed|Failed to make POST request|too many requests/i;

/** Name of Hardhat's error for an answer that is an error. */
const REFUSAL = "ProviderError";

/** Ends of Hardhat's messages: the code of ProviderError for an answer that is none. */
const UNKNOWN_ANSWER = -1;

const { CORE, HARDHAT_KEYSTORE, IGNITION } = HardhatError.ERRORS;

/** An error and what caused it, the outermost first. */
function chainOf(error: unknown): Error[] {
  const found: Error[] = [];
  for (let one = error; one instanceof Error && !found.includes(one); one = one.cause) found.push(one);
  return found;
}

/** Whether the node did not answer, or answered something that is no answer. */
export function isConnectionFault(error: unknown): boolean {
  return chainOf(error).some(
    (one) =>
      HardhatError.isHardhatError(one, CORE.NETWORK.CONNECTION_REFUSED) ||
      HardhatError.isHardhatError(one, CORE.NETWORK.NETWORK_TIMEOUT) ||
      HardhatError.isHardhatError(one, CORE.NETWORK.INVALID_JSON_RESPONSE) ||
      ("code" in one && (one.code === UNKNOWN_ANSWER || (typeof one.code === "string" && DROPPED.test(one.code)))) ||
      DROPPED.test(one.message),
  );
}

/** Whether an account could not pay. */
function isPoor(error: unknown): boolean {
  return chainOf(error).some(
    (one) =>
      HardhatError.isHardhatError(one, IGNITION.EXECUTION.INSUFFICIENT_FUNDS_FOR_DEPLOY) ||
      HardhatError.isHardhatError(one, IGNITION.EXECUTION.INSUFFICIENT_FUNDS_FOR_TRANSFER) ||
      POOR.test(one.message),
  );
}

/**
 * Whether Ignition lost count of the sender's transactions. It counts on from the last one that waits for its block, so it
 * does where a run ended while an earlier one of several sent together was still waiting; by now that one is written down.
 */
export function isMiscounted(error: unknown): boolean {
  return HardhatError.isHardhatError(error, IGNITION.EXECUTION.NONCE_TOO_HIGH);
}

/** The first line of what an error says, without Hardhat's number for it and a full stop. */
export function gistOf(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).trim().split("\n");
  return line
    .trim()
    .replace(/^HHE\d+: /, "")
    .replace(/\.$/, "");
}

/** The first entry of a table of errors. */
export function firstOf(errors: Readonly<Record<string, readonly string[]>>): string {
  const [first] = Object.entries(errors);
  const [step, [fault = ""]] = first ?? ["a step", []];
  return `${step}: ${gistOf(fault)}`;
}

/** Why a deployment of Ignition's did not come to its end: the first step that failed, with what it failed for. */
export function reasonOf(result: Exclude<DeploymentResult, SuccessfulDeploymentResult>): string {
  if (result.type !== DeploymentResultType.EXECUTION_ERROR) return firstOf(result.errors);
  const [failed] = result.failed;
  if (failed !== undefined) return `${failed.futureId}: ${gistOf(failed.error)}`;
  const [waiting = "a step"] = result.timedOut.map(({ futureId }) => futureId);
  return `${waiting}: its transaction is in no block yet`;
}

/**
 * An error in words.
 *
 * @param error - What was thrown.
 * @param network - Name of the network.
 */
export function inWords(error: unknown, network: string): DeployError {
  if (error instanceof DeployError) return error;
  const say = (message: string): DeployError => new DeployError(message, { cause: error });
  if (isConnectionFault(error)) {
    return say(
      `The node of network ${network} did not answer (${gistOf(error)}). ` +
        "Run the same command again when it does: it goes on where it stopped.",
    );
  }
  if (isPoor(error)) {
    return say(
      `The account that sends on network ${network} cannot pay for its next transaction (${gistOf(error)}). ` +
        "Send it more and run the same command again: it goes on where it stopped.",
    );
  }
  if (error instanceof Error && error.name === REFUSAL) {
    return say(
      `The node of network ${network} refused what it was asked (${gistOf(error)}). ` +
        "Mend what it says and run the same command again: it goes on where it stopped.",
    );
  }
  if (!HardhatError.isHardhatError(error)) {
    const causes = new Set(
      error instanceof Error ? chainOf(error).map((one) => gistOf(one) || one.name) : [gistOf(error)],
    );
    return say(
      `What nobody foresaw ended the run on network ${network} (${[...causes].join("; ")}). ` +
        "Mend what it says and run the same command again: it goes on where it stopped.",
    );
  }
  if (
    HardhatError.isHardhatError(error, CORE.GENERAL.ENV_VAR_NOT_FOUND) ||
    HardhatError.isHardhatError(error, HARDHAT_KEYSTORE.GENERAL.KEY_NOT_FOUND_DURING_TESTS_WITH_DEV_KEYSTORE)
  ) {
    const name = /"([^"]+)"/.exec(error.message)?.[1] ?? "of its configuration";
    return say(
      `Network ${network} needs the variable ${name}, which is not set. ` +
        `Store it by \`npm run keystore -- set ${name}\`, or set it in the environment.`,
    );
  }
  if (
    HardhatError.isHardhatError(error, IGNITION.EXECUTION.WAITING_FOR_CONFIRMATIONS) ||
    HardhatError.isHardhatError(error, IGNITION.EXECUTION.WAITING_FOR_NONCE)
  ) {
    return say(
      `The last transactions of the account that sends are not confirmed yet on network ${network}. ` +
        "Wait for a few blocks and run the same command again: it goes on where it stopped.",
    );
  }
  if (HardhatError.isHardhatError(error, IGNITION.EXECUTION.DROPPED_TRANSACTION)) {
    return say(
      `Network ${network} dropped a transaction of the deployment. Run the same command again: it is sent anew.`,
    );
  }
  if (HardhatError.isHardhatError(error, CORE.GENERAL.INVALID_CONFIG_VARIABLE_URL)) {
    return say(`The address of the node of network ${network} is no URL. Set the variable anew and run again.`);
  }
  return say(`Network ${network}: ${gistOf(error)}. Mend that and run the same command again.`);
}
