// Writes sdk/natspec.ts: what the NatSpec comments say of every error and event of the suite, so that the SDK can tell them
// in words. The compiler takes an enum's member for a number; which enum it is, the table keeps.

import { EventFragment, Fragment, id } from "ethers";
import { readText } from "./project.js";
import { docOf } from "./reference.js";
import type { AbiItem, CompilerOutput, Doc, Parameter } from "./solidity.js";

/** Contracts of packages that are deployed with the city, as they are. */
const DEPLOYED_AS_THEY_ARE = [
  "@openzeppelin/contracts/access/manager/AccessManager.sol",
  "@openzeppelin/contracts/governance/TimelockController.sol",
  "@openzeppelin/contracts/utils/cryptography/verifiers/ERC7913P256Verifier.sol",
];

/** What packages leave unsaid of their errors, or say for those who read their code. */
const OF_PACKAGES: Readonly<Record<string, string>> = {
  AccessControlBadConfirmation: "An account gives up a role for itself only.",
  AccessControlUnauthorizedAccount: "The account lacks the role that the act asks for.",
  AccessManagedInvalidAuthority: "What is to decide about access is no contract.",
  AccessManagedRequiredDelay: "The account's role acts after a delay only: schedule the call first.",
  AccessManagedUnauthorized: "The account has no role that may call this.",
  AccessManagerAlreadyScheduled: "The call is scheduled already.",
  AccessManagerBadConfirmation: "An account gives up a role for itself only.",
  AccessManagerExpired: "The scheduled call was not made in time.",
  AccessManagerInvalidInitialAdmin: "The first administrator must not be the zero address.",
  AccessManagerLockedFunction: "The function is not to be bound to a role.",
  AccessManagerLockedRole: "The role cannot be changed.",
  AccessManagerNotReady: "The delay of the scheduled call is not over.",
  AccessManagerNotScheduled: "The call is not scheduled.",
  AccessManagerUnauthorizedAccount: "The account lacks the role that the act asks for.",
  AccessManagerUnauthorizedCall: "The account has no role that may call the function.",
  AccessManagerUnauthorizedCancel: "The account may not cancel the scheduled call.",
  AccessManagerUnauthorizedConsume: "The contract does not take scheduled calls.",
  AddressEmptyCode: "There is no contract at the address.",
  CheckpointUnorderedInsertion: "A value is to be put before one that is there.",
  ERC1155InsufficientBalance: "The account has too few of the token.",
  ERC1155InvalidApprover: "This account cannot approve anybody.",
  ERC1155InvalidArrayLength: "There must be as many values as tokens.",
  ERC1155InvalidOperator: "This account cannot be approved.",
  ERC1155InvalidReceiver: "The receiver cannot take the token.",
  ERC1155InvalidSender: "The token cannot be taken from this account.",
  ERC1155MissingApprovalForAll: "The account is not approved to move the owner's tokens.",
  ERC20InsufficientAllowance: "The account may not spend that much of the owner's money.",
  ERC20InsufficientBalance: "The account has too little money.",
  ERC20InvalidApprover: "This account cannot approve anybody.",
  ERC20InvalidReceiver: "This account cannot be paid.",
  ERC20InvalidSender: "This account cannot pay.",
  ERC20InvalidSpender: "This account cannot be approved.",
  ERC2612InvalidSigner: "The permit is signed by somebody else than the owner.",
  ERC721IncorrectOwner: "The token belongs to somebody else.",
  ERC721InsufficientApproval: "The account is not approved to move the token.",
  ERC721InvalidApprover: "This account cannot approve anybody.",
  ERC721InvalidOperator: "This account cannot be approved.",
  ERC721InvalidOwner: "The zero address owns nothing.",
  ERC721InvalidReceiver: "The receiver cannot take the token.",
  ERC721InvalidSender: "The token cannot be taken from this account.",
  ERC721NonexistentToken: "There is no such token.",
  FailedCall: "A call to another contract failed and gave no reason.",
  FailedDeployment: "The contract could not be deployed.",
  InsufficientBalance: "The contract has too little of the chain's coin.",
  InvalidShortString: "The stored text is none.",
  MissingPrecompile: "The chain lacks a contract that it should have from its beginning.",
  ReentrancyGuardReentrantCall: "The contract was called again before the first call ended.",
  StringTooLong: "The text is longer than 31 bytes.",
  TimelockInsufficientDelay: "The delay is shorter than the least one.",
  TimelockInvalidOperationLength: "There must be as many values and payloads as targets.",
  TimelockUnauthorizedCaller: "Only the timelock itself may call this.",
  TimelockUnexecutedPredecessor: "What has to be done before is not done.",
  TimelockUnexpectedOperationState: "The operation is not in the state that the act asks for.",
};

/** Errors and events by selector or topic, as sdk/natspec.ts has them. */
interface Entry {
  readonly fragment: string;
  readonly notice: string;
  readonly inputs: readonly { means: string; enum?: string }[];
}

/** The file, and what has no sentence. */
export interface Words {
  readonly text: string;
  readonly gaps: readonly string[];
}

/** The sources of packages that {@link writeWords} tells of besides the suite's. */
export function packageSources(): Map<string, string> {
  return new Map(DEPLOYED_AS_THEY_ARE.map((path) => [path, readText(`node_modules/${path}`)]));
}

/** Of all contracts in the sources, linked libraries included. */
export function writeWords(paths: Iterable<string>, output: CompilerOutput): Words {
  const errors = new Map<string, Entry>();
  const events = new Map<string, Entry>();
  for (const path of paths) {
    for (const contract of Object.values(output.contracts[path] ?? {})) {
      for (const item of contract.abi) {
        if (item.type !== "error" && item.type !== "event") continue;
        const fragment = Fragment.from(item);
        const signature = fragment.format("sighash");
        const entry = { fragment: fragment.format("full"), ...told(item, docOf(contract, item)) };
        if (item.type === "error") add(errors, id(signature).slice(0, "0x".length + 8), entry, signature);
        else {
          // Two events of one signature differ in how many of their arguments are topics.
          const topics = EventFragment.from(item).inputs.filter(({ indexed }) => indexed === true).length;
          add(events, `${id(signature)}/${topics}`, entry, signature);
        }
      }
    }
  }
  const gaps = [...errors.values(), ...events.values()].flatMap((entry) => faultsOf(entry));
  const text = [
    "/** Written by `npm run docs` from the comments of the contracts. */",
    'import type { Described } from "./words.js";',
    "",
    "/** Errors by their selector. */",
    ...linesOf("errors", errors),
    "",
    "/** Events by their topic and how many of their arguments are topics. */",
    ...linesOf("events", events),
    "",
  ].join("\n");
  return { text, gaps };
}

function linesOf(name: string, table: Map<string, Entry>): string[] {
  const sorted = [...table].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `export const ${name}: Readonly<Record<string, Described>> = {`,
    ...sorted.map(([key, entry]) => `  ${JSON.stringify(key)}: ${JSON.stringify(entry)},`),
    "};",
  ];
}

/** The first that is described counts; a contract that only passes an error on describes nothing. */
function add(table: Map<string, Entry>, key: string, entry: Entry, signature: string): void {
  const known = table.get(key);
  if (known !== undefined && signatureIn(known) !== signature) {
    throw new Error(`${known.fragment} and ${entry.fragment} have one selector`);
  }
  if (known === undefined || (known.notice === "" && entry.notice !== "")) table.set(key, entry);
}

function signatureIn({ fragment }: Entry): string {
  return Fragment.from(fragment).format("sighash");
}

function told(item: AbiItem, doc: Doc): Pick<Entry, "notice" | "inputs"> {
  const notice = doc.notice ?? OF_PACKAGES[item.name ?? ""] ?? firstSentence(doc.details ?? "");
  return {
    notice: sentenceOf(notice),
    inputs: (item.inputs ?? []).map((input) => {
      const name = enumOf(input);
      return { means: clean(doc.params?.[input.name] ?? ""), ...(name === undefined ? {} : { enum: name }) };
    }),
  };
}

function enumOf({ internalType }: Parameter): string | undefined {
  return /^enum (?:\w+\.)?(\w+)$/.exec(internalType ?? "")?.[1];
}

function firstSentence(text: string): string {
  const [first] = text.split(/(?<=\.)\s+(?=[A-Z])/);
  return first ?? "";
}

function clean(text: string): string {
  const plain = text.replace(/[`{}]/g, "").replace(/\s+/g, " ").trim();
  return plain === "" || /[.!?]$/.test(plain) ? plain : `${plain}.`;
}

function sentenceOf(notice: string): string {
  const text = clean(notice);
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function faultsOf({ fragment, notice }: Entry): string[] {
  return notice === "" ? [`nothing says what "${fragment}" means; describe it, or add it to scripts/lib/words.ts`] : [];
}
