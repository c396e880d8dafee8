/** The peers in the state in which they are measured: the same kind as the suite's. */
import { AbiCoder, type BaseContract, id, keccak256, type TypedDataField, Wallet } from "ethers";

import type { Chain } from "./chain.js";
import { gasAt, type Peers, sendTo } from "./peers.js";
import { proofFrom } from "./proof.js";
import { type Cast, DAY, HOUR, PERIOD, PURSE } from "./town.js";

/** An IPFS link of 66 characters. */
const LINK = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
const RENTED_TOKENS = 25n;
const RENT = 98_000_000n;
const CLAIMED_TOKEN = BigInt(id("claimed")) >> 192n;
const REPORT_GAS = 100_000n;
const FORWARD_REQUEST: Record<string, TypedDataField[]> = {
  ForwardRequest: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "gas", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint48" },
    { name: "data", type: "bytes" },
  ],
};

export class PeerStage {
  private constructor(
    private readonly chain: Chain,
    private readonly cast: Cast,
    private readonly compiled: Peers,
    private readonly linked: BaseContract,
    private readonly rented: BaseContract,
    private readonly desk: BaseContract,
    private readonly forwarder: BaseContract,
    private readonly board: BaseContract,
  ) {}

  /** Owners hold tokens, payers have money and a standing allowance, and what pays or reports has done so before. */
  static async prepare(chain: Chain, compiled: Peers, cast: Cast): Promise<PeerStage> {
    const { deployer, owner, lessee } = cast;
    const linked = await compiled.deploy(chain, "LinkedToken", deployer, id("unused"));
    const rented = await compiled.deploy(chain, "RentedToken", deployer);
    const money = await compiled.deploy(chain, "PermitToken", deployer);
    const desk = await compiled.deploy(
      chain,
      "RentDesk",
      deployer,
      await money.getAddress(),
      await rented.getAddress(),
    );
    const forwarder = await compiled.deploy(chain, "ERC2771Forwarder", deployer, "Forwarder");
    const board = await compiled.deploy(chain, "ReadingBoard", deployer, await forwarder.getAddress());
    await sendTo(chain, linked, "mint", owner.address, 1n, LINK);
    for (let token = 0n; token < RENTED_TOKENS; ++token) await sendTo(chain, rented, "mint", owner.address, 1n);
    await sendTo(chain, rented.connect(owner), "setApprovalForAll", await desk.getAddress(), true);
    await sendTo(chain, money, "mint", lessee.address, PURSE);
    await sendTo(chain, money.connect(lessee), "approve", await desk.getAddress(), PURSE);
    return new PeerStage(chain, cast, compiled, linked, rented, desk, forwarder, board);
  }

  async mintLinked(): Promise<number> {
    return gasAt(this.chain, this.linked, "mint", this.cast.owner.address, tokenId(0), LINK);
  }

  async mintManyLinked(count: number): Promise<number> {
    const tokens = Array.from({ length: count }, (_, index) => tokenId(index));
    return gasAt(
      this.chain,
      this.linked,
      "mintMany",
      this.cast.owner.address,
      tokens,
      tokens.map(() => LINK),
    );
  }

  async claimLinked(depth: number): Promise<number> {
    const { owner, deployer } = this.cast;
    const leaf = doubleHash(["address", "uint256", "string"], [owner.address, CLAIMED_TOKEN, LINK]);
    const { root, proof } = proofFrom(leaf, depth);
    const linked = await this.compiled.deploy(this.chain, "LinkedToken", deployer, root);
    await sendTo(this.chain, linked, "mint", owner.address, 1n, LINK);
    return gasAt(this.chain, linked, "claim", owner.address, CLAIMED_TOKEN, LINK, proof);
  }

  async setUser(): Promise<number> {
    const { owner, lessee } = this.cast;
    const rented = this.rented.connect(owner);
    return gasAt(this.chain, rented, "setUser", 0n, lessee.address, this.chain.now + DAY);
  }

  async transferRented(): Promise<number> {
    const { owner, newcomer } = this.cast;
    const rented = this.rented.connect(owner);
    return gasAt(this.chain, rented, "transferFrom", owner.address, newcomer.address, 0n);
  }

  async payRent(): Promise<number> {
    const desk = this.desk.connect(this.cast.lessee);
    const pay = async (): Promise<number> => gasAt(this.chain, desk, "pay", 0n, RENT, this.chain.now + PERIOD);
    await pay();
    return pay();
  }

  async payMany(count: number): Promise<number> {
    const desk = this.desk.connect(this.cast.lessee);
    const tokens = Array.from({ length: count }, (_, index) => BigInt(index));
    const pay = async (): Promise<number> =>
      gasAt(this.chain, desk, "payMany", tokens, RENT * BigInt(count), this.chain.now + PERIOD);
    await pay();
    return pay();
  }

  async report(): Promise<number> {
    const device = new Wallet(id("reporter"));
    const report = async (round: bigint): Promise<number> =>
      gasAt(this.chain, this.forwarder, "execute", await this.request(device, round));
    await report(0n);
    return report(1n);
  }

  async reportMany(count: number): Promise<number> {
    const devices = Array.from({ length: count }, (_, index) => new Wallet(id(`reporter ${index}`)));
    const report = async (round: bigint): Promise<number> => {
      const requests = await Promise.all(devices.map(async (device) => this.request(device, round)));
      return gasAt(this.chain, this.forwarder, "executeBatch", requests, `0x${"00".repeat(20)}`);
    };
    await report(0n);
    return report(1n);
  }

  async prove(depth: number): Promise<number> {
    const day = Math.floor(this.chain.now / DAY);
    const entry = [BigInt(id("pack")) >> 192n, 7n, BigInt(this.chain.now), BigInt(id("payload"))];
    const { root, proof } = proofFrom(doubleHash(["uint256[4]"], [entry]), depth);
    await sendTo(this.chain, this.board, "setRoot", day, root);
    if ((await this.board.getFunction("verify")(day, entry, proof)) !== true) {
      throw new Error("the peer's proof does not hold");
    }
    const data = this.board.interface.encodeFunctionData("verify", [day, entry, proof]);
    const to = await this.board.getAddress();
    return this.chain.gasOf(() => this.cast.relay.sendTransaction({ to, data }));
  }

  /** A report as a device signs it for the forwarder. */
  private async request(device: Wallet, round: bigint): Promise<object> {
    const word = (name: string): bigint => BigInt(id(`${name} ${device.address} ${round}`));
    const data = this.board.interface.encodeFunctionData("report", [
      word("first") >> 16n,
      word("second"),
      id(`log ${device.address} ${round}`),
    ]);
    const request = {
      from: device.address,
      to: await this.board.getAddress(),
      value: 0n,
      gas: REPORT_GAS,
      deadline: BigInt(this.chain.now + HOUR),
      data,
    };
    const [, name, version, chainId, verifyingContract] = (await this.forwarder.getFunction("eip712Domain")()) as [
      string,
      string,
      string,
      bigint,
      string,
    ];
    const signature = await device.signTypedData({ name, version, chainId, verifyingContract }, FORWARD_REQUEST, {
      ...request,
      nonce: round,
    });
    return { ...request, signature };
  }
}

function tokenId(index: number): bigint {
  return BigInt(id(`token ${index}`)) >> 192n;
}

function doubleHash(types: string[], values: unknown[]): string {
  return keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(types, values)));
}
