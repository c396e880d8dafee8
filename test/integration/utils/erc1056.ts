import { readFileSync } from "node:fs";

import type { Resolver } from "did-resolver";
import {
  concat,
  encodeBytes32String,
  hexlify,
  id,
  type InterfaceAbi,
  keccak256,
  MaxUint256,
  parseEther,
  type Provider,
  toUtf8Bytes,
  Wallet,
} from "ethers";
import { EthrDidController } from "ethr-did-resolver";

import { explainRevert } from "../../../sdk/index.js";
import { didOf, didResolver } from "../../../sdk/identity/index.js";
import { type IERC1056, IERC1056__factory } from "../../../typechain-types/index.js";
import type { Connection } from "./city.js";
import type { Random } from "./random.js";

/** The same acts of ERC-1056 on two registries: that of the suite and the reference, each in the same block on both. */

interface Artifact {
  readonly abi: InterfaceAbi & readonly AbiEntry[];
  readonly bytecode: string;
}

/** One function or event of an ABI. */
export interface AbiEntry {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly AbiParameter[];
  readonly outputs?: readonly AbiParameter[];
  readonly stateMutability?: string;
  readonly anonymous?: boolean;
}

interface AbiParameter {
  readonly name: string;
  readonly type: string;
  readonly indexed?: boolean;
}

/** The published artifact of the reference registry. Its package gives no access to it by name. */
export const reference = JSON.parse(
  readFileSync(
    new URL(
      "../../../node_modules/ethr-did-registry/artifacts/contracts/EthereumDIDRegistry.sol/EthereumDIDRegistry.json",
      import.meta.url,
    ),
    "utf8",
  ),
) as Artifact;

/** The first block's time. Long ago, so that no delegate's time ends while the resolver looks at the wall clock. */
const START = new Date("2025-01-01T00:00:00Z");

/** A chain on which blocks are made when the test says so, and hold the transactions in the order they came. */
export const CHAIN = {
  initialDate: START,
  mining: { auto: false, mempool: { order: "fifo" } },
  throwOnTransactionFailures: false,
} as const;

/** Enough for every act; given, because an act that is to be refused cannot be estimated. */
const GAS_LIMIT = 300_000n;
/** Well above what the base fee of nearly empty blocks falls to. */
const GAS_PRICE = 10_000_000_000n;

/** Fixture: both registries, people with keys at hand, and a relayer. */
export async function twoRegistries({ ethers, networkHelpers }: Connection) {
  const [deployer] = await ethers.getSigners();
  const options = { gasLimit: 10_000_000n };
  const suite = await (await ethers.deployContract("Identities", options)).getAddress();
  const referenceFactory = new ethers.ContractFactory(reference.abi, reference.bytecode, deployer);
  const oracle = await (await referenceFactory.deploy(options)).getAddress();
  await networkHelpers.mine();
  const people = ["ada", "ben", "cid", "dot", "eve"].map((name) => new Wallet(id(name), ethers.provider));
  const relayer = new Wallet(id("relayer"), ethers.provider);
  for (const { address } of [...people, relayer]) await networkHelpers.setBalance(address, parseEther("1000"));
  const { chainId } = await ethers.provider.getNetwork();
  const registryAt = (registry: string): Registry => ({
    contract: IERC1056__factory.connect(registry, ethers.provider),
    resolver: didResolver([{ chainId, provider: ethers.provider, registry }]),
  });
  return {
    ethers,
    networkHelpers,
    chainId,
    people: people as [Wallet, ...Wallet[]],
    relayer,
    registries: [registryAt(suite), registryAt(oracle)] as const,
  };
}

export type TwoRegistries = Awaited<ReturnType<typeof twoRegistries>>;

export interface Registry {
  readonly contract: IERC1056;
  readonly resolver: Resolver;
}

// --- acts

/** What is done to an identity. Delegates' types and names are text, or 32 bytes in hexadecimal form. */
export type Deed =
  | { readonly method: "changeOwner"; readonly newOwner: string }
  | {
      readonly method: "addDelegate";
      readonly delegateType: string;
      readonly delegate: string;
      readonly validity: bigint;
    }
  | { readonly method: "revokeDelegate"; readonly delegateType: string; readonly delegate: string }
  | { readonly method: "setAttribute"; readonly name: string; readonly value: string; readonly validity: bigint }
  | { readonly method: "revokeAttribute"; readonly name: string; readonly value: string };

/** A deed, and who does it how. */
export type Act = Deed & {
  readonly identity: string;
  readonly actor: Wallet;
  /** Signed by the actor and sent by the relayer, or sent by the actor. */
  readonly signed: boolean;
};

/** A transaction for each registry. */
export type Calls = readonly [Call, Call];

export interface Call {
  readonly sender: Wallet;
  readonly to: string;
  readonly data: string;
}

/** The transactions of an act; a signed one is signed for the state as it is now. */
export async function callsOf(stage: TwoRegistries, act: Act): Promise<Calls> {
  const [suite, oracle] = stage.registries;
  return [await callOf(stage, suite, act), await callOf(stage, oracle, act)];
}

async function callOf({ chainId, ethers, relayer }: TwoRegistries, { contract }: Registry, act: Act): Promise<Call> {
  const to = await contract.getAddress();
  const { method, identity, actor } = act;
  const values = valuesOf(act);
  if (!act.signed) {
    const data = contract.interface.encodeFunctionData(method as "changeOwner", [identity, ...values] as never);
    return { sender: actor, to, data };
  }
  const { v, r, s } = actor.signingKey.sign(
    await digestOf(new EthrDidController(identity, ...clientOf(ethers.provider, chainId, to)), act),
  );
  const signed = `${method}Signed` as const as "changeOwnerSigned";
  const data = contract.interface.encodeFunctionData(signed, [identity, v, r, s, ...values] as never);
  return { sender: relayer, to, data };
}

/** What the published client of the reference registry is made with, but for the identity. */
function clientOf(provider: Provider, chainId: bigint, registry: string) {
  const [network, hasLegacyNonce] = [`0x${chainId.toString(16)}`, false];
  // Its types name the CommonJS half of ethers, whose private members differ from ours in name only.
  return [undefined, undefined, network, provider as never, undefined, registry, hasLegacyNonce] as const;
}

/** What the published client would have the owner sign. */
async function digestOf(client: EthrDidController, deed: Deed): Promise<string> {
  // The client declares spans as numbers, but only writes them as words.
  const validity = "validity" in deed ? (deed.validity as unknown as number) : 0;
  switch (deed.method) {
    case "changeOwner":
      return client.createChangeOwnerHash(deed.newOwner);
    case "addDelegate":
      return client.createAddDelegateHash(deed.delegateType, deed.delegate, validity);
    case "revokeDelegate":
      return client.createRevokeDelegateHash(deed.delegateType, deed.delegate);
    case "setAttribute":
      return client.createSetAttributeHash(deed.name, deed.value, validity);
    case "revokeAttribute":
      return client.createRevokeAttributeHash(deed.name, deed.value);
  }
}

/** Arguments of the function, from the identity on. */
function valuesOf(deed: Deed): unknown[] {
  switch (deed.method) {
    case "changeOwner":
      return [deed.newOwner];
    case "addDelegate":
      return [toWord(deed.delegateType), deed.delegate, deed.validity];
    case "revokeDelegate":
      return [toWord(deed.delegateType), deed.delegate];
    case "setAttribute":
      return [toWord(deed.name), deed.value, deed.validity];
    case "revokeAttribute":
      return [toWord(deed.name), deed.value];
  }
}

function toWord(text: string): string {
  return text.startsWith("0x") ? text : encodeBytes32String(text);
}

/** Makes one block with the transactions of some acts; tells for each whether each registry accepted it. */
export async function inOneBlock(stage: TwoRegistries, acts: readonly Calls[]): Promise<[boolean, boolean][]> {
  const { ethers, networkHelpers } = stage;
  const hashes: string[] = [];
  for (const { sender, to, data } of acts.flat()) {
    const options = { gasLimit: GAS_LIMIT, gasPrice: GAS_PRICE, type: 0 };
    hashes.push((await sender.sendTransaction({ to, data, ...options })).hash);
  }
  await networkHelpers.mine();
  const block = await networkHelpers.time.latestBlock();
  const accepted = await Promise.all(
    hashes.map(async (hash) => {
      const receipt = await ethers.provider.getTransactionReceipt(hash);
      if (receipt?.blockNumber !== block) throw new Error(`transaction ${hash} is not in block ${block}`);
      return receipt.status === 1;
    }),
  );
  return acts.map((_, index) => [accepted[2 * index]!, accepted[2 * index + 1]!]);
}

/** Name of the error by which a registry would refuse a call now; undefined when it would accept it. */
export async function refusalOf({ ethers }: TwoRegistries, { sender, to, data }: Call): Promise<string | undefined> {
  return ethers.provider.call({ from: sender.address, to, data }).then(
    () => undefined,
    (failure: unknown) => explainRevert(failure)?.name,
  );
}

/** A deed of every kind, to an identity that is the owner's own. */
export const everyDeed: readonly Deed[] = [
  { method: "changeOwner", newOwner: new Wallet(id("new owner")).address },
  { method: "addDelegate", delegateType: "veriKey", delegate: new Wallet(id("delegate")).address, validity: 1_000n },
  { method: "revokeDelegate", delegateType: "veriKey", delegate: new Wallet(id("delegate")).address },
  { method: "setAttribute", name: "did/svc/Home", value: "0x1234", validity: 1_000n },
  { method: "revokeAttribute", name: "did/svc/Home", value: "0x1234" },
];

// --- random acts

const HOUR = 3_600n;
const DAY = 24n * HOUR;
const YEAR = 365n * DAY;

/** From over at once to longer than time, which both registries refuse. */
const VALIDITIES = [0n, 1n, HOUR, 20n * DAY, 100n * YEAR, 1n << 70n, MaxUint256] as const;
const DELEGATE_TYPES = ["veriKey", "sigAuth", "enc", ""] as const;
/** 32 bytes that are no text. Only acts without signature can have it: the client's hashes are of text. */
const NO_TEXT = id("no text");
const KEY = hexlify(toUtf8Bytes("a key of thirty-two bytes, or so"));
const ATTRIBUTES = [
  ["did/pub/Secp256k1/veriKey/hex", concat(["0x02", id("key")])],
  ["did/pub/Secp256k1/sigAuth/hex", concat(["0x03", id("key")])],
  ["did/pub/Ed25519/veriKey/base64", KEY],
  ["did/pub/Ed25519/veriKey/base58", KEY],
  ["did/pub/X25519/enc/base64", KEY],
  ["did/pub/X25519/enc/hex", KEY],
  ["did/pub/X25519/enc", KEY],
  ["did/pub/RSA/veriKey/pem", hexlify(toUtf8Bytes("-----BEGIN PUBLIC KEY-----"))],
  ["did/pub/RSA/veriKey/pem", "0xff00"],
  ["did/pub/Other/veriKey/other", KEY],
  ["did/svc/HubService", hexlify(toUtf8Bytes("https://hub.example/ada"))],
  ["did/svc/Inbox", hexlify(toUtf8Bytes(JSON.stringify({ uri: "https://inbox.example", accept: ["didcomm/v2"] })))],
  ["did/svc/Inbox", "0xc328"],
  ["device/firmware", id("image")],
  ["", "0x"],
] as const;
/** People whose identities are acted on: few, so that each has a long history. */
const BUSY = 3;
const SPANS = [1n, HOUR, DAY, 30n * DAY] as const;

/** Any deed, of few enough kinds that later ones often meet earlier ones. Nothing is retired. */
export function randomDeed(random: Random, { people }: TwoRegistries): Deed {
  const addresses = people.map(({ address }) => address) as [string, ...string[]];
  const delegation = { delegateType: random.pick(DELEGATE_TYPES), delegate: random.pick(addresses) };
  const [name, value] = random.pick<readonly [string, string]>(ATTRIBUTES);
  const validity = random.pick(VALIDITIES);
  return random.pick<() => Deed>([
    () => ({ method: "changeOwner", newOwner: random.pick(addresses) }),
    () => ({ method: "addDelegate", ...delegation, validity }),
    () => ({ method: "revokeDelegate", ...delegation }),
    () => ({ method: "setAttribute", name, value, validity }),
    () => ({ method: "revokeAttribute", name, value }),
  ])();
}

/** Any act: usually by the owner as it is now, otherwise by anybody. */
export async function randomAct(random: Random, stage: TwoRegistries): Promise<Act> {
  const { people } = stage;
  const [first, ...others] = people.slice(0, BUSY);
  const { address: identity } = random.pick([first!, ...others]);
  const owner = await stage.registries[1].contract.identityOwner(identity);
  const byOwner = random.between(1n, 3n) > 1n;
  const actor = byOwner ? people.find(({ address }) => address === owner)! : random.pick(people);
  const deed = randomDeed(random, stage);
  const signed = random.pick([true, false]);
  if (!signed && random.between(1n, 8n) === 1n) return { ...withoutText(deed), identity, actor, signed };
  return { ...deed, identity, actor, signed };
}

function withoutText(deed: Deed): Deed {
  if ("delegateType" in deed) return { ...deed, delegateType: NO_TEXT };
  return "name" in deed ? { ...deed, name: NO_TEXT } : deed;
}

/** Some time passes, or none. */
export async function randomWait(random: Random, { networkHelpers }: TwoRegistries): Promise<void> {
  if (random.pick([true, false])) await networkHelpers.time.increase(random.pick(SPANS));
}

// --- what both say

/** What a registry answers about its identities and people's numbers, but for the retired ones. */
export async function answersOf(stage: TwoRegistries, { contract }: Registry, except: ReadonlySet<string>) {
  const addresses = stage.people.map(({ address }) => address);
  const answers: Record<string, unknown> = {};
  for (const identity of addresses) {
    answers[`changed ${identity}`] = await contract.changed(identity);
    // Numbers of the suite have chain and day before the count.
    answers[`count of ${identity}`] = (await contract.nonce(identity)) & ((1n << 64n) - 1n);
    if (except.has(identity)) continue;
    answers[`owner of ${identity}`] = await contract.identityOwner(identity);
    answers[`owners ${identity}`] = await contract.owners(identity);
    for (const type of DELEGATE_TYPES) {
      const word = toWord(type);
      for (const delegate of addresses) {
        const about = `${type} ${delegate} of ${identity}`;
        answers[`until ${about}`] = await contract.delegates(identity, keccak256(word), delegate);
        answers[`valid ${about}`] = await contract.validDelegate(identity, word, delegate);
      }
    }
  }
  return answers;
}

/** Resolves an identity's DID by a registry, as of a block or now. */
export async function resolveBy(
  { chainId }: TwoRegistries,
  { resolver }: Registry,
  identity: string,
  block?: bigint | number,
) {
  const version = block === undefined ? "" : `?versionId=${block}`;
  return resolver.resolve(`${didOf(identity, chainId)}${version}`);
}
