/** The types of the EIP-712 messages of the suite. */
import type { TypedDataField } from "ethers";

/**
 * Every typed struct, as its contract gives it to keccak256: CityEuro's own, which are those of ERC-2612 and ERC-3009,
 * and those of batteries, identities, energy, waste, rewards and participation.
 */
export const structs = {
  Reading:
    "Reading(uint256 packId,uint48 counter,uint48 takenAt,uint48 throughputWh,uint40 remainingWh,uint32 fullCycles," +
    "uint16 sohBp,uint16 maxTempDK,uint32 flags,bytes32 logRoot)",
  HealthCertificate:
    "HealthCertificate(uint256 packId,address tester,uint40 measuredWh,uint48 testedAt,bytes32 methodHash," +
    "uint256 nonce,uint48 deadline)",
  DeviceRotation: "DeviceRotation(uint256 packId,address oldDevice,address newDevice,uint256 nonce,uint48 deadline)",
  Offer:
    "Offer(uint256 packId,address lessor,address lessee,uint96 rent,uint96 deposit,uint96 lateFee," +
    "uint96 earlyFee,uint96 buyoutStart,uint96 buyoutResidual,uint96 overagePerKWh,uint48 includedWh," +
    "uint48 startWh,uint32 period,uint16 periods,uint32 grace,uint32 defaultAfter,uint32 claimWindow," +
    "uint32 arbiterWindow,uint32 cureDuration,uint16 minSohBp,bytes32 agreementHash,uint256 nonce," +
    "uint48 deadline)",
  LeaseAct: "LeaseAct(uint256 leaseId,address party,uint8 kind,bytes32 evidenceHash,uint256 nonce,uint48 deadline)",
  Swap: "Swap(uint256 leaseId,address lessee,uint256 oldPackId,uint256 newPackId,uint256 nonce,uint48 deadline)",
  Novation:
    "Novation(uint256 leaseId,uint256 packId,address oldLessee,address newLessee,uint256 nonce,uint48 deadline)",
  LeaseWithdrawal: "LeaseWithdrawal(address account,address to,uint256 nonce,uint48 deadline)",
  ReturnReceipt:
    "ReturnReceipt(uint256 leaseId,uint256 packId,address bay,uint48 receivedAt,uint256 nonce,uint48 deadline)",
  Permit: "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)",
  TransferWithAuthorization:
    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore," +
    "bytes32 nonce)",
  ReceiveWithAuthorization:
    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore," +
    "bytes32 nonce)",
  CancelAuthorization: "CancelAuthorization(address authorizer,bytes32 nonce)",
  OwnerChange: "OwnerChange(address identity,address newOwner,uint256 nonce,uint48 deadline,address owner)",
  DelegateGrant:
    "DelegateGrant(address identity,bytes32 delegateType,address delegate,uint256 validity,uint256 nonce," +
    "uint48 deadline,address owner)",
  DelegateRevocation:
    "DelegateRevocation(address identity,bytes32 delegateType,address delegate,uint256 nonce,uint48 deadline,address owner)",
  AttributeChange:
    "AttributeChange(address identity,bytes32 name,bytes value,uint256 validity,uint256 nonce,uint48 deadline,address owner)",
  AttributeRevocation:
    "AttributeRevocation(address identity,bytes32 name,bytes value,uint256 nonce,uint48 deadline,address owner)",
  GuardianPlan: "GuardianPlan(address[] guardians,uint8 threshold,uint32 delay)",
  GuardianChange:
    "GuardianChange(address identity,GuardianPlan plan,uint256 nonce,uint48 deadline,address owner)" +
    "GuardianPlan(address[] guardians,uint8 threshold,uint32 delay)",
  RecoveryApproval:
    "RecoveryApproval(address guardian,address identity,address newOwner,bytes32 planHash,uint32 ownerVersion," +
    "uint24 round,uint256 nonce,uint48 deadline)",
  RecoveryVeto: "RecoveryVeto(address identity,uint24 round,uint256 nonce,uint48 deadline,address owner)",
  Commissioning:
    "Commissioning(address device,address operator,uint256 validity,address registry,bytes32 make,uint256 nonce," +
    "uint48 deadline)",
  DeviceChange:
    "DeviceChange(address device,address key,bytes32 name,bytes value,uint256 validity,uint256 nonce,uint48 deadline,address owner)",
  KeyAppointment: "KeyAppointment(address issuer,address key,uint40 until,uint256 nonce,uint48 deadline,address owner)",
  AccreditationGrant:
    "AccreditationGrant(address key,bytes32 typeId,address issuer,uint40 until,bool mayAccredit,uint256 nonce," +
    "uint48 deadline,address accreditor)",
  AccreditationWithdrawal:
    "AccreditationWithdrawal(address key,bytes32 typeId,address issuer,uint256 nonce,uint48 deadline,address by)",
  Issuance:
    "Issuance(address key,bytes32 typeId,address subject,uint40 until,bytes32 attributesRoot,uint256 nonce," +
    "uint48 deadline,address issuer)",
  StandingChange:
    "StandingChange(address key,bytes32 typeId,address subject,uint8 standing,uint256 nonce,uint48 deadline,address issuer)",
  Presentation:
    "Presentation(bytes32 typeId,address subject,address verifier,bytes32 purpose,bytes32 predicate,uint256 nonce," +
    "uint48 deadline,address owner)",
  Step: "Step(uint8 tick,uint32 wh)",
  Order: "Order(uint32 interval,uint32 account,uint16 epoch,uint8 flags,Step[] steps)Step(uint8 tick,uint32 wh)",
  StandingOrder:
    "StandingOrder(uint32 account,uint16 epoch,uint32 fromInterval,uint32 toInterval,uint24 basePrice," +
    "uint16 tickSize,uint8 flags,Step[] steps,uint256 nonce,uint256 deadline)Step(uint8 tick,uint32 wh)",
  AccountOpening: "AccountOpening(uint32 account,address signer,uint256 nonce,uint256 deadline)",
  SignerChange: "SignerChange(uint32 account,address signer,uint256 nonce,uint256 deadline)",
  EpochBump: "EpochBump(uint32 account,uint256 nonce,uint256 deadline)",
  OrderDelegation:
    "OrderDelegation(uint32 account,address key,uint24 minPrice,uint24 maxPrice,uint32 maxWh,uint40 until," +
    "uint256 nonce,uint256 deadline)",
  Withdrawal: "Withdrawal(uint32 account,uint256 amount,address to,uint256 nonce,uint256 deadline)",
  FormerWithdrawal: "FormerWithdrawal(address owner,address to,uint256 nonce,uint256 deadline)",
  Agreement:
    "Agreement(uint32 buyer,uint32 seller,uint32 fromInterval,uint32 toInterval,uint24 price,uint32 wh,uint64 salt," +
    "uint256 nonce,uint256 deadline)",
  MeterDay: "MeterDay(uint32 meter,uint32 day,bytes values)",
  FeederDay: "FeederDay(uint16 feeder,uint32 day,bytes values)",
  FeederReadings: "FeederReadings(uint16 feeder,uint32 day,bytes values,bytes headValues,bytes meterSignatures)",
  Amendment: "Amendment(uint32 meter,uint32 interval,int32 wh,uint16 version)",
  CreditWithdrawal: "CreditWithdrawal(address account,address to,uint256 nonce,uint256 deadline)",
  CommunityJoin: "CommunityJoin(uint32 community,uint32 meter,bytes32 termsHash,uint256 nonce,uint256 deadline)",
  CommunityLeave: "CommunityLeave(uint32 community,uint32 meter,uint256 nonce,uint256 deadline)",
  SharingWithdrawal: "SharingWithdrawal(address account,uint256 amount,address to,uint256 nonce,uint256 deadline)",
  Admission: "Admission(address account,uint256 nonce,uint256 deadline)",
  CrewChange: "CrewChange(uint32 operatorId,address key,uint40 until,uint256 nonce,uint256 deadline)",
  OperatorHandover: "OperatorHandover(uint32 operatorId,address account,uint256 nonce,uint256 deadline)",
  Fill: "Fill(uint32 binId,uint32 counter,uint40 takenAt,uint16 fillBp)",
  Ticket:
    "Ticket(uint32 binId,uint32 counter,uint40 takenAt,uint24 code,uint32 grams,uint8 weighing,address collector," +
    "uint32 routeId,bytes32 documentHash)",
  Handover: "Handover(uint64 lotId,uint32 version,uint32 receiver,uint64 grams,uint40 until)",
  Receipt: "Receipt(bytes32 handover,uint64 receivedGrams,uint64 acceptedGrams,bytes32 reasonHash)",
  Enrolment: "Enrolment(address subject,address account,uint256 nonce,uint256 deadline)",
  Act: "Act(uint16 programmeId,uint64 person,address to,uint32 units,uint16 qualityBp,uint24 day,uint8 span)",
  Deposit:
    "Deposit(uint16 programmeId,uint64 person,address to,uint32 binId,uint32 collection,uint32 grams,uint40 takenAt," +
    "uint32 counter)",
  Redeem: "Redeem(uint32 itemId,uint64 maxPrice,address holder,uint256 nonce,uint256 deadline)",
  Use: "Use(uint256 voucherId,address merchant,uint256 nonce,uint256 deadline)",
  VoucherRefund: "VoucherRefund(uint256 voucherId,uint256 nonce,uint256 deadline)",
  MerchantSettlement: "MerchantSettlement(address account,address to,uint256 nonce,uint256 deadline)",
  RollEntry: "RollEntry(uint32 rollId,uint16 segment,uint256 tag,uint256 leaf,uint32 times,uint40 deadline)",
  RollEntries:
    "RollEntries(RollEntry[] entries,uint40 deadline)" +
    "RollEntry(uint32 rollId,uint16 segment,uint256 tag,uint256 leaf,uint32 times,uint40 deadline)",
  RollRemoval: "RollRemoval(uint32 rollId,uint256 tag,uint32 times,uint40 deadline)",
  Vote: "Vote(uint32 ballotId,uint16 segment,uint32 index,uint32 sequence,uint256 payload,uint40 deadline)",
  Commitment:
    "Commitment(uint32 ballotId,uint16 segment,uint32 index,uint32 sequence,uint256 commitment,uint40 deadline)",
  Protocol:
    "Protocol(uint32 ballotId,uint16 segment,uint32 spoilt,bytes32 documentHash,bytes32 entriesHash,address officer," +
    "address owner,uint256 nonce,uint256 deadline)",
} as const;

/** Name of a typed struct of the suite. */
export type StructName = keyof typeof structs;

/** Types of a struct in the form that ethers signs, with those of the structs in it. */
export function typesOf(name: StructName): Record<string, TypedDataField[]> {
  const definitions = [...structs[name].matchAll(/(\w+)\(([^)]*)\)/g)];
  return Object.fromEntries(
    definitions.map(([, struct = "", fields = ""]) => [struct, fields.split(",").map(fieldOf)]),
  );
}

function fieldOf(field: string): TypedDataField {
  const [type = "", name = ""] = field.split(" ");
  return { name, type };
}
