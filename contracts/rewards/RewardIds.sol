// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title RewardIds
/// @notice Ids of claims, which tell what they are for, so that nothing has to be stored to know it.
/// @dev From the lowest bit up. Acts of a person on a day: day 24 | person 64 | programme 16. Deposits of a person of a
/// collection: collection 32 | container 32 | person 64 | programme 16 | flag 1. A person's day of deposits has the id of acts
/// in a table of its own.
library RewardIds {
    uint256 private constant DAY_BITS = 24;
    uint256 private constant COLLECTION_BITS = 32;
    uint256 private constant CYCLE_BITS = 64;
    uint256 private constant PERSON_BITS = 64;
    uint256 private constant DEPOSITS = 1 << 144;

    /// @notice Acts of a person on a day.
    /// @param programmeId Programme.
    /// @param person Number of the person.
    /// @param day Days since 1970.
    /// @return id The id.
    function ofDay(uint16 programmeId, uint64 person, uint256 day) internal pure returns (uint256 id) {
        return (((uint256(programmeId) << PERSON_BITS) | person) << DAY_BITS) | day;
    }

    /// @notice Deposits of a person of a collection.
    /// @param programmeId Programme.
    /// @param person Number of the person.
    /// @param cycleId The collection.
    /// @return id The id.
    function ofDeposits(uint16 programmeId, uint64 person, uint64 cycleId) internal pure returns (uint256 id) {
        return DEPOSITS | (((uint256(programmeId) << PERSON_BITS) | person) << CYCLE_BITS) | cycleId;
    }

    /// @notice Whether an id is that of deposits.
    /// @param id The id.
    /// @return deposits True if so.
    function isDeposits(uint256 id) internal pure returns (bool deposits) {
        return id & DEPOSITS != 0;
    }

    /// @notice Whose claim it is.
    /// @param id The id.
    /// @return person Number of the person.
    function personOf(uint256 id) internal pure returns (uint64 person) {
        return uint64(id >> (isDeposits(id) ? CYCLE_BITS : DAY_BITS)); // 64 bits of it
    }

    /// @notice Collection of an id of deposits.
    /// @param id The id.
    /// @return cycleId The collection.
    function cycleOf(uint256 id) internal pure returns (uint64 cycleId) {
        return uint64(id); // the lower 64 bits
    }

    /// @notice A collection of a container. The lot of its ticket has the same number.
    /// @param binId Container.
    /// @param collection Number of the collection.
    /// @return id The id.
    function ofCycle(uint32 binId, uint32 collection) internal pure returns (uint64 id) {
        return (uint64(binId) << uint64(COLLECTION_BITS)) | collection;
    }

    /// @notice Container and number of a collection.
    /// @param cycleId The collection.
    /// @return binId Container.
    /// @return collection Number.
    function partsOf(uint64 cycleId) internal pure returns (uint32 binId, uint32 collection) {
        return (uint32(cycleId >> uint64(COLLECTION_BITS)), uint32(cycleId)); // 32 bits each
    }

    /// @notice Epoch that a programme posts on a day.
    /// @param programmeId Programme.
    /// @param day Days since 1970.
    /// @return id The id.
    function ofEpoch(uint16 programmeId, uint24 day) internal pure returns (uint40 id) {
        return (uint40(programmeId) << uint40(DAY_BITS)) | day;
    }

    /// @notice Programme and day of an epoch.
    /// @param epochId The epoch.
    /// @return programmeId Programme.
    /// @return day Days since 1970.
    function partsOfEpoch(uint40 epochId) internal pure returns (uint16 programmeId, uint24 day) {
        return (uint16(epochId >> uint40(DAY_BITS)), uint24(epochId)); // 16 and 24 bits
    }
}
