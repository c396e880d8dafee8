import { buildModule, type CallableContractFuture, type IgnitionModule } from "@nomicfoundation/ignition-core";

import { type Authority, openZeppelinArtifact } from "./Authority.js";

/** The money of the city. */
export type Finance = IgnitionModule<"Finance", string, { token: CallableContractFuture<string> }>;

/** The reference settlement token. */
export function buildFinance(authority: Authority): Finance {
  return buildModule("Finance", (m) => {
    const { manager } = m.useModule(authority);
    const token = m.contract("CityEuro", [manager]);
    return { token };
  });
}

/** Another ERC-20 in its place. Parameter: `settlementToken`, its address. */
export function buildForeignFinance(): Finance {
  return buildModule("Finance", (m) => {
    const token = m.contractAt("IERC20", openZeppelinArtifact("IERC20"), m.getParameter<string>("settlementToken"));
    return { token };
  });
}
