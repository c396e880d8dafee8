// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

/// @notice A verifier of P-256 signatures as on a chain without the precompile.
contract PlainP256Verifier is IERC7913SignatureVerifier {
    /// @inheritdoc IERC7913SignatureVerifier
    function verify(bytes calldata key, bytes32 digest, bytes calldata signature) external view returns (bytes4 magic) {
        (bytes32 x, bytes32 y) = abi.decode(key, (bytes32, bytes32));
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        return P256.verifySolidity(digest, r, s, x, y) ? this.verify.selector : bytes4(0xffffffff);
    }
}
