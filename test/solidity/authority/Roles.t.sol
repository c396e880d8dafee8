// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Roles} from "../../../contracts/authority/Roles.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @dev That the numbers equal the deployment's table is proven where the table is, in test/integration/deployment.ts.
contract RolesTest is CivitasTest {
    function test_AdminIsAccessManagersAdmin() external {
        assertEq(Roles.ADMIN, new AccessManager(address(this)).ADMIN_ROLE(), "ADMIN");
    }

    /// @dev A number used twice would give one body another's powers, and the greatest number is everybody's.
    function test_NumbersAreDistinctAndNeverPublic() external {
        uint64[21] memory roles = [
            Roles.ADMIN,
            Roles.GUARDIAN,
            Roles.STEWARD,
            Roles.MINTER,
            Roles.CREDENTIAL_REGISTRAR,
            Roles.BATTERY_REGISTRAR,
            Roles.BATTERY_WIRING,
            Roles.BATTERY_BAYS,
            Roles.BATTERY_ARBITER,
            Roles.ENERGY_REGISTRAR,
            Roles.ENERGY_TARIFFS,
            Roles.WASTE_CODES,
            Roles.WASTE_FLEET,
            Roles.WASTE_LICENSING,
            Roles.WASTE_AUDITOR,
            Roles.WASTE_WIRING,
            Roles.REWARD_PROGRAMMES,
            Roles.REWARD_AUDITOR,
            Roles.REWARD_CATALOGUE,
            Roles.REWARD_TREASURY,
            Roles.ECO_WIRING
        ];
        uint64 publicRole = new AccessManager(address(this)).PUBLIC_ROLE();
        for (uint256 i = 0; i < roles.length; ++i) {
            assertEq(roles[i], i, "numbered without a gap");
            assertTrue(roles[i] != publicRole, "public");
        }
    }
}
