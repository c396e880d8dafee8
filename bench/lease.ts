/**
 * Operations of BatteryLease. Every offer uses every term there is. Unless the key says otherwise, the lease book holds
 * money, the lessee has signed permits before and keeps money, the owner has signed offers before, and both have money
 * to withdraw.
 */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { NO_PERMIT, signAcceptance, signOffer, signPermit, signSwap, NO_SIGNATURE } from "../sdk/typedData.js";
import type { Operations, Stage } from "./operation.js";
import { DAY, type DevicePack, HOUR, PERIOD, PURSE, type Running } from "./town.js";

const BATCH = 20;
const NONCE_BASE = 100n;

/** Pays the next period of a lease. */
async function payRent(
  { chain, town: { city } }: Stage,
  { leaseId }: Running,
  payer: HardhatEthersSigner,
): Promise<number> {
  return chain.gasOf(() => city.lease.connect(payer).payRent(leaseId, 1));
}

/** Returns a lease after ten days: rent, early fee and a rest for the lessee. */
async function returnAndSettle({ chain, town }: Stage, running: Running): Promise<number> {
  chain.pass(10 * DAY);
  await town.requestReturn(running);
  return town.confirmAndSettle(running);
}

/** Puts another pack of the owner under a lease, with the signatures of lessee and owner, and both packs' readings. */
async function swap(
  { chain, town }: Stage,
  { leaseId }: Running,
  [oldPack, newPack]: readonly [DevicePack, DevicePack],
  nonce: bigint,
): Promise<number> {
  const { city, cast } = town;
  chain.pass(DAY);
  const order = {
    leaseId,
    lessee: cast.lessee.address,
    oldPackId: oldPack.packId,
    newPackId: newPack.packId,
    nonce,
    deadline: BigInt(chain.now + HOUR),
  };
  const signatures = [
    await signSwap(city, cast.lessee, order),
    await signSwap(city, cast.owner, order),
    NO_SIGNATURE,
  ] as const;
  const readings = [await town.readingOf(oldPack), await town.readingOf(newPack)];
  return chain.gasOf(() => city.lease.connect(cast.relay).swap(order, [...signatures], readings));
}

async function withdraw(
  { chain, town: { city } }: Stage,
  account: HardhatEthersSigner,
  leaseIds: bigint[],
): Promise<number> {
  return chain.gasOf(() => city.lease.connect(account).withdraw(leaseIds, account));
}

export const leaseOperations: Operations = {
  "lease.acceptWithPermit": {
    measure: async ({ town, settled }) => (await town.lease(settled.packs[0])).gas,
  },
  "lease.acceptWithPermitFirst": {
    measure: async ({ settled }) => Promise.resolve(settled.running.gas),
  },
  "lease.acceptWithAllowance": {
    measure: async ({ chain, town, settled }) => {
      const { city, cast } = town;
      await town.approve(cast.lessee);
      const offer = await town.offerOf(settled.packs[0]);
      const signature = await signOffer(city, cast.owner, offer);
      return chain.gasOf(() => city.lease.connect(cast.lessee).accept(offer, signature, NO_PERMIT));
    },
  },
  "lease.acceptWithAuthorization": {
    // Sent by a relay: the lessee needs none of the chain's coin.
    measure: async ({ chain, town, settled }) => {
      const { city, cast } = town;
      const offer = await town.offerOf(settled.packs[0]);
      const signature = await signOffer(city, cast.owner, offer);
      const payment = await signAcceptance(city, cast.lessee, offer, BigInt(chain.now + HOUR));
      return chain.gasOf(() =>
        city.lease.connect(cast.relay).acceptWithAuthorization(offer, signature, cast.lessee, payment),
      );
    },
  },
  "lease.payRent": {
    measure: async (stage) => {
      const { chain, town, settled } = stage;
      await town.approve(town.cast.lessee);
      chain.pass(DAY);
      return payRent(stage, settled.running, town.cast.lessee);
    },
    peer: {
      name: "OpenZeppelin ERC20 and ERC4907A: transferFrom and setUser in one transaction",
      measure: async ({ peers }) => peers.payRent(),
    },
  },
  "lease.payMany20": {
    items: BATCH,
    measure: async ({ chain, town, settled }) => {
      const { city, cast } = town;
      const leases: Running[] = [];
      for (const pack of settled.packs.slice(0, BATCH)) leases.push(await town.lease(pack, cast.payer));
      await town.approve(cast.payer);
      chain.pass(DAY);
      const leaseIds = leases.map(({ leaseId }) => leaseId);
      return chain.gasOf(() =>
        city.lease.connect(cast.payer).payMany(
          leaseIds,
          leaseIds.map(() => 1),
        ),
      );
    },
    peer: {
      name: "OpenZeppelin ERC20 and ERC4907A: one transferFrom and 20 times setUser",
      measure: async ({ peers }) => peers.payMany(BATCH),
    },
  },
  "lease.payRentLate": {
    // Ten days late: beyond the grace span, so with a late fee for the owner.
    measure: async (stage) => {
      const { chain, town, settled } = stage;
      await town.approve(town.cast.lessee);
      chain.pass(PERIOD + 10 * DAY);
      return payRent(stage, settled.running, town.cast.lessee);
    },
  },
  "lease.requestReturn": {
    measure: async ({ town, settled }) => town.requestReturn(settled.running),
  },
  "lease.returnAndSettle": {
    measure: async (stage) => returnAndSettle(stage, stage.settled.running),
  },
  "lease.returnAndSettleFresh": {
    // Neither owner nor lessee has anything to withdraw before.
    measure: async (stage) => {
      const { cast } = stage.town;
      await withdraw(stage, cast.owner, []);
      await withdraw(stage, cast.lessee, []);
      return returnAndSettle(stage, stage.settled.running);
    },
  },
  "lease.swap": {
    // The lease's second swap, with both packs' readings in the same transaction.
    measure: async (stage) => {
      const [second, third] = stage.settled.packs;
      const { running } = stage.settled;
      await swap(stage, running, [running.pack, second], NONCE_BASE);
      return swap(stage, running, [second, third], NONCE_BASE + 1n);
    },
  },
  "lease.swapFirst": {
    measure: async (stage) => {
      const { running, packs } = stage.settled;
      return swap(stage, running, [running.pack, packs[0]], NONCE_BASE);
    },
  },
  "lease.buyout": {
    // The lessee holds no pack yet.
    measure: async ({ chain, town, settled }) => {
      const { city, cast } = town;
      const { leaseId, offer } = settled.running;
      chain.pass(10 * DAY);
      const permit = await signPermit(city, cast.lessee, { value: PURSE, deadline: BigInt(chain.now + HOUR) });
      return chain.gasOf(() => city.lease.connect(cast.lessee).buyout(leaseId, offer, PURSE, permit));
    },
  },
  "lease.credit": {
    measure: async ({ chain, town: { city, cast }, settled }) => {
      chain.pass(10 * DAY);
      return chain.gasOf(() => city.lease.connect(cast.relay).credit([settled.running.leaseId]));
    },
  },
  "lease.withdraw": {
    measure: async (stage) => withdraw(stage, stage.town.cast.lessee, []),
  },
  "lease.withdrawEarned": {
    // The owner's rent of one running lease, credited and paid out in one transaction.
    measure: async (stage) => {
      stage.chain.pass(10 * DAY);
      return withdraw(stage, stage.town.cast.owner, [stage.settled.running.leaseId]);
    },
  },
};
