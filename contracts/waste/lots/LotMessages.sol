// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Handover, Receipt, Ticket} from "./IWasteLots.sol";

/// @title LotMessages
/// @notice Hashes of the messages that {WasteLots} takes, as EIP-712 has them. The domain has the name "Civitas Waste Lots" and
/// version "1".
/// @dev Copies messages from call data as they are. Whoever asks reads every member as well, where the compiler sees to it
/// that none is wider than its type.
library LotMessages {
    bytes32 private constant TICKET_TYPE = keccak256(
        "Ticket(uint32 binId,uint32 counter,uint40 takenAt,uint24 code,uint32 grams,uint8 weighing,address collector,uint32 routeId,bytes32 documentHash)"
    );
    bytes32 private constant HANDOVER_TYPE = keccak256(
        "Handover(uint64 lotId,uint32 version,uint32 receiver,uint64 grams,uint40 until)"
    );
    bytes32 private constant RECEIPT_TYPE = keccak256(
        "Receipt(bytes32 handover,uint64 receivedGrams,uint64 acceptedGrams,bytes32 reasonHash)"
    );

    /// @notice Hash of a ticket, which device and collector sign:
    /// `Ticket(uint32 binId,uint32 counter,uint40 takenAt,uint24 code,uint32 grams,uint8 weighing,address collector,uint32
    /// routeId,bytes32 documentHash)`.
    /// @param message The ticket.
    /// @return hash Struct hash.
    function ticket(Ticket calldata message) internal pure returns (bytes32 hash) {
        bytes32 typeHash = TICKET_TYPE;
        // Writes ten words beyond the end of memory in use, which stays free.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typeHash)
            calldatacopy(add(words, 0x20), message, 0x120)
            hash := keccak256(words, 0x140)
        }
    }

    /// @notice Hash of a handover, which the sender signs:
    /// `Handover(uint64 lotId,uint32 version,uint32 receiver,uint64 grams,uint40 until)`.
    /// @param message The handover.
    /// @param grams Mass of the lot.
    /// @return hash Struct hash.
    function handover(Handover calldata message, uint64 grams) internal pure returns (bytes32 hash) {
        bytes32 typeHash = HANDOVER_TYPE;
        // Writes six words beyond the end of memory in use, which stays free.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typeHash)
            calldatacopy(add(words, 0x20), message, 0x60)
            mstore(add(words, 0x80), and(grams, 0xffffffffffffffff))
            calldatacopy(add(words, 0xa0), add(message, 0x60), 0x20)
            hash := keccak256(words, 0xc0)
        }
    }

    /// @notice Hash of a receipt, which the receiver signs:
    /// `Receipt(bytes32 handover,uint64 receivedGrams,uint64 acceptedGrams,bytes32 reasonHash)`.
    /// @param message The receipt; its first member is not looked at.
    /// @param offer Digest of the handover that it is for.
    /// @return hash Struct hash.
    function receipt(Receipt calldata message, bytes32 offer) internal pure returns (bytes32 hash) {
        bytes32 typeHash = RECEIPT_TYPE;
        // Writes five words beyond the end of memory in use, which stays free.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typeHash)
            mstore(add(words, 0x20), offer)
            calldatacopy(add(words, 0x40), add(message, 0x20), 0x60)
            hash := keccak256(words, 0xa0)
        }
    }

    /// @notice What is signed.
    /// @param domain Domain separator.
    /// @param structHash Struct hash.
    /// @return hash EIP-712 digest.
    function digest(bytes32 domain, bytes32 structHash) internal pure returns (bytes32 hash) {
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }
}
