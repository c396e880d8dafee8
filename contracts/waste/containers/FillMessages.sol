// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title FillMessages
/// @notice The message that {Containers} takes, as EIP-712 has it:
///
///     Fill(uint32 binId,uint32 counter,uint40 takenAt,uint16 fillBp)
library FillMessages {
    bytes32 private constant FILL_TYPE = keccak256("Fill(uint32 binId,uint32 counter,uint40 takenAt,uint16 fillBp)");

    /// @notice What a device signs.
    /// @param domain EIP-712 domain separator.
    /// @param binId Container.
    /// @param counter Counter of the reading.
    /// @param takenAt Unix time of the reading.
    /// @param fillBp How full, basis points.
    /// @return hash EIP-712 digest.
    function digest(
        bytes32 domain,
        uint32 binId,
        uint32 counter,
        uint40 takenAt,
        uint16 fillBp
    ) internal pure returns (bytes32 hash) {
        return
            MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(FILL_TYPE, binId, counter, takenAt, fillBp)));
    }
}
