/** How tokens, certificates and vouchers are handed out with stock parts, to people who have some already. */
import { AbiCoder, type BaseContract, id, keccak256 } from "ethers";

import type { Chain } from "./chain.js";
import type { Kiosk } from "./kiosk.js";
import { gasAt, type Peers, sendTo } from "./peers.js";
import { pairOfProofs } from "./proof.js";

const AMOUNT = 20_000_000n;
const KIND = BigInt(id("kind")) >> 176n;
const GRAMS = 10_000n;

export class Handouts {
  private constructor(
    private readonly chain: Chain,
    private readonly compiled: Peers,
    private readonly kiosk: Kiosk,
    private readonly token: BaseContract,
    private readonly managed: BaseContract,
    private readonly weight: BaseContract,
    private readonly voucher: BaseContract,
  ) {}

  static async prepare(compiled: Peers, kiosk: Kiosk): Promise<Handouts> {
    const { chain, citizen, depot } = kiosk;
    const { relay, rewardOffice, merchant } = depot.cast;
    const token = await compiled.deploy(chain, "PermitToken", relay);
    const manager = await compiled.deploy(chain, "AccessManager", relay, relay.address);
    const managed = await compiled.deploy(chain, "ManagedToken", rewardOffice, await manager.getAddress());
    const role = 1n;
    const { selector } = managed.interface.getFunction("mint") ?? {};
    await sendTo(chain, manager, "setTargetFunctionRole", await managed.getAddress(), [selector], role);
    await sendTo(chain, manager, "grantRole", role, rewardOffice.address, 0n);
    const weight = await compiled.deploy(chain, "WeightToken", merchant);
    const voucher = await compiled.deploy(chain, "LinkedToken", relay, id("unused"));
    const handouts = new Handouts(chain, compiled, kiosk, token, managed, weight, voucher);
    for (const contract of [token, managed]) await sendTo(chain, contract, "mint", citizen.account.address, AMOUNT);
    await handouts.mintWeight();
    await sendTo(chain, voucher, "mintPlain", citizen.account.address, 1n);
    return handouts;
  }

  /** OpenZeppelin's ERC-20, which asks nobody. */
  async mint(): Promise<number> {
    return gasAt(this.chain, this.token, "mint", this.kiosk.citizen.account.address, AMOUNT);
  }

  /** OpenZeppelin's ERC-20 behind its AccessManager. */
  async mintManaged(): Promise<number> {
    return gasAt(this.chain, this.managed, "mint", this.kiosk.citizen.account.address, AMOUNT);
  }

  /** OpenZeppelin's ERC-1155. */
  async mintWeight(): Promise<number> {
    return gasAt(this.chain, this.weight, "mint", this.kiosk.depot.cast.merchant.address, KIND, GRAMS);
  }

  async burnWeight(): Promise<number> {
    return gasAt(this.chain, this.weight, "burn", this.kiosk.depot.cast.merchant.address, KIND, GRAMS / 2n);
  }

  /** OpenZeppelin's ERC-721, without a link. */
  async mintVoucher(): Promise<number> {
    return gasAt(this.chain, this.voucher, "mintPlain", this.kiosk.citizen.account.address, 2n);
  }

  /** A claim of the second leaf, after the first one was claimed. */
  async claim(depth: number): Promise<number> {
    const left = this.kiosk.neighbour.account.address;
    const right = this.kiosk.citizen.account.address;
    const { root, proofs } = pairOfProofs([leafOf(0, left), leafOf(1, right)], depth);
    const token = await this.token.getAddress();
    const claims = await this.compiled.deploy(this.chain, "MerkleClaims", this.kiosk.depot.cast.relay, token, root);
    await sendTo(this.chain, this.token, "mint", await claims.getAddress(), AMOUNT << BigInt(depth));
    await sendTo(this.chain, claims, "claim", 0n, left, AMOUNT, proofs[0]);
    return gasAt(this.chain, claims, "claim", 1n, right, AMOUNT, proofs[1]);
  }
}

function leafOf(index: number, to: string): string {
  const types = ["uint256", "address", "uint256"];
  return keccak256(keccak256(AbiCoder.defaultAbiCoder().encode(types, [index, to, AMOUNT])));
}
