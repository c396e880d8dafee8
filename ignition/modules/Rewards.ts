import { buildModule } from "@nomicfoundation/ignition-core";

import { typeIdOf } from "../credentials.js";
import { type Addresses, addressOf, type Authority } from "./Authority.js";
import type { Finance } from "./Finance.js";
import type { Identity } from "./Identity.js";
import type { Waste } from "./Waste.js";

/** A token in its base units. */
const ECO = 1_000_000n;

/**
 * The reward token, what is rewarded, and what rewards buy.
 *
 * Parameters: `ecoTransferable`, whether people can pass tokens on; `clockOffset`, seconds by which the city's clock is ahead
 * of UTC; `rewardYearCap` and `rewardDayBudget` in millionths of a token; `redemptionFeeBp`, what the city keeps of a
 * voucher's face value, basis points.
 */
export function buildRewards(
  authority: Authority,
  identity: Identity,
  finance: Finance,
  waste: Waste,
  addresses: Addresses,
) {
  return buildModule("Rewards", (m) => {
    const { manager } = m.useModule(authority);
    const { identities, credentials } = m.useModule(identity);
    const { token } = m.useModule(finance);
    const { wasteLots } = m.useModule(waste);
    const clockOffset = m.getParameter("clockOffset", 0);

    const ecoToken = m.contract("EcoToken", [manager, m.getParameter("ecoTransferable", false)]);
    const ecoRewards = m.contract("EcoRewards", [
      manager,
      ecoToken,
      wasteLots,
      credentials,
      identities,
      {
        personType: typeIdOf("RESIDENT"),
        clockOffset,
        yearCap: m.getParameter("rewardYearCap", 20_000_000n * ECO),
        dayBudget: m.getParameter("rewardDayBudget", 50_000n * ECO),
      },
    ]);
    const redemption = m.contract("Redemption", [
      manager,
      token,
      ecoToken,
      {
        feeBp: m.getParameter("redemptionFeeBp", 150),
        feeAccount: addressOf(m, "treasury", addresses),
        clockOffset,
      },
    ]);
    return { ecoToken, ecoRewards, redemption };
  });
}
