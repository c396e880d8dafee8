// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {Roles} from "./Roles.sol";

/// @title AdminHandover
/// @notice Second step of handing the city to its admin: the deployer gives the admin role to this contract and drops
/// its own; the named admin then takes it, which proves that its key is alive. Nobody else can.
/// @dev Trust: between the steps nobody can administer the city. If the admin never accepts, the deployment is
/// abandoned before any business began; there is no way back to the deployer.
contract AdminHandover {
    /// @notice The city's authority.
    IAccessManager public immutable manager;
    /// @notice The only account that can accept.
    address public immutable admin;
    /// @notice Seconds between an act of the admin being scheduled and taking effect.
    uint32 public immutable executionDelay;

    /// @notice The admin took the role.
    /// @param admin New admin of the city.
    /// @param executionDelay Seconds between an act of the admin being scheduled and taking effect.
    event AdminAccepted(address indexed admin, uint32 executionDelay);

    /// @notice The caller is not the named admin.
    /// @param caller Who called.
    /// @param admin Who may.
    error AdminHandoverNotAdmin(address caller, address admin);

    /// @notice The admin's address is zero.
    error AdminHandoverZeroAdmin();

    /// @param manager_ The city's authority.
    /// @param admin_ The account that may accept.
    /// @param executionDelay_ Seconds between an act of the admin being scheduled and taking effect.
    constructor(IAccessManager manager_, address admin_, uint32 executionDelay_) {
        if (admin_ == address(0)) revert AdminHandoverZeroAdmin();
        manager = manager_;
        admin = admin_;
        executionDelay = executionDelay_;
    }

    /// @notice Gives the admin role to the admin and drops this contract's own, for ever.
    /// @dev Only the admin. Emits {AdminAccepted}. Reverts with {AdminHandoverNotAdmin}, and with AccessManager's own
    /// error when this contract does not hold the role: before the deployment ended, or the second time.
    function accept() external {
        if (msg.sender != admin) revert AdminHandoverNotAdmin(msg.sender, admin);
        emit AdminAccepted(admin, executionDelay);
        manager.grantRole(Roles.ADMIN, admin, executionDelay);
        manager.renounceRole(Roles.ADMIN, address(this));
    }
}
