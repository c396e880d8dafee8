// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SharingKey} from "../../contracts/energy/sharing/IEnergySharing.sol";
import {SharingKeys} from "../../contracts/energy/sharing/SharingKeys.sol";

/// @title SharingKeysProof
/// @notice What the solver proves of how a community shares out what it generates, for lists of any length.
contract SharingKeysProof {
    /// @notice Nothing is shared that was not generated.
    function sharedWithinGenerated(uint40 generated, uint256[] memory wanted, uint256[] memory parts) external pure {
        (, uint256 shared) = SharingKeys.allocate(SharingKey.Priority, generated, wanted, parts);
        assert(shared <= generated);
    }

    /// @notice Where nothing is wanted nothing is shared.
    function nobodyWantsNothing(uint40 generated, uint256[] memory wanted, uint256[] memory parts) external pure {
        require(wanted.length == 0);
        (, uint256 shared) = SharingKeys.allocate(SharingKey.Priority, generated, wanted, parts);
        assert(shared == 0);
    }
}
