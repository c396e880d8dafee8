/** Acts of identities: by the owner's own call, or by its signature, which anybody may relay. */
import type { DIDResolutionResult } from "did-resolver";
import { type ContractTransactionResponse, getAddress, ZeroAddress } from "ethers";

import type { Identities } from "../../typechain-types/index.js";
import type { P256Signer } from "../p256.js";
import {
  accountOf,
  type GuardianPlan,
  guardianPlanHash,
  type SignedApproval,
  signDelegateGrant,
  signDelegateRevocation,
  signAttributeChange,
  signAttributeRevocation,
  signGuardianChange,
  signOwnerChange,
  signRecoveryApproval,
  signRecoveryVeto,
  toSignedApproval,
} from "../typedData/identities.js";
import { type AccountSigner, type MessageSigner, withNonce } from "../typedData/messages.js";
import { didOf, didResolver, networkOf } from "./did.js";
import { type Entry, wordOf } from "./entries.js";

/** The owner's signature in place of its own call. */
export interface Consent {
  /** The owner: an ethers signer, that of an ERC-1271 account, or a P-256 key with its verifier. */
  readonly signer: MessageSigner;
  /** Last Unix time at which it is good. */
  readonly deadline: bigint;
  /** Random when left out. */
  readonly nonce?: bigint;
}

/** How a guardian approves. */
export interface ApprovalTerms {
  /** Last Unix time at which it is good. */
  readonly deadline: bigint;
  /** Random when left out. */
  readonly nonce?: bigint;
  /** Account of the guardian, where it is not the signer's own: that of an ERC-1271 account. */
  readonly account?: string;
}

/**
 * One identity of a registry. Whatever changes it is sent by the runner of the contract: the owner, or, where the
 * owner's {@link Consent} is given, anybody. Each such function gives the transaction as it was sent, and throws what
 * ethers throws when the contract refuses; `explainRevert` puts the reason in words.
 */
export class Identity {
  readonly address: string;
  readonly #identities: Identities;

  /**
   * @param identities - The registry, bound to a runner that reads, and that sends what is to be sent.
   * @param address - The identity. Any address is one: of an account, of a contract, or of an ERC-7913 key.
   * @throws TypeError for what is no address.
   */
  constructor(identities: Identities, address: string) {
    this.#identities = identities;
    this.address = getAddress(address);
  }

  /** Its DID. */
  async did(): Promise<string> {
    return didOf(this.address, (await networkOf(this.#identities)).chainId);
  }

  /** Its DID document through the libraries `did-resolver` and `ethr-did-resolver`, see `didResolver`. */
  async resolve(): Promise<DIDResolutionResult> {
    const network = await networkOf(this.#identities);
    return didResolver([network]).resolve(didOf(this.address, network.chainId));
  }

  /** Its owner; the zero address when it is retired. */
  async owner(): Promise<string> {
    return this.#identities.identityOwner(this.address);
  }

  /**
   * Gives it to a new owner. Its delegates and attributes stay; guardians and a recovery under way end.
   *
   * @throws RangeError for the zero address: see {@link retire}.
   */
  async rotate(newOwner: string, consent?: Consent): Promise<ContractTransactionResponse> {
    if (getAddress(newOwner) === ZeroAddress) throw new RangeError(`owner ${newOwner} would retire ${this.address}`);
    return this.#changeOwner(newOwner, consent);
  }

  /** Retires it for ever: it has no owner and no delegates, and nothing can be written for it any more. */
  async retire(consent?: Consent): Promise<ContractTransactionResponse> {
    return this.#changeOwner(ZeroAddress, consent);
  }

  async #changeOwner(newOwner: string, consent: Consent | undefined): Promise<ContractTransactionResponse> {
    if (consent === undefined) return this.#identities.changeOwner(this.address, newOwner);
    const change = this.#message(consent, { newOwner });
    return this.#identities.changeOwnerBySig(change, await signOwnerChange(this.#registry, consent.signer, change));
  }

  /**
   * Adds a delegate, or sets its time anew.
   *
   * @param type - Text of up to 32 bytes, for instance {@link VERI_KEY}.
   * @param delegate - Account of the delegate.
   * @param validity - Seconds from the act.
   * @throws RangeError for a type that is too long.
   */
  async addDelegate(
    type: string,
    delegate: string,
    validity: bigint,
    consent?: Consent,
  ): Promise<ContractTransactionResponse> {
    const delegateType = wordOf(type);
    if (consent === undefined) return this.#identities.addDelegate(this.address, delegateType, delegate, validity);
    const grant = this.#message(consent, { delegateType, delegate, validity });
    return this.#identities.addDelegateBySig(grant, await signDelegateGrant(this.#registry, consent.signer, grant));
  }

  /** Ends a delegate's time at once; parameters as for {@link addDelegate}. */
  async revokeDelegate(type: string, delegate: string, consent?: Consent): Promise<ContractTransactionResponse> {
    const delegateType = wordOf(type);
    if (consent === undefined) return this.#identities.revokeDelegate(this.address, delegateType, delegate);
    const revocation = this.#message(consent, { delegateType, delegate });
    const signature = await signDelegateRevocation(this.#registry, consent.signer, revocation);
    return this.#identities.revokeDelegateBySig(revocation, signature);
  }

  /** Whether an account is its delegate now. */
  async hasDelegate(type: string, delegate: string): Promise<boolean> {
    return this.#identities.validDelegate(this.address, wordOf(type), delegate);
  }

  /**
   * Sets an attribute.
   *
   * @param entry - See `entry`, `serviceEntry` and `publicKeyEntry`.
   * @param validity - Seconds from the act.
   */
  async setAttribute(
    { name, value }: Entry,
    validity: bigint,
    consent?: Consent,
  ): Promise<ContractTransactionResponse> {
    if (consent === undefined) return this.#identities.setAttribute(this.address, name, value, validity);
    const change = this.#message(consent, { name, value, validity });
    return this.#identities.setAttributeBySig(
      change,
      await signAttributeChange(this.#registry, consent.signer, change),
    );
  }

  /** Revokes an attribute: the entry must be the one that was set. */
  async revokeAttribute({ name, value }: Entry, consent?: Consent): Promise<ContractTransactionResponse> {
    if (consent === undefined) return this.#identities.revokeAttribute(this.address, name, value);
    const revocation = this.#message(consent, { name, value });
    const signature = await signAttributeRevocation(this.#registry, consent.signer, revocation);
    return this.#identities.revokeAttributeBySig(revocation, signature);
  }

  /**
   * Names its guardians in place of those before; `NO_GUARDIANS` removes them. A recovery under way is stopped.
   *
   * @param plan - See `buildGuardianPlan`. It is public, and must be kept: a recovery needs it again.
   */
  async setGuardians(plan: GuardianPlan, consent?: Consent): Promise<ContractTransactionResponse> {
    if (consent === undefined) return this.#identities.setGuardians(this.address, planOf(plan));
    const change = this.#message(consent, { plan: planOf(plan) });
    return this.#identities.setGuardiansBySig(change, await signGuardianChange(this.#registry, consent.signer, change));
  }

  /**
   * A guardian's approval of a new owner. It ends when the identity changes hands or gets another plan, and with the
   * recovery it is for.
   *
   * @param newOwner - Who is to own the identity.
   * @param plan - The identity's plan.
   * @param guardian - Its signer.
   * @throws RangeError when the plan does not name the guardian.
   */
  async approveRecovery(
    newOwner: string,
    plan: GuardianPlan,
    guardian: AccountSigner | P256Signer,
    { account, ...terms }: ApprovalTerms,
  ): Promise<SignedApproval> {
    const [ownerVersion, round] = await Promise.all([
      this.#identities.ownerVersion(this.address),
      this.#identities.recoveryRound(this.address),
    ]);
    const signer = account ?? (await accountOf(guardian));
    const about = { guardian: signer, newOwner, planHash: guardianPlanHash(plan), ownerVersion, round };
    const approval = this.#message(terms, about);
    return toSignedApproval(plan, signer, approval, await signRecoveryApproval(this.#registry, guardian, approval));
  }

  /**
   * Starts a recovery. The owner can veto it for as long as the plan's delay, and until it is finished.
   *
   * @param newOwner - Whom the guardians approved.
   * @param plan - The identity's plan.
   * @param approvals - At least the plan's threshold, in any order.
   */
  async startRecovery(
    newOwner: string,
    plan: GuardianPlan,
    approvals: readonly SignedApproval[],
  ): Promise<ContractTransactionResponse> {
    const sorted = [...approvals].sort((left, right) => Number(left.guardianIndex - right.guardianIndex));
    return this.#identities.startRecovery(this.address, newOwner, planOf(plan), sorted);
  }

  /** Stops the recovery under way. */
  async vetoRecovery(consent?: Consent): Promise<ContractTransactionResponse> {
    if (consent === undefined) return this.#identities.vetoRecovery(this.address);
    const round = await this.#identities.recoveryRound(this.address);
    const veto = this.#message(consent, { round });
    return this.#identities.vetoRecoveryBySig(veto, await signRecoveryVeto(this.#registry, consent.signer, veto));
  }

  /** Gives it to the new owner of a recovery whose delay is over. Anybody may. */
  async finishRecovery(): Promise<ContractTransactionResponse> {
    return this.#identities.finishRecovery(this.address);
  }

  get #registry(): { identities: Identities } {
    return { identities: this.#identities };
  }

  /** A message about this identity. */
  #message<T extends object>(
    { deadline, nonce }: Pick<Consent, "deadline" | "nonce">,
    fields: T,
  ): T & { readonly identity: string; readonly nonce: bigint; readonly deadline: bigint } {
    return withNonce({ identity: this.address, ...fields, deadline, ...(nonce === undefined ? {} : { nonce }) });
  }
}

/** A plan as the contract's type has it: with a list of its own. */
function planOf({ guardians, ...terms }: GuardianPlan): GuardianPlan & { guardians: string[] } {
  return { ...terms, guardians: [...guardians] };
}
