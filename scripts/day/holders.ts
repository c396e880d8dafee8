import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { type RoleName, roles } from "../../ignition/authority.js";
import type { Day } from "./day.js";

/** Account of the body that holds a role. */
export function holderOf({ actors }: Pick<Day, "actors">, role: RoleName): HardhatEthersSigner {
  return actors[roles[role].holder];
}
