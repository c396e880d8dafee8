// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CompactSignature} from "../../authority/CompactSignatures.sol";
import {ICredentialRegistry} from "../../identity/ICredentialRegistry.sol";
import {IMaterialCodes} from "../codes/IMaterialCodes.sol";
import {IWasteOperators} from "../operators/IWasteOperators.sol";

/// @notice What may be done with a container.
enum BinStatus {
    None,
    Active,
    /// @dev Out of use for a time: no readings, but it can be emptied.
    Suspended,
    /// @dev For good.
    Retired
}

/// @notice Why a device's message, a reading or a ticket, is refused.
enum FillFault {
    None,
    UnknownBin,
    BinNotActive,
    CounterNotIncreasing,
    TimeBackwards,
    TimeInFuture,
    OutOfRange,
    BadDeviceSignature,
    TooDense
}

/// @notice A reading of a container's device (EIP-712 message `Fill`).
struct Fill {
    uint32 binId;
    /// @dev Counts up with every message of the device, readings and tickets alike; a gap is allowed and shows.
    uint32 counter;
    /// @dev Unix time.
    uint40 takenAt;
    /// @dev How full, basis points, at most 10,000.
    uint16 fillBp;
}

/// @notice What changes often at a container. Packed into one slot by {BinSlots}.
struct BinState {
    address device;
    /// @dev Greatest of a message of the device; zero: none yet.
    uint32 counter;
    /// @dev Unix time of the latest message, of this device or one before it.
    uint40 takenAt;
    uint16 fillBp;
    /// @dev Fill at which it wants to be emptied, basis points, 1 to 10,000.
    uint16 alertBp;
    BinStatus status;
}

/// @notice What changes rarely, and how often it was emptied. Packed into one slot by {BinSlots}.
struct BinRecord {
    /// @dev Millionths of a degree; both zero where the place is nobody's business, as for a household's bin.
    int32 latitude;
    int32 longitude;
    /// @dev Litres.
    uint32 capacityL;
    /// @dev What belongs into it.
    uint24 code;
    uint24 district;
    /// @dev Greatest mass of a litre of what is in it, grams; bounds what a ticket and deposits can claim. Zero: no bound.
    uint16 maxGramsPerL;
    /// @dev How many tickets emptied it.
    uint32 collections;
    /// @dev Unix time of the last of them.
    uint40 emptiedAt;
}

/// @notice A container was emptied, as a ticket says. The contract that keeps the lots checked who signed it for the collector.
struct Emptying {
    uint32 binId;
    /// @dev Of the device, above that of its ticket before.
    uint32 counter;
    /// @dev Unix time.
    uint40 takenAt;
    uint32 grams;
    /// @dev Route that the ticket names; zero: none. A route of another collector, or none at all, is left alone.
    uint32 routeId;
    /// @dev The collector.
    uint32 operatorId;
    /// @dev Key that signed the ticket as the container's device; zero: the signature is of nobody.
    address device;
}

/// @notice A round that a collector announced. One slot.
struct Route {
    uint32 operatorId;
    /// @dev Unix time for which it is planned.
    uint40 plannedAt;
    uint16 plannedStops;
    /// @dev Tickets that name it.
    uint16 servedStops;
    /// @dev First 14 bytes of keccak256 over the ids of its containers, uint32 each.
    bytes14 stopsHash;
}

/// @title IContainers
/// @notice Containers of a city, how full they are, and the routes that empty them.
/// @dev A reading is its device's word, so anybody may relay it; a gateway that holds WASTE_GATEWAY may bring readings of many
/// containers without their signatures, and events tell which kind a reading is. Readings are checked against the device's
/// own counter in place of the nonces and deadlines of {ISigned}, because they are the hot path.
///
/// A ticket is held against the ticket before, not against readings: a lorry uploads its tickets at the end of the route, when
/// gateways have long brought later readings. Such a late ticket counts, but leaves the fill alone.
///
/// A device's key must be a plain key here and can be exchanged by whoever registers containers. A key that served once
/// serves no other container and does not come back, so that nothing it signed counts again. For the same reason tickets of one
/// container are to be brought in their order: one that is older than another that was brought has to be signed anew. Times are
/// kept up to the year 2514.
interface IContainers {
    /// @notice A container was registered.
    /// @param binId Number, from 1.
    /// @param device Key of its device.
    /// @param alertBp Fill at which it wants to be emptied, basis points.
    /// @param record The rest.
    event BinRegistered(uint32 indexed binId, address indexed device, uint16 alertBp, BinRecord record);
    /// @notice What is known of a container changed.
    /// @param binId Number.
    /// @param alertBp Fill at which it wants to be emptied, basis points.
    /// @param record The rest.
    event BinChanged(uint32 indexed binId, uint16 alertBp, BinRecord record);
    /// @notice A container's status changed.
    /// @param binId Number.
    /// @param status Status now.
    event BinStatusSet(uint32 indexed binId, BinStatus status);
    /// @notice A container has another device, or its device's counter begins anew.
    /// @param binId Number.
    /// @param previous Key before.
    /// @param device Key now; the same: only the counter of readings begins anew.
    event DeviceSet(uint32 indexed binId, address indexed previous, address indexed device);
    /// @notice A reading was accepted.
    /// @param binId Container.
    /// @param counter Counter of the reading.
    /// @param takenAt Unix time of the reading.
    /// @param fillBp How full, basis points.
    event FillReported(uint32 indexed binId, uint32 counter, uint40 takenAt, uint16 fillBp);
    /// @notice Readings that a gateway brought were accepted.
    /// @param gateway Who brought them.
    /// @param fills Readings side by side: container uint32, counter uint32, time uint40, fill uint16, without those skipped.
    event FillsReported(address indexed gateway, bytes fills);
    /// @notice A reading of a batch was left out.
    /// @param binId Container.
    /// @param counter Counter of the reading.
    /// @param fault What is wrong with it.
    event FillSkipped(uint32 indexed binId, uint32 counter, FillFault fault);
    /// @notice A container rose to its alert level or above, from below.
    /// @param binId Container.
    /// @param fillBp How full, basis points.
    event FillAlert(uint32 indexed binId, uint16 fillBp);
    /// @notice A container fell by 3,000 basis points or more, and no ticket was brought yet.
    /// @param binId Container.
    /// @param fromBp Before, basis points.
    /// @param toBp Now, basis points.
    event UnrecordedEmptying(uint32 indexed binId, uint16 fromBp, uint16 toBp);
    /// @notice A collector announced a route.
    /// @param routeId Number, from 1.
    /// @param operatorId The collector.
    /// @param plannedAt Unix time for which it is planned.
    /// @param vehicle keccak256 of the vehicle's sign, salted.
    /// @param binIds Containers in their order, uint32 each.
    event RoutePlanned(
        uint32 indexed routeId,
        uint32 indexed operatorId,
        uint40 plannedAt,
        bytes32 vehicle,
        bytes binIds
    );

    /// @notice The contract that keeps the lots was named.
    /// @param lots The contract.
    event LotsSet(address indexed lots);

    /// @notice There is no such container.
    /// @param binId Number given.
    error ContainersUnknownBin(uint32 binId);
    /// @notice The container takes no readings, or cannot be emptied any more.
    /// @param binId Container.
    /// @param status Its status.
    error ContainersBinNotActive(uint32 binId, BinStatus status);
    /// @notice A message came twice, or after a later one.
    /// @param binId Container.
    /// @param counter Counter of the message.
    /// @param last Counter of the latest one.
    error ContainersCounterNotIncreasing(uint32 binId, uint32 counter, uint32 last);
    /// @notice A message is older than the one before it.
    /// @param binId Container.
    /// @param takenAt Its time.
    /// @param last Time of the one before.
    error ContainersTimeBackwards(uint32 binId, uint40 takenAt, uint40 last);
    /// @notice A message is dated ahead of the clock.
    /// @param binId Container.
    /// @param takenAt Its time.
    /// @param latest Latest time that is taken: 300 seconds ahead.
    error ContainersTimeInFuture(uint32 binId, uint40 takenAt, uint256 latest);
    /// @notice A fill above 10,000 basis points.
    /// @param binId Container.
    /// @param fillBp Value given.
    /// @param limit Greatest value.
    error ContainersOutOfRange(uint32 binId, uint256 fillBp, uint256 limit);
    /// @notice The device of the container did not sign this.
    /// @param binId Container.
    /// @param recovered Key that did; zero: none.
    error ContainersBadDeviceSignature(uint32 binId, address recovered);
    /// @notice More than fits into the container.
    /// @param binId Container.
    /// @param grams Mass given.
    /// @param limit Greatest mass: capacity times the greatest mass of a litre.
    error ContainersTooDense(uint32 binId, uint256 grams, uint256 limit);
    /// @notice The caller holds no credential WASTE_GATEWAY.
    /// @param caller Who called.
    error ContainersNotGateway(address caller);
    /// @notice Only the contract that keeps the lots may do this; or what was named so is no contract.
    /// @param caller Who called, or was named.
    error ContainersNotLots(address caller);
    /// @notice The lots are wired already.
    /// @param lots The contract that keeps them.
    error ContainersWired(address lots);
    /// @notice Packed readings do not have whole records, or there are too many.
    /// @param length Bytes given.
    /// @param limit Most bytes.
    error ContainersBadLength(uint256 length, uint256 limit);
    /// @notice A key is zero, or serves or served a container.
    /// @param device Key given.
    /// @param binId That container; zero: none.
    error ContainersBadDevice(address device, uint32 binId);
    /// @notice A member of what describes a container is out of range.
    /// @param value Value given.
    /// @param lowest Least that may be.
    /// @param highest Greatest that may be.
    error ContainersBadRecord(int256 value, int256 lowest, int256 highest);
    /// @notice The code is unknown or may not be given today.
    /// @param code The code.
    error ContainersBadCode(uint24 code);
    /// @notice The act would change nothing.
    /// @param binId Container.
    error ContainersUnchanged(uint32 binId);
    /// @notice The status cannot follow the one that the container has.
    /// @param binId Container.
    /// @param status Its status.
    /// @param wanted Status asked for.
    error ContainersBadStatus(uint32 binId, BinStatus status, BinStatus wanted);
    /// @notice The caller's key signs for no collector.
    /// @param caller Who called.
    error ContainersNotCollector(address caller);
    /// @notice A route has 1 to 500 stops.
    /// @param count Stops given.
    /// @param limit Most.
    error ContainersBadRoute(uint256 count, uint256 limit);

    // --- containers

    /// @notice Registers a container. Only WASTE_FLEET.
    /// @param device Key of its device, which never served another container.
    /// @param alertBp Fill at which it wants to be emptied, basis points, 1 to 10,000.
    /// @param record The rest; `collections` and `emptiedAt` count as zero.
    /// @return binId Number, from 1.
    function register(address device, uint16 alertBp, BinRecord calldata record) external returns (uint32 binId);

    /// @notice Changes what is known of a container. Only WASTE_FLEET.
    /// @param binId Container, not retired.
    /// @param alertBp Fill at which it wants to be emptied, basis points, 1 to 10,000.
    /// @param record The rest; `collections` and `emptiedAt` stay as they are.
    function change(uint32 binId, uint16 alertBp, BinRecord calldata record) external;

    /// @notice Suspends a container, takes it into use again, or retires it for good. Only WASTE_FLEET.
    /// @param binId Container.
    /// @param status Active, Suspended or Retired.
    function setStatus(uint32 binId, BinStatus status) external;

    /// @notice Gives a container another device, or lets the counter of the one that it has begin anew, where a gateway ran it
    /// ahead. Only WASTE_FLEET.
    /// @dev Emits {DeviceSet}. With the same device the counter of tickets stays as it is, and no reading before the latest
    /// counts, so that nothing comes twice. Reverts with {ContainersUnchanged} if that counter is zero.
    /// @param binId Container, not retired.
    /// @param device Key of the device, which is the container's or never served one.
    function setDevice(uint32 binId, address device) external;

    // --- readings

    /// @notice Records a reading. Anybody may relay it.
    /// @dev Emits {FillReported}, and {FillAlert} or {UnrecordedEmptying} where it says so.
    /// @param fill The reading.
    /// @param signature Of the container's device.
    function report(Fill calldata fill, CompactSignature calldata signature) external;

    /// @notice Records up to 200 readings. Anybody may relay them. A bad one is left out and named in {FillSkipped}.
    /// @param fills Readings side by side, each 15 bytes and 64 of signature: container uint32, counter uint32, time uint40,
    /// fill uint16, r, vs.
    /// @return accepted Number of readings recorded.
    function reportMany(bytes calldata fills) external returns (uint256 accepted);

    /// @notice Records up to 400 readings that a gateway answers for. Only a holder of WASTE_GATEWAY.
    /// @dev A bad one is left out and named in {FillSkipped}. Alerts are told as in {report}.
    /// @param fills Readings side by side, 15 bytes each as in {reportMany}.
    /// @return accepted Number of readings recorded.
    function reportPacked(bytes calldata fills) external returns (uint256 accepted);

    // --- emptying

    /// @notice Announces a route. Only a key that signs for a collector.
    /// @param binIds Containers in their order, uint32 each, 1 to 500 of them.
    /// @param plannedAt Unix time for which it is planned.
    /// @param vehicle keccak256 of the vehicle's sign, salted.
    /// @return routeId Number, from 1.
    function planRoute(bytes calldata binIds, uint40 plannedAt, bytes32 vehicle) external returns (uint32 routeId);

    /// @notice Notes that a ticket emptied a container: its fill is zero, unless a later reading says something else. Only the
    /// contract that keeps the lots.
    /// @dev Emits nothing: the event of the lot, in the same transaction, says all of it.
    /// @param emptying What the ticket says.
    /// @return collection How many tickets have emptied the container, this one included.
    function empty(Emptying calldata emptying) external returns (uint32 collection);

    /// @notice As {empty}, but says what is wrong instead of reverting, so that one ticket cannot block others.
    /// @param emptying What the ticket says.
    /// @return fault What is wrong; None: the container is emptied.
    /// @return collection How many tickets have emptied the container, this one included; zero with a fault.
    function tryEmpty(Emptying calldata emptying) external returns (FillFault fault, uint32 collection);

    /// @notice Names the contract that keeps the lots, once and for all. Only WASTE_WIRING.
    /// @param lots The contract.
    function setLots(address lots) external;

    // --- views

    /// @notice What a container's device said last.
    /// @param binId Container.
    /// @return state Its state.
    function stateOf(uint32 binId) external view returns (BinState memory state);

    /// @notice What is known of a container.
    /// @param binId Container.
    /// @return record The record.
    function recordOf(uint32 binId) external view returns (BinRecord memory record);

    /// @notice Counter of the latest ticket of a container's device.
    /// @param binId Container.
    /// @return counter Counter; zero: none yet.
    function ticketCounterOf(uint32 binId) external view returns (uint32 counter);

    /// @notice Container that a device serves or served; zero: none.
    /// @param device Key.
    /// @return binId Container.
    function binOf(address device) external view returns (uint32 binId);

    /// @notice Which of some containers are at their alert level or above, and can be emptied.
    /// @param binIds Containers.
    /// @return due Those of them, in the same order.
    function needsCollection(uint32[] calldata binIds) external view returns (uint32[] memory due);

    /// @notice A route.
    /// @param routeId Number.
    /// @return route What is known of it.
    function routeOf(uint32 routeId) external view returns (Route memory route);

    /// @notice The contract that keeps the lots; zero: not wired yet.
    /// @return contractAddress Its address.
    function lots() external view returns (address contractAddress);

    /// @notice The list that codes are of.
    /// @return list The list.
    function codes() external view returns (IMaterialCodes list);

    /// @notice Who handles waste.
    /// @return registry The registry.
    function operators() external view returns (IWasteOperators registry);

    /// @notice Whoever keeps the credentials of gateways.
    /// @return registry The registry.
    function credentials() external view returns (ICredentialRegistry registry);
}
