// Finds out who can call what, and writes it down: from the code of the contracts, their NatSpec comments, and the tables of
// roles and credentials that the deployment follows.
//
// What the code asks is followed from a function through everything that it calls inside the suite, libraries among them.
// Who may call is taken from the comments, word by word, and held against what the code asks.

import { type CompiledContract, type CompilerOutput } from "./solidity.js";

/** A node of the compiler's syntax tree. */
export interface AstNode {
  readonly id?: number;
  readonly nodeType?: string;
  readonly [field: string]: unknown;
}

/** A role of the city, with what the page says of it. */
export interface RoleRow {
  readonly name: string;
  readonly holder: string;
  /** Seconds from an act to its effect. */
  readonly delay: number;
  /** Seconds from a grant to its effect. */
  readonly grantDelay: number;
}

/** A type of credentials, and the body that accredits its issuers. */
export interface CredentialType {
  readonly name: string;
  readonly authority: string;
}

/** What the deployment says. */
export interface Bindings {
  readonly roles: readonly RoleRow[];
  readonly credentials: readonly CredentialType[];
  /** The role behind a restricted function; undefined: none. */
  roleOf(contract: string, name: string): string | undefined;
}

/** What a call is judged by. */
export interface Asked {
  restricted: boolean;
  /** Whose call it is is read for more than for what it pays. */
  caller: boolean;
  /** The caller's tokens are taken. */
  pays: boolean;
  signature: boolean;
  credential: boolean;
  proof: boolean;
}

/** A function that changes state. */
export interface Power {
  contract: string;
  signature: string;
  name: string;
  /** Role; undefined: none is needed. */
  role?: string;
  who: string;
  asked: string[];
}

const HOUR = 3_600;
const DAY = 24 * HOUR;
const RECOVERING = new Set([
  "isValidSignatureNow",
  "isValidSignatureNowCalldata",
  "recover",
  "tryRecover",
  "tryRecoverCalldata",
  "ecrecover",
  "receiveWithAuthorization",
]);
/** Calls that take tokens from an account that is named to them. */
const TAKING = new Set(["pull", "safeTransferFrom", "transferFrom"]);
const CREDENTIALS = /^I?Credentials?(Registry)?$/;
const PROOFS = /^I?Semaphore/;
/** How a sentence begins, or what it says, that tells who may call. */
const WHO = [
  /^(Anybody|Only (?!while)|Owner|Lessee|Issuing key|Any issuing key|Each caller|Whoever)/,
  /^A key of\b/,
  /^(By|Of) (the|an?|whoever)\b.*\b(owner|account|key|identity|signature)\b/,
  /^(The|That|An?) [^.]*\b(calls?|may|by signature|by that owner's signature|an operator approved|an operator that it approved)\b/,
  /^(The|That) [^.]*\b(owner|account)\b[^.]*(\.|;|,|$)/,
  /^The (owner|account)\b/,
  /^As \{/,
  /^[A-Z]+(_[A-Z]+)*\.$/,
  /\b(the|of the|a|as the) caller('s)?\b/,
  /\bby (the owner's )?signature\b/,
  /\b(anybody|whoever|who signed)\b/,
  /\bkey of\b/,
];

const isNode = (value: unknown): value is AstNode => typeof value === "object" && value !== null && "nodeType" in value;

/** Every node below one, with those that it stands in. */
function walk(node: unknown, visit: (node: AstNode, above: readonly AstNode[]) => void, above: AstNode[] = []): void {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, visit, above);
    return;
  }
  if (!isNode(node)) return;
  visit(node, above);
  above.push(node);
  for (const [field, value] of Object.entries(node)) {
    if (typeof value === "object" && field !== "typeDescriptions") walk(value, visit, above);
  }
  above.pop();
}

interface Definition {
  node: AstNode;
  contract: AstNode | undefined;
}

/** What a function asks by itself, and the functions that it names. */
interface Content {
  own: Asked;
  targets: { found: Definition; part: AstNode }[];
}

const nothing = (): Asked => ({
  restricted: false,
  caller: false,
  pays: false,
  signature: false,
  credential: false,
  proof: false,
});

/** Notes what a node of a function's code asks. */
function note(part: AstNode, above: readonly AstNode[], asked: Asked): void {
  const name = part.memberName ?? part.name;
  if (part.nodeType === "InlineAssembly") asked.signature ||= isRecovery(part);
  if (part.nodeType === "Identifier" && name === "ecrecover") asked.signature = true;
  if (part.nodeType === "MemberAccess" && typeof name === "string") {
    if (RECOVERING.has(name)) asked.signature = true;
    const type = (part.expression as AstNode).typeDescriptions as { typeString?: string } | undefined;
    const target = /^contract (\w+)$/.exec(type?.typeString ?? "")?.[1] ?? "";
    const isCalled = above.at(-1)?.nodeType === "FunctionCall";
    if (isCalled && CREDENTIALS.test(target)) asked.credential = true;
    if (isCalled && PROOFS.test(target) && /^(verify|check)/.test(name)) asked.proof = true;
  }
  // What an event or an error tells of the caller decides nothing.
  if (!isCaller(part) || above.some(({ nodeType }) => nodeType === "EmitStatement" || nodeType === "RevertStatement")) {
    return;
  }
  const call = above.findLast(({ nodeType }) => nodeType === "FunctionCall");
  const called = call?.expression as AstNode | undefined;
  const given = ((call?.arguments ?? []) as unknown[]).includes(part);
  const calledName = called?.memberName ?? called?.name;
  if (given && typeof calledName === "string" && TAKING.has(calledName)) asked.pays = true;
  else asked.caller = true;
}

/** Follows calls in the syntax trees of a compilation. */
class Code {
  readonly #functions = new Map<number, Definition>();
  readonly #contracts = new Map<number, AstNode>();
  readonly #contents = new Map<AstNode, Content>();

  constructor(trees: readonly AstNode[]) {
    for (const tree of trees) {
      for (const part of tree.nodes as AstNode[]) {
        if (part.nodeType === "FunctionDefinition")
          this.#functions.set(part.id ?? 0, { node: part, contract: undefined });
        if (part.nodeType !== "ContractDefinition") continue;
        this.#contracts.set(part.id ?? 0, part);
        for (const member of part.nodes as AstNode[]) {
          if (member.nodeType === "FunctionDefinition" || member.nodeType === "ModifierDefinition") {
            this.#functions.set(member.id ?? 0, { node: member, contract: part });
          }
        }
      }
    }
  }

  /** Contracts that can be deployed. */
  deployable(): AstNode[] {
    return [...this.#contracts.values()].filter(
      ({ contractKind, abstract }) => contractKind === "contract" && abstract === false,
    );
  }

  /** The function of a contract that answers to a selector. */
  entry(contract: AstNode, selector: string): Definition | undefined {
    return this.#inOrder(contract).find(({ node }) => node.functionSelector === selector && node.implemented === true);
  }

  /** What calls of a function of a contract are judged by. */
  asked(contract: AstNode, entry: Definition): Asked {
    const asked = nothing();
    const done = new Set<number>();
    const visit = (definition: Definition): void => {
      const id = definition.node.id ?? 0;
      if (done.has(id)) return;
      done.add(id);
      if (definition.node.name === "restricted") {
        asked.restricted = true;
        return;
      }
      const { own, targets } = this.#content(definition.node);
      for (const kind of Object.keys(asked) as (keyof Asked)[]) asked[kind] ||= own[kind];
      for (const { found, part } of targets) visit(this.#resolve(contract, found, part));
    };
    visit(entry);
    return asked;
  }

  /** What a function asks by itself, and what it calls. */
  #content(node: AstNode): Content {
    const known = this.#contents.get(node);
    if (known !== undefined) return known;
    const content: Content = { own: nothing(), targets: [] };
    walk(node, (part, above) => {
      note(part, above, content.own);
      const target = part.referencedDeclaration;
      const found = typeof target === "number" ? this.#functions.get(target) : undefined;
      if (found !== undefined) content.targets.push({ found, part });
    });
    this.#contents.set(node, content);
    return content;
  }

  /** The function that a call inside a contract comes to. */
  #resolve(contract: AstNode, found: Definition, part: AstNode): Definition {
    if (found.contract?.contractKind !== "contract") return found;
    const isSuper = part.nodeType === "MemberAccess" && (part.expression as AstNode).name === "super";
    if (isSuper || found.node.virtual !== true) return found;
    const shape = shapeOf(found.node);
    return this.#inOrder(contract).find(({ node }) => node.implemented === true && shapeOf(node) === shape) ?? found;
  }

  /** Functions of a contract and its bases, the contract's own first. */
  #inOrder(contract: AstNode): Definition[] {
    return (contract.linearizedBaseContracts as number[]).flatMap((id) => {
      const base = this.#contracts.get(id);
      return ((base?.nodes ?? []) as AstNode[])
        .filter(({ nodeType }) => nodeType === "FunctionDefinition" || nodeType === "ModifierDefinition")
        .map((node) => ({ node, contract: base }));
    });
  }
}

/** Kind, name and parameter types of a function. */
function shapeOf({ nodeType, name, parameters }: AstNode): string {
  const types = ((parameters as AstNode).parameters as AstNode[]).map(
    ({ typeDescriptions }) => (typeDescriptions as { typeString: string }).typeString,
  );
  return `${nodeType ?? ""} ${String(name)}(${types.join(",")})`;
}

/** Whether a node is the caller's account. */
function isCaller({ nodeType, memberName, expression }: AstNode): boolean {
  return nodeType === "MemberAccess" && memberName === "sender" && (expression as AstNode).name === "msg";
}

/** Whether assembly asks the chain who signed: the contract at address 1. */
function isRecovery(assembly: AstNode): boolean {
  let found = false;
  walk(assembly.AST, ({ nodeType, functionName, arguments: given }) => {
    if (nodeType !== "YulFunctionCall" || (functionName as AstNode).name !== "staticcall") return;
    const target = (given as AstNode[])[1];
    found ||= target?.nodeType === "YulLiteral" && (target.value === "1" || target.value === "0x01");
  });
  return found;
}

/** The sentences of a comment that say who may call. */
export function whoIn(notice: string, details: string): string {
  const sentences = `${notice} ${details}`
    .replace(/\s+/g, " ")
    .split(/(?<=[.])\s+(?=[A-Z{`])/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "" && !/^(Emits|Reverts)\b/.test(sentence));
  for (const pattern of WHO) {
    const found = sentences.filter((sentence) => pattern.test(sentence));
    if (found.length > 0) return found.slice(0, 2).join(" ");
  }
  return "";
}

/** What the code asks, in words. */
function wordsOf({ caller, pays, signature, credential, proof }: Asked, role: string | undefined): string[] {
  return [
    role === undefined ? "" : "role",
    role === undefined && caller ? "caller" : "",
    pays ? "caller's tokens" : "",
    signature ? "signature" : "",
    credential ? "credential" : "",
    proof ? "proof" : "",
  ].filter((word) => word !== "");
}

/** Who may call where no comment says it: functions that the suite takes over from OpenZeppelin as they are. */
function plainWho({ caller, signature }: Asked, name: string): string {
  if (name === "setAuthority") return "Only the AccessManager, at the word of ADMIN.";
  if (signature) return "Anybody, with the owner's signature.";
  return caller ? "The caller, over what is its own or was approved to it." : "Anybody.";
}

const delayed = (seconds: number): string => (seconds % DAY === 0 ? `${seconds / DAY} d` : `${seconds / HOUR} h`);
/** Words as they stand in a table, with names of other items as code. */
const cell = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/\{(?:\w+-)?(\w+)\}/g, "`$1`")
    .replace(/[<>|]/g, "\\$&")
    .trim();

/** The comments on a function. */
function commentsOn({ devdoc, userdoc }: CompiledContract, signature: string): { notice: string; details: string } {
  return { notice: userdoc.methods?.[signature]?.notice ?? "", details: devdoc.methods?.[signature]?.details ?? "" };
}

/** Every function that changes state, of every contract that can be deployed. */
export function powersOf(output: CompilerOutput, bindings: Bindings): { powers: Power[]; faults: string[] } {
  const sources = output.sources ?? {};
  const code = new Code(Object.values(sources).map(({ ast }) => ast as AstNode));
  const powers: Power[] = [];
  const faults: string[] = [];
  for (const [path, contracts] of Object.entries(output.contracts).sort(([a], [b]) => a.localeCompare(b))) {
    if (!path.startsWith("contracts/")) continue;
    for (const [contract, compiled] of Object.entries(contracts)) {
      const node = code.deployable().find(({ name }) => name === contract);
      if (node === undefined) continue;
      for (const [signature, selector] of Object.entries(compiled.evm?.methodIdentifiers ?? {})) {
        const name = signature.slice(0, signature.indexOf("("));
        const entry = code.entry(node, selector);
        if (entry === undefined || ["view", "pure"].includes(String(entry.node.stateMutability))) continue;
        const asked = code.asked(node, entry);
        const role = bindings.roleOf(contract, name);
        const place = `${contract}.${signature}`;
        if (asked.restricted !== (role !== undefined)) {
          faults.push(`${place} ${asked.restricted ? "is restricted to no role" : "has a role, but asks for none"}`);
        }
        const { notice, details } = commentsOn(compiled, signature);
        const said = notice === "" ? "" : whoIn(notice, details);
        if (notice !== "" && role === undefined && said === "" && wordsOf(asked, role).length > 0) {
          faults.push(`The comment on ${place} does not say who may call it`);
        }
        if (role !== undefined && !`${notice} ${details}`.includes(role)) {
          faults.push(`The comment on ${place} does not name ${role}, which it needs`);
        }
        for (const other of bindings.roles) {
          if (role === undefined && new RegExp(`\\bOnly ${other.name}\\.`).test(said)) {
            faults.push(`The comment on ${place} names ${other.name}, which it does not ask for`);
          }
        }
        powers.push({
          contract,
          signature,
          name,
          ...(role === undefined ? {} : { role }),
          who: role ?? (said === "" ? plainWho(asked, name) : said),
          asked: wordsOf(asked, role),
        });
      }
    }
  }
  return { powers, faults };
}

/** What the comments on roles say of each: what it may do, and what it can do at worst. */
export function rolesIn(source: string): Map<string, { may: string; worst: string }> {
  const found = new Map<string, { may: string; worst: string }>();
  for (const [, comment = "", name = ""] of source.matchAll(
    /((?:[ \t]*\/\/\/[^\n]*\n)+)[ \t]*uint64 internal constant (\w+)/g,
  )) {
    const words = comment.replace(/^\s*\/\/\/ ?/gm, "").replace(/\s+/g, " ");
    const [, may = "", worst = ""] = /@notice (.*?)(?: @dev At worst: (.*?))?\s*$/.exec(words) ?? [];
    found.set(name, { may, worst });
  }
  return found;
}

/** The page of who can call what. */
export function writePowers(
  output: CompilerOutput,
  rolesSource: string,
  bindings: Bindings,
): { page: string; faults: string[] } {
  const { powers, faults } = powersOf(output, bindings);
  const described = rolesIn(rolesSource);
  for (const { name } of bindings.roles) {
    const { may = "", worst = "" } = described.get(name) ?? {};
    if (may === "" || worst === "")
      faults.push(`contracts/authority/Roles.sol does not say what ${name} can do at worst`);
  }
  const lines = [
    "# Who can call what",
    "",
    "Written by `npm run docs` from the contracts, their comments, and the tables that the deployment follows (`ignition/authority.ts`, `ignition/credentials.ts`). A check fails when it is stale, when a function is restricted to no role, or when a comment names another role than the code asks for.",
    "",
    "## Roles",
    "",
    "Who holds a role from the start, how long its acts wait before they take effect, and how long a grant to a new holder waits. ADMIN grants and revokes all of them. The deployer holds none.",
    "",
    "| Role | Held by | Acts wait | Grants wait | What it may do | At worst |",
    "| --- | --- | --- | --- | --- | --- |",
  ];
  for (const { name, holder, delay, grantDelay } of bindings.roles) {
    const { may = "", worst = "" } = described.get(name) ?? {};
    const waits = [delay, grantDelay].map((seconds) => (seconds === 0 ? "no" : delayed(seconds)));
    lines.push(`| ${[name, holder, ...waits, may, worst].map(cell).join(" | ")} |`);
  }
  lines.push(
    "",
    "## Credentials",
    "",
    "Bodies that accredit the issuers of a type of credentials, and can withdraw that. They hold no role for it.",
    "",
    "| Body | Types |",
    "| --- | --- |",
  );
  for (const body of [...new Set(bindings.credentials.map(({ authority }) => authority))].sort()) {
    const types = bindings.credentials.filter(({ authority }) => authority === body).map(({ name }) => `\`${name}\``);
    lines.push(`| ${body} | ${types.join(", ")} |`);
  }
  lines.push(
    "",
    "## Functions",
    "",
    "Every function that changes state, of every contract that is deployed. The last column is read from the code, through everything that a function calls: _role_, the AccessManager is asked; _caller_, it reads whose call it is, to decide by it or to pass it on; _caller's tokens_, who calls pays; _signature_, a signature is checked; _credential_, the register of credentials is asked; _proof_, a proof of membership is checked. Where it is empty nothing is asked, so anybody can call.",
    "",
  );
  for (const contract of [...new Set(powers.map((power) => power.contract))]) {
    lines.push(`### ${contract}`, "", "| Function | Who | The code asks for |", "| --- | --- | --- |");
    const own = powers.filter((power) => power.contract === contract);
    for (const { name, signature, who, asked } of own.sort((a, b) => a.signature.localeCompare(b.signature))) {
      const isOnly = own.filter((power) => power.name === name).length === 1;
      lines.push(`| \`${isOnly ? name : signature}\` | ${cell(who)} | ${asked.join(", ")} |`);
    }
    lines.push("");
  }
  return { page: `${lines.join("\n").trimEnd()}\n`, faults };
}
