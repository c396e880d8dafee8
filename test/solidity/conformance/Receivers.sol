// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How a contract answers when it is offered a token.
enum Manner {
    /// @dev With the word that the standard asks for.
    Accepts,
    /// @dev With another word.
    WrongWord,
    /// @dev With a word of zero.
    Zero,
    /// @dev With nothing.
    Nothing,
    /// @dev With fewer bytes than a word.
    Short,
    /// @dev It reverts with an error of its own.
    Reverts,
    /// @dev It reverts without a word.
    RevertsSilently
}

/// @notice A contract that is offered tokens, answers in one manner, and keeps what it was told.
contract Receiver {
    Manner private immutable _manner;
    /// @notice Call data of the last call that it took.
    bytes public heard;
    /// @notice How often it was called.
    uint256 public times;

    /// @notice It takes no tokens.
    error ReceiverTakesNothing();

    /// @param manner How it answers.
    constructor(Manner manner) {
        _manner = manner;
    }

    /// @dev Takes any call. What it accepts with is the selector of the call, as all standards of receivers have it.
    // solhint-disable-next-line no-complex-fallback, payable-fallback
    fallback(bytes calldata data) external returns (bytes memory answer) {
        heard = data;
        ++times;
        if (_manner == Manner.Accepts) return abi.encode(bytes4(data[:4]));
        if (_manner == Manner.WrongWord) return abi.encode(bytes4(0xdeadbeef));
        if (_manner == Manner.Zero) return abi.encode(bytes4(0));
        if (_manner == Manner.Short) return abi.encodePacked(bytes4(data[:4]));
        if (_manner == Manner.Reverts) revert ReceiverTakesNothing();
        if (_manner == Manner.RevertsSilently) revert();
        return "";
    }
}
