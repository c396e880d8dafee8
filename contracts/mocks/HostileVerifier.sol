// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A signature verifier (ERC-7913) and account (ERC-1271) that answers as badly as the first byte of its key
/// says: long reverts begin with the word of agreement, short answers lack its last byte. Without key, and as an
/// account, it agrees to everything.
contract HostileVerifier {
    enum Mode {
        Agree,
        Revert,
        BurnGas,
        AnswerJunk,
        AnswerShort,
        AnswerLong,
        RevertLong
    }

    error HostileVerifierRefused();

    /// @dev Far more than a caller could copy within the gas of one reading.
    uint256 private constant LONG = 400_000;

    function verify(bytes calldata key, bytes32, bytes calldata) external pure returns (bytes4 magic) {
        Mode mode = key.length == 0 ? Mode.Agree : Mode(uint8(key[0]));
        magic = this.verify.selector;
        if (mode == Mode.Revert) revert HostileVerifierRefused();
        if (mode == Mode.AnswerJunk) magic = 0xffffffff;
        // Never returns to Solidity, so its memory may be used at will.
        if (mode == Mode.BurnGas) {
            assembly {
                invalid()
            }
        }
        if (mode == Mode.AnswerShort) {
            assembly {
                mstore(0x00, magic)
                return(0x00, 0x1f)
            }
        }
        if (mode == Mode.AnswerLong) {
            assembly {
                return(0x00, LONG)
            }
        }
        if (mode == Mode.RevertLong) {
            assembly {
                mstore(0x00, magic)
                revert(0x00, LONG)
            }
        }
    }

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4 magic) {
        return this.isValidSignature.selector;
    }
}
