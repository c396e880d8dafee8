// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @title ReadingBoard
/// @notice Two words and a hash for each sender, taken from devices by OpenZeppelin's ERC2771Forwarder, and a proof in a
/// tree by OpenZeppelin's MerkleProof. Nothing about a reading is checked.
contract ReadingBoard is ERC2771Context {
    struct Words {
        uint256 first;
        uint256 second;
    }

    mapping(address device => Words words) private _words;
    mapping(uint256 day => bytes32 root) private _roots;

    /// @notice A device reported.
    /// @param device Who.
    /// @param first First word.
    /// @param second Second word.
    /// @param logRoot Hash.
    event Reported(address indexed device, uint256 first, uint256 second, bytes32 logRoot);

    /// @param forwarder The ERC2771Forwarder.
    constructor(address forwarder) ERC2771Context(forwarder) {}

    /// @notice Stores what a device reports.
    /// @param first First word.
    /// @param second Second word.
    /// @param logRoot Hash, for the event only.
    function report(uint256 first, uint256 second, bytes32 logRoot) external {
        address device = _msgSender();
        _words[device] = Words({first: first, second: second});
        emit Reported(device, first, second, logRoot);
    }

    /// @notice Stores a root.
    /// @param day Of which day.
    /// @param root The root.
    function setRoot(uint256 day, bytes32 root) external {
        _roots[day] = root;
    }

    /// @notice Whether four words stand in the tree of a day.
    /// @param day Which.
    /// @param entry The words.
    /// @param proof Merkle proof of the double hash of the words.
    /// @return proven Whether they do.
    function verify(
        uint256 day,
        uint256[4] calldata entry,
        bytes32[] calldata proof
    ) external view returns (bool proven) {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(entry))));
        return MerkleProof.verifyCalldata(proof, _roots[day], leaf);
    }
}
