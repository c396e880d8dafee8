// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @title VoteToken
/// @notice OpenZeppelin's token that votes, by time.
contract VoteToken is ERC20Votes {
    constructor() ERC20("Vote", "VOTE") EIP712("Vote", "1") {}

    /// @notice Mints.
    /// @param to Receiver.
    /// @param value Amount.
    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    /// @notice Unix time.
    /// @return time Seconds.
    function clock() public view override returns (uint48 time) {
        return Time.timestamp();
    }

    /// @notice What the clock counts, as ERC-6372 says it.
    /// @return mode Its name.
    function CLOCK_MODE() public pure override returns (string memory mode) {
        return "mode=timestamp";
    }
}
