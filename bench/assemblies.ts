/** How others vote: OpenZeppelin's Governor, Semaphore with the members of the anonymous roll, and MACI. In each somebody has voted. */
import { type BaseContract, id, keccak256, toUtf8Bytes, type TypedDataField, type Wallet, ZeroAddress } from "ethers";

import { PROOF_FIELD, type VoteProof } from "../sdk/participation/proofs.js";
import type { Chain } from "./chain.js";
import { memberOf } from "./electorate.js";
import { gasAt, type Peers, sendTo } from "./peers.js";
import type { PollingStation } from "./pollingStation.js";
import { DAY } from "./town.js";

const FOR = 1;
const VOTERS = 4;
const SHARE = 1_000n;
const PAYMENT = 25_000_000n;
const PROPOSER_ROLE = id("PROPOSER_ROLE");
const DELAY = 2 * DAY;
const PROPOSAL = "Buy the bridge, as it says in ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efu";
const EARLIER = "Paint the bridge, as it says in ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efu";
const BALLOT: Record<string, TypedDataField[]> = {
  Ballot: [
    { name: "proposalId", type: "uint256" },
    { name: "support", type: "uint8" },
    { name: "voter", type: "address" },
    { name: "nonce", type: "uint256" },
  ],
};

/** Of MACI's own tests: depths of its trees. */
const STATE_DEPTH = 10;
const DEPTHS = { intStateTreeDepth: 5, messageTreeSubDepth: 2, messageTreeDepth: 9, voteOptionTreeDepth: 3 };
const CREDITS = 100;
const MESSAGE_WORDS = 10;
/** A point of Baby Jubjub. */
const PUBLIC_KEY = {
  x: 5299619240641551281634865583518297030282874472190772894086521144482721001553n,
  y: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
};

export class Assemblies {
  private constructor(
    private readonly chain: Chain,
    private readonly station: PollingStation,
    private readonly governor: BaseContract,
    private readonly money: BaseContract,
    private readonly voters: readonly Wallet[],
    private readonly semaphore: BaseContract,
    private readonly maci: BaseContract,
    private readonly poll: BaseContract,
  ) {}

  static async prepare(compiled: Peers, station: PollingStation): Promise<Assemblies> {
    const { chain } = station;
    const { governor, money, voters } = await prepareGovernor(compiled, station);
    const semaphore = await prepareSemaphore(compiled, station);
    const { maci, poll } = await prepareMaci(compiled, station);
    const assemblies = new Assemblies(chain, station, governor, money, voters, semaphore, maci, poll);
    await assemblies.#begin();
    return assemblies;
  }

  // --- OpenZeppelin's Governor

  async propose(
    description = "Sell the bridge, as it says in ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efu",
  ): Promise<number> {
    return gasAt(this.chain, this.governor, "propose", ...(await this.#actions()), description);
  }

  /** The second voter's vote, after the first's or as the first. */
  async castVote({ first = false } = {}): Promise<number> {
    if (!first) await this.#castVote(0);
    return this.#castVote(1);
  }

  /** The second voter's vote, brought by somebody. The voter signed one before. */
  async castVoteBySig(): Promise<number> {
    await this.#castVote(0);
    return this.#castVoteBySig(PROPOSAL, 1n);
  }

  async queue(): Promise<number> {
    for (const index of this.voters.keys()) await this.#castVote(index);
    this.chain.pass(8 * DAY);
    return gasAt(this.chain, this.governor, "queue", ...(await this.#actions()), hashOf(PROPOSAL));
  }

  async execute(): Promise<number> {
    await this.queue();
    this.chain.pass(DELAY);
    return gasAt(this.chain, this.governor, "execute", ...(await this.#actions()), hashOf(PROPOSAL));
  }

  // --- Semaphore

  async validateProof(proof: VoteProof): Promise<number> {
    return gasAt(this.chain, this.semaphore, "validateProof", 0n, proof);
  }

  async addMembers(count: number): Promise<number> {
    const commitments = Array.from({ length: count }, (_, index) => memberOf(`new member ${index}`).leaf);
    return gasAt(this.chain, this.semaphore, "addMembers", 0n, commitments);
  }

  // --- MACI

  /** So many people sign up one after another. Gas of all transactions. */
  async signUp(count: number): Promise<number> {
    return this.#repeat(count, async () => gasAt(this.chain, this.maci, "signUp", PUBLIC_KEY, "0x", "0x"));
  }

  /** So many messages one after another. Gas of all transactions. */
  async publishMessages(count: number): Promise<number> {
    return this.#repeat(count, async (index) =>
      gasAt(this.chain, this.poll, "publishMessage", messageOfMaci(index), PUBLIC_KEY),
    );
  }

  async publishMessageBatch(count: number): Promise<number> {
    const messages = Array.from({ length: count }, (_, index) => messageOfMaci(index));
    const keys = messages.map(() => PUBLIC_KEY);
    return gasAt(this.chain, this.poll, "publishMessageBatch", messages, keys);
  }

  // --- internals

  async #actions() {
    const payment = this.money.interface.encodeFunctionData("transfer", [this.station.cast.supplier.address, PAYMENT]);
    return [[await this.money.getAddress()], [0n], [payment]] as const;
  }

  async #idOf(description: string): Promise<bigint> {
    return (await this.governor.getFunction("hashProposal")(...(await this.#actions()), hashOf(description))) as bigint;
  }

  async #castVote(index: number): Promise<number> {
    const voter = this.voters[index] ?? null;
    return gasAt(this.chain, this.governor.connect(voter), "castVote", await this.#idOf(PROPOSAL), FOR);
  }

  async #castVoteBySig(description: string, nonce: bigint): Promise<number> {
    const proposalId = await this.#idOf(description);
    const [, voter] = this.voters;
    if (voter === undefined) throw new Error("the assembly has no second voter");
    const { chainId } = await this.chain.connection.ethers.provider.getNetwork();
    const domain = { name: "Assembly", version: "1", chainId, verifyingContract: await this.governor.getAddress() };
    const ballot = { proposalId, support: FOR, voter: voter.address, nonce };
    const signature = await voter.signTypedData(domain, BALLOT, ballot);
    return gasAt(this.chain, this.governor, "castVoteBySig", proposalId, FOR, voter.address, signature);
  }

  async #repeat(count: number, once: (index: number) => Promise<number>): Promise<number> {
    let gas = 0;
    for (let index = 0; index < count; ++index) gas += await once(index);
    return gas;
  }

  async #begin(): Promise<void> {
    await this.propose(EARLIER);
    await this.propose(PROPOSAL);
    this.chain.pass(4 * DAY);
    await this.#castVoteBySig(EARLIER, 0n);
    await this.signUp(8);
    await this.publishMessages(24);
  }
}

/** A token that some hold who vote for themselves, and money for the proposal. */
async function prepareGovernor(compiled: Peers, { chain, cast }: PollingStation) {
  const { relay, supplier } = cast;
  const token = await compiled.deploy(chain, "VoteToken", relay);
  const timelock = await compiled.deploy(chain, "TimelockController", relay, DELAY, [], [ZeroAddress], relay.address);
  const addresses = [await token.getAddress(), await timelock.getAddress()];
  const governor = await compiled.deploy(chain, "Assembly", relay, ...addresses);
  await sendTo(chain, timelock, "grantRole", PROPOSER_ROLE, await governor.getAddress());
  const money = await compiled.deploy(chain, "PermitToken", relay);
  await sendTo(chain, money, "mint", await timelock.getAddress(), 2n * PAYMENT);
  await sendTo(chain, money, "mint", supplier.address, PAYMENT);
  const voters: Wallet[] = [];
  for (let index = 0; index < VOTERS; ++index) {
    const voter = await chain.account(`holder ${index}`);
    voters.push(voter);
    await sendTo(chain, token, "mint", voter.address, SHARE);
    await sendTo(chain, token.connect(voter), "delegate", voter.address);
  }
  return { governor, money, voters };
}

/** A group of the same members. */
async function prepareSemaphore(compiled: Peers, { chain, cast, members }: PollingStation): Promise<BaseContract> {
  const PoseidonT3 = await compiled.deploy(chain, "PoseidonT3", cast.relay);
  const verifier = await compiled.deploy(chain, "SemaphoreVerifier", cast.relay);
  const libraries = { PoseidonT3: await PoseidonT3.getAddress() };
  const address = await verifier.getAddress();
  const semaphore = await compiled.deployLinked(chain, "Semaphore", libraries, cast.relay, address);
  await sendTo(chain, semaphore, "createGroup()");
  const commitments = members.people.map(({ leaf }) => leaf);
  await sendTo(chain, semaphore, "addMembers", 0n, commitments);
  return semaphore;
}

/** MACI that lets everybody in, and a poll. */
async function prepareMaci(compiled: Peers, { chain, cast }: PollingStation) {
  const { relay } = cast;
  const deploy = async (...[name, ...args]: DeployArguments): Promise<string> =>
    (await compiled.deployLinked(chain, name, libraries, relay, ...args)).getAddress();
  const libraries: Record<string, string> = {};
  for (const width of [3, 4, 5, 6] as const) {
    libraries[`PoseidonT${width}`] = await deploy(`MaciPoseidonT${width}`);
  }
  const parts = [
    await deploy("PollFactory"),
    await deploy("MessageProcessorFactory"),
    await deploy("TallyFactory"),
    await deploy("FreeForAllGatekeeper"),
    await deploy("ConstantInitialVoiceCreditProxy", CREDITS),
  ];
  const emptyRoots = Array.from({ length: 5 }, (_, index) => BigInt(id(`root ${index}`)) % PROOF_FIELD);
  const maci = await compiled.deployLinked(chain, "MACI", libraries, relay, ...parts, STATE_DEPTH, emptyRoots);
  await sendTo(chain, maci, "deployPoll", 30 * DAY, DEPTHS, PUBLIC_KEY, relay.address, relay.address, 1);
  const [address] = (await maci.getFunction("getPoll")(0n)) as [string];
  return { maci, poll: compiled.at("MaciPoll", address, relay) };
}

type DeployArguments = [name: Parameters<Peers["deploy"]>[1], ...args: unknown[]];

function messageOfMaci(index: number) {
  return { data: Array.from({ length: MESSAGE_WORDS }, (_, word) => BigInt(id(`${index} ${word}`)) % PROOF_FIELD) };
}

function hashOf(description: string): string {
  return keccak256(toUtf8Bytes(description));
}
