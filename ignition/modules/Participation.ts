import { buildModule } from "@nomicfoundation/ignition-core";

import { typeIdOf } from "../credentials.js";
import { type Authority, openZeppelinArtifact } from "./Authority.js";
import type { Identity } from "./Identity.js";

const DAY = 24 * 60 * 60;

/** Proposes to the timelock, see OpenZeppelin's TimelockController. */
const PROPOSER_ROLE = "0xb09aa5aeb3702cfd50b6b62bc4532604938f21248a27a1d5ca736082b6819cc1";
/** Grants the timelock's roles. */
const TIMELOCK_ADMIN_ROLE = `0x${"0".repeat(64)}`;
/** As an executor of the timelock: anybody. */
const ANYBODY = `0x${"0".repeat(40)}`;

/**
 * The rolls of voters, the ballots, and what ballots decide. The timelock takes proposals from the executor alone, and keeps
 * no admin.
 *
 * Parameters: `proofDepth`, levels of the trees that anonymous members prove to be in, so that a segment has room for two to
 * the power of it; `censusNotice`, seconds from a ballot's census to its opening, at least; `decisionDelay`, seconds
 * that the timelock keeps what a ballot decided.
 */
export function buildParticipation(authority: Authority, identity: Identity) {
  return buildModule("Participation", (m) => {
    const { manager } = m.useModule(authority);
    const { identities, credentials } = m.useModule(identity);
    const deployer = m.getAccount(0);

    const census = m.contract("Census", [manager, credentials, identities, typeIdOf("RESIDENT")], {
      libraries: { PoseidonT3: m.library("PoseidonT3") },
    });
    const proofVerifier = m.contract("SemaphoreBatchVerifier", [m.getParameter("proofDepth", 20)]);
    const BallotKinds = m.library("BallotKinds");
    const BallotSealing = m.library("BallotSealing");
    const BallotPublishing = m.library("BallotPublishing");
    const BallotOpening = m.library("BallotOpening", { libraries: { BallotKinds } });
    const BallotCounting = m.library("BallotCounting");
    const BallotViews = m.library("BallotViews");
    const ballotBox = m.contract(
      "BallotBox",
      [manager, census, proofVerifier, credentials, identities, m.getParameter("censusNotice", 3 * DAY)],
      {
        libraries: { BallotKinds, BallotSealing, BallotPublishing, BallotOpening, BallotCounting, BallotViews },
      },
    );
    const timelock = m.contract("TimelockController", openZeppelinArtifact("TimelockController"), [
      m.getParameter("decisionDelay", 2 * DAY),
      [],
      [ANYBODY],
      deployer,
    ]);
    const ballotExecutor = m.contract("BallotExecutor", [manager, ballotBox, timelock]);
    const proposes = m.call(timelock, "grantRole", [PROPOSER_ROLE, ballotExecutor], { from: deployer });
    m.call(timelock, "renounceRole", [TIMELOCK_ADMIN_ROLE, deployer], { after: [proposes], from: deployer });
    return { census, proofVerifier, ballotBox, timelock, ballotExecutor };
  });
}

export type Participation = ReturnType<typeof buildParticipation>;
