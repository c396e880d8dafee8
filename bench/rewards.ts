/**
 * Operations of the rewards module. Unless the key says otherwise, programme, attestors and city gave something today, and
 * the person has tokens; a claim, an epoch and a voucher are new in every measurement.
 */
import type { Operation, Operations } from "./operation.js";
import type { WasteStage } from "./waste.js";

/** Hashes of a proof among 131,072 leaves. */
const DEPTH = 17;
const FOUR_LEAVES = 2;
/** A voucher of the citizen that nobody took, and the number of its next message. */
const LIVE = 3n;
const NEXT = 2n;

type Peer = NonNullable<Operation<WasteStage>["peer"]>;

const mint: Peer = { name: "OpenZeppelin ERC20Permit: mint", measure: async ({ handouts }) => handouts.mint() };
const mintByHand: Peer = {
  name: "OpenZeppelin ERC20 behind AccessManager: mint by the attestor's own hand",
  measure: async ({ handouts }) => handouts.mintManaged(),
};

export const rewardOperations: Operations<WasteStage> = {
  "reward.enrol": { measure: async ({ kiosk }) => kiosk.enrol() },
  "reward.earnFirst": { measure: async ({ kiosk }) => kiosk.earn(kiosk.citizen, 60), peer: mintByHand },
  "reward.earnSameDay": {
    measure: async ({ kiosk }) => {
      await kiosk.earn(kiosk.citizen, 60);
      return kiosk.earn(kiosk.citizen, 90);
    },
    peer: mintByHand,
  },
  "reward.earnQuorum3": {
    measure: async ({ kiosk }) => {
      await kiosk.earnWithQuorum(kiosk.citizen, 60);
      return kiosk.earnWithQuorum(kiosk.citizen, 90);
    },
  },
  "reward.depositFirst": {
    // After a deposit of the neighbour.
    measure: async ({ kiosk, depot }) => {
      await kiosk.deposit(kiosk.neighbour, depot.bin(0), 1);
      return kiosk.deposit(kiosk.citizen, depot.bin(0), 2);
    },
  },
  "reward.deposit": {
    measure: async ({ kiosk, depot }) => {
      await kiosk.deposit(kiosk.citizen, depot.bin(0), 1);
      return kiosk.deposit(kiosk.citizen, depot.bin(0), 2);
    },
  },
  "reward.settleCycle": {
    measure: async ({ kiosk, depot }) => {
      await kiosk.deposit(kiosk.citizen, depot.bin(0), 1);
      await depot.collect(depot.bin(0));
      return kiosk.settleCycle(depot.bin(0));
    },
  },
  "reward.release": {
    measure: async ({ kiosk }) => kiosk.release(kiosk.citizen, await kiosk.earnAndWait(kiosk.citizen)),
    peer: mint,
  },
  "reward.releaseDeposit": {
    // After the neighbour's.
    measure: async ({ kiosk, depot }) => {
      const bin = depot.bin(0);
      await kiosk.deposit(kiosk.neighbour, bin, 1);
      await kiosk.deposit(kiosk.citizen, bin, 2);
      await depot.collect(bin);
      await kiosk.settleCycle(bin);
      kiosk.waitForDeposits();
      await kiosk.releaseDeposits(kiosk.neighbour, bin);
      return kiosk.releaseDeposits(kiosk.citizen, bin);
    },
    peer: mint,
  },
  "reward.epochPost": { measure: async ({ kiosk }) => kiosk.postEpoch(DEPTH) },
  "reward.epochPostOf4": { measure: async ({ kiosk }) => kiosk.postEpoch(FOUR_LEAVES) },
  "reward.claim17": {
    measure: async ({ kiosk }) => {
      const epoch = await kiosk.postAndWait(DEPTH);
      await kiosk.claim("neighbour", epoch);
      return kiosk.claim("citizen", epoch);
    },
    peer: {
      name: "OpenZeppelin MerkleProof, BitMaps and ERC20: claim, proof of 17",
      measure: async ({ handouts }) => handouts.claim(DEPTH),
    },
  },
  "reward.redeem": {
    measure: async ({ kiosk }) => kiosk.redeem(),
    peer: { name: "OpenZeppelin ERC721: mint", measure: async ({ handouts }) => handouts.mintVoucher() },
  },
  "reward.redeemBySig": { measure: async ({ kiosk }) => kiosk.redeemBySig(NEXT) },
  "reward.consume": { measure: async ({ kiosk }) => kiosk.consume(LIVE, NEXT) },
  "reward.refund": { measure: async ({ kiosk }) => kiosk.refund(LIVE) },
  "reward.merchantSettle": { measure: async ({ kiosk }) => kiosk.settle() },
};
