// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {Signature} from "../../../contracts/authority/ISigned.sol";
import {Roles} from "../../../contracts/authority/Roles.sol";
import {Credentials} from "../../../contracts/identity/Credentials.sol";
import {KeyAppointment} from "../../../contracts/identity/ICredentials.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {MockContainers} from "../../../contracts/mocks/MockContainers.sol";
import {MockWasteLots} from "../../../contracts/mocks/MockWasteLots.sol";
import {EcoToken} from "../../../contracts/rewards/EcoToken.sol";
import {
    Act,
    Claim,
    ClaimStatus,
    Deposit,
    IEcoRewards,
    Participants,
    ProgrammeKind,
    ProgrammeTerms,
    RewardLimit,
    RewardSettings
} from "../../../contracts/rewards/IEcoRewards.sol";
import {EcoRights, IEcoToken} from "../../../contracts/rewards/IEcoToken.sol";
import {RewardIds} from "../../../contracts/rewards/RewardIds.sol";
import {IContainers} from "../../../contracts/waste/containers/IContainers.sol";
import {IWasteLots} from "../../../contracts/waste/lots/IWasteLots.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";

/// @notice A city with three residents, one programme of each kind and one for nullifiers, two attestors and a container. The clock is an hour ahead
/// of UTC, and stands at noon. Without a setUp, for handlers of invariants.
abstract contract RewardCity is CivitasTest {
    bytes32 internal constant RESIDENT = "RESIDENT";
    bytes32 internal constant DIPLOMA = "DIPLOMA";
    bytes32 internal constant REASON = keccak256("salted reason");
    int32 internal constant OFFSET = 3_600;
    uint48 internal constant CITY_BUDGET_48 = 1_000e6;
    uint48 internal constant ECO = 1_000_000;
    uint56 internal constant CITY_BUDGET = 1_000e6;
    uint56 internal constant YEAR_CAP = 400_000e6;
    uint40 internal constant RATE = 2_500_000;
    uint48 internal constant DAY_CAP = 20 * ECO;
    uint48 internal constant BUDGET = 100 * ECO;
    uint48 internal constant ATTESTOR_BUDGET = 50 * ECO;
    uint256 internal constant WINDOW = 7 days;
    uint256 internal constant EPOCH_WINDOW = 2 days;
    uint256 internal constant AUDIT_DURATION = 2 days;
    uint24 internal constant CODE = 150106;
    uint32 internal constant BIN = 7;
    uint8 internal constant NOON_SPAN = 72;
    uint64 internal constant NULLIFIER = (1 << 63) | 12_345;
    uint40 internal constant UNTIL = uint40(EPOCH + 365 days);

    AccessManager internal manager;
    Identities internal ids;
    Credentials internal registry;
    MockContainers internal bins;
    MockWasteLots internal tickets;
    EcoToken internal eco;
    IEcoRewards internal rewards;

    address internal programmes;
    address internal auditor;
    address internal guardian;
    address internal steward;
    address internal wiring;
    address internal cityKey;
    address internal poster;
    address internal alice;
    uint256 internal aliceKey;
    address internal bob;
    uint256 internal bobKey;
    address internal carol;
    address internal relayer;
    address internal stranger;
    uint256 internal strangerKey;
    /// @dev Attestors, whose addresses rise.
    uint256 internal lowKey;
    uint256 internal highKey;
    uint256 internal deviceKey;

    uint16 internal attested;
    uint16 internal deposits;
    uint16 internal epochs;
    /// @dev As `attested`, for nullifiers.
    uint16 internal byNullifier;
    uint64 internal aliceId;
    uint64 internal bobId;
    uint64 internal carolId;

    function buildRewards() internal {
        vm.warp(EPOCH + 11 hours);
        _nameActors();
        manager = new AccessManager(address(this));
        _buildIdentities();
        bins = new MockContainers();
        tickets = new MockWasteLots(IContainers(address(bins)));
        bins.set(BIN, vm.addr(deviceKey), 1_100, 200);
        buildContracts(IWasteLots(address(tickets)));
        openRewards();
    }

    /// @dev Enrols three residents and sets a programme of each kind, and one for nullifiers.
    function openRewards() internal {
        aliceId = enrol(alice);
        bobId = enrol(bob);
        carolId = enrol(carol);
        vm.startPrank(programmes);
        attested = rewards.setProgramme(0, attestedTerms());
        deposits = rewards.setProgramme(0, depositTerms());
        epochs = rewards.setProgramme(0, epochTerms());
        byNullifier = rewards.setProgramme(0, nullifierTerms());
        uint16[2] memory ofAttestors = [attested, byNullifier];
        for (uint256 i = 0; i < ofAttestors.length; ++i) {
            rewards.setAttestor(ofAttestors[i], vm.addr(lowKey), ATTESTOR_BUDGET);
            rewards.setAttestor(ofAttestors[i], vm.addr(highKey), ATTESTOR_BUDGET);
        }
        vm.stopPrank();
    }

    function buildContracts(IWasteLots lots) internal {
        eco = new EcoToken(address(manager), false);
        rewards = deployRewards(lots, settings());
        manager.setTargetFunctionRole(address(eco), _one(IEcoToken.setRights.selector), Roles.ECO_WIRING);
        manager.setTargetFunctionRole(address(rewards), programmeActs(), Roles.REWARD_PROGRAMMES);
        manager.setTargetFunctionRole(address(rewards), auditActs(), Roles.REWARD_AUDITOR);
        manager.setTargetFunctionRole(address(rewards), _one(IEcoRewards.pause.selector), Roles.GUARDIAN);
        manager.setTargetFunctionRole(address(rewards), _one(IEcoRewards.unpause.selector), Roles.STEWARD);
        manager.grantRole(Roles.ECO_WIRING, wiring, 0);
        manager.grantRole(Roles.REWARD_PROGRAMMES, programmes, 0);
        manager.grantRole(Roles.REWARD_AUDITOR, auditor, 0);
        manager.grantRole(Roles.GUARDIAN, guardian, 0);
        manager.grantRole(Roles.STEWARD, steward, 0);
        vm.prank(wiring);
        eco.setRights(address(rewards), EcoRights.MINT);
    }

    /// @dev From its artifact: another compiler pipeline builds what is deployed, and this one exceeds the size limit.
    function deployRewards(IWasteLots lots, RewardSettings memory settings_) internal returns (IEcoRewards deployed) {
        bytes memory code = vm.getCode("EcoRewards");
        code = bytes.concat(code, abi.encode(address(manager), eco, lots, registry, ids, settings_));
        address created;
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
            if iszero(created) {
                let free := mload(0x40)
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
        }
        return IEcoRewards(created);
    }

    function _nameActors() private {
        (programmes, ) = actor("programmes");
        (auditor, ) = actor("auditor");
        (guardian, ) = actor("guardian");
        (steward, ) = actor("steward");
        (wiring, ) = actor("wiring");
        (poster, ) = actor("poster");
        (alice, aliceKey) = actor("alice");
        (bob, bobKey) = actor("bob");
        (carol, ) = actor("carol");
        (relayer, ) = actor("relayer");
        (stranger, strangerKey) = actor("stranger");
        (, deviceKey) = actor("device");
        (, lowKey) = actor("attestor one");
        (, highKey) = actor("attestor two");
        if (vm.addr(lowKey) > vm.addr(highKey)) (lowKey, highKey) = (highKey, lowKey);
    }

    function _buildIdentities() private {
        ids = new Identities();
        registry = new Credentials(address(manager), ids);
        (address city, uint256 cityNumber) = actor("city");
        uint256 keyNumber;
        (cityKey, keyNumber) = actor("city key");
        KeyAppointment memory appointment = KeyAppointment({
            issuer: city,
            key: cityKey,
            until: type(uint40).max,
            nonce: 1,
            deadline: uint48(block.timestamp)
        });
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(
                    "KeyAppointment(address issuer,address key,uint40 until,uint256 nonce,uint48 deadline,address owner)"
                ),
                appointment,
                city
            )
        );
        bytes32 domain = domainOf("Civitas Credentials", address(registry));
        registry.appointKey(appointment, signTyped(cityNumber, domain, hash), signTyped(keyNumber, domain, hash));
        registry.registerType(RESIDENT, city, true, true, "");
        registry.registerType(DIPLOMA, city, true, false, "");
        vm.startPrank(cityKey);
        registry.accredit(RESIDENT, city, type(uint40).max, false);
        registry.accredit(DIPLOMA, city, type(uint40).max, false);
        vm.stopPrank();
    }

    // --- settings

    function settings() internal pure returns (RewardSettings memory) {
        return RewardSettings({personType: RESIDENT, clockOffset: OFFSET, yearCap: YEAR_CAP, dayBudget: CITY_BUDGET});
    }

    function attestedTerms() internal pure returns (ProgrammeTerms memory terms) {
        terms.kind = ProgrammeKind.Attested;
        terms.active = true;
        terms.ratePerThousand = RATE;
        terms.dayCapPerPerson = DAY_CAP;
        terms.dayBudget = BUDGET;
        terms.mostUnits = 1_000_000;
        terms.windowDays = 7;
        terms.quorum = 1;
    }

    function nullifierTerms() internal pure returns (ProgrammeTerms memory terms) {
        terms = attestedTerms();
        terms.participants = Participants.Nullifiers;
    }

    /// @dev A token a kilogram, from 50 grams to 20 kilograms, with 5 % of tolerance.
    function depositTerms() internal pure returns (ProgrammeTerms memory terms) {
        terms.kind = ProgrammeKind.Deposits;
        terms.active = true;
        terms.ratePerThousand = uint40(ECO);
        terms.dayCapPerPerson = DAY_CAP;
        terms.dayBudget = BUDGET;
        terms.leastUnits = 50;
        terms.mostUnits = 20_000;
        terms.windowDays = 7;
        terms.code = CODE;
        terms.toleranceBp = 500;
    }

    function epochTerms() internal view returns (ProgrammeTerms memory terms) {
        terms.kind = ProgrammeKind.Epochs;
        terms.active = true;
        terms.dayBudget = 200 * ECO;
        terms.windowDays = 2;
        terms.poster = poster;
    }

    function programmeActs() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](3);
        selectors[0] = IEcoRewards.setProgramme.selector;
        selectors[1] = IEcoRewards.setAttestor.selector;
        selectors[2] = IEcoRewards.setCityBudget.selector;
    }

    function auditActs() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](4);
        selectors[0] = IEcoRewards.voidClaim.selector;
        selectors[1] = IEcoRewards.auditCycle.selector;
        selectors[2] = IEcoRewards.pardon.selector;
        selectors[3] = IEcoRewards.voidEpoch.selector;
    }

    function _one(bytes4 selector) private pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](1);
        selectors[0] = selector;
    }

    function setTerms(uint16 programmeId, ProgrammeTerms memory terms) internal {
        vm.prank(programmes);
        rewards.setProgramme(programmeId, terms);
    }

    function setAttestor(uint256 key, uint48 dayBudget) internal {
        setAttestor(attested, key, dayBudget);
    }

    function setAttestor(uint16 programmeId, uint256 key, uint48 dayBudget) internal {
        vm.prank(programmes);
        rewards.setAttestor(programmeId, vm.addr(key), dayBudget);
    }

    function setCityBudget(uint56 dayBudget) internal {
        vm.prank(programmes);
        rewards.setCityBudget(dayBudget);
    }

    // --- people

    function issue(address subject, uint40 until) internal {
        vm.prank(cityKey);
        registry.issue(RESIDENT, subject, until, 0);
    }

    /// @dev Makes somebody a resident whose own account gets its rewards.
    function enrol(address subject) internal returns (uint64 person) {
        issue(subject, UNTIL);
        vm.prank(subject);
        return rewards.enrol(subject, subject, 0, 0, none());
    }

    function none() internal pure returns (Signature memory) {
        return Signature({key: "", data: ""});
    }

    // --- acts

    /// @dev The attested programme in which a person takes part.
    function programmeFor(uint64 person) internal view returns (uint16 programmeId) {
        return person < 1 << 63 ? attested : byNullifier;
    }

    /// @dev Something that a person does now, worth 1,000 units.
    function actOf(uint64 person, address to) internal view returns (Act memory) {
        return
            Act({
                programmeId: programmeFor(person),
                person: person,
                to: to,
                units: 1_000,
                qualityBp: 10_000,
                day: today(),
                span: uint8(((block.timestamp + 1 hours) % 1 days) / 10 minutes)
            });
    }

    function actHash(Act memory act) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "Act(uint16 programmeId,uint64 person,address to,uint32 units,uint16 qualityBp,uint24 day,uint8 span)"
                    ),
                    act
                )
            );
    }

    function compact(uint256 key, bytes32 structHash) internal view returns (CompactSignature memory) {
        bytes32 domain = domainOf("Civitas Rewards", address(rewards));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
        return CompactSignature({r: r, vs: bytes32(uint256(s) | (uint256(v - 27) << 255))});
    }

    function signed(Act memory act, uint256 key) internal view returns (CompactSignature[] memory signatures) {
        signatures = new CompactSignature[](1);
        signatures[0] = compact(key, actHash(act));
    }

    function signed(
        Act memory act,
        uint256 first,
        uint256 second
    ) internal view returns (CompactSignature[] memory signatures) {
        signatures = new CompactSignature[](2);
        signatures[0] = compact(first, actHash(act));
        signatures[1] = compact(second, actHash(act));
    }

    function earn(Act memory act) internal returns (uint256 paid) {
        return rewards.earn(act, signed(act, lowKey));
    }

    function earn(uint64 person, address to, uint32 units, uint8 span) internal returns (uint256 paid) {
        Act memory act = actOf(person, to);
        (act.units, act.span) = (units, span);
        return earn(act);
    }

    function actClaim(uint64 person) internal view returns (uint256) {
        return RewardIds.ofDay(programmeFor(person), person, today());
    }

    // --- deposits

    /// @dev Something that a person puts into the container now.
    function depositOf(uint64 person, address to, uint32 grams) internal view returns (Deposit memory) {
        uint32 collection = bins.recordOf(BIN).collections + 1;
        return
            Deposit({
                programmeId: deposits,
                person: person,
                to: to,
                binId: BIN,
                collection: collection,
                grams: grams,
                takenAt: uint40(block.timestamp),
                counter: rewards.cycleOf(BIN, collection).counter + 1
            });
    }

    function depositHash(Deposit memory deposit) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "Deposit(uint16 programmeId,uint64 person,address to,uint32 binId,uint32 collection,uint32 grams,uint40 takenAt,uint32 counter)"
                    ),
                    deposit
                )
            );
    }

    function put(Deposit memory deposit) internal returns (uint256 paid) {
        return rewards.recordDeposit(deposit, compact(deviceKey, depositHash(deposit)));
    }

    function put(uint64 person, address to, uint32 grams) internal returns (uint256 paid) {
        return put(depositOf(person, to, grams));
    }

    function depositClaim(uint64 person, uint32 collection) internal view returns (uint256) {
        return RewardIds.ofDeposits(deposits, person, RewardIds.ofCycle(BIN, collection));
    }

    /// @dev Empties the container now, with a ticket.
    function collect(uint32 grams) internal returns (uint32 collection) {
        collection = bins.empty(BIN, uint40(block.timestamp));
        tickets.set(RewardIds.ofCycle(BIN, collection), CODE, grams);
    }

    // --- epochs

    /// @dev A leaf of the epoch that is posted today.
    function leafOf(uint256 index, address to, uint256 amount) internal view returns (bytes32) {
        return leafOf(todaysEpoch(epochs), index, to, amount);
    }

    function todaysEpoch(uint16 programmeId) internal view returns (uint40 epochId) {
        return RewardIds.ofEpoch(programmeId, today());
    }

    function leafOf(uint40 epochId, uint256 index, address to, uint256 amount) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(epochId, index, to, amount))));
    }

    function pairOf(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return left < right ? keccak256(abi.encode(left, right)) : keccak256(abi.encode(right, left));
    }

    function post(bytes32 root, uint48 total) internal returns (uint40 epochId, uint40 claimableAt) {
        epochId = todaysEpoch(epochs);
        vm.prank(poster);
        rewards.postEpoch(epochId, root, total, "ipfs://leaves");
        return (epochId, uint40(block.timestamp + EPOCH_WINDOW));
    }

    // --- time and assertions

    function today() internal view returns (uint24) {
        return uint24((block.timestamp + 1 hours) / 1 days);
    }

    function skip(uint256 duration) internal {
        vm.warp(block.timestamp + duration);
    }

    function assertStatus(uint256 claimId, ClaimStatus status, string memory reason) internal view {
        assertEq(uint256(rewards.claimOf(claimId).status), uint256(status), reason);
    }

    function assertAmount(uint256 claimId, uint256 amount, string memory reason) internal view {
        Claim memory claim = rewards.claimOf(claimId);
        assertEq(claim.amount, amount, reason);
    }

    function expectSkipped(uint256 claimId, uint64 person, uint256 earned, RewardLimit limit) internal {
        vm.expectEmit(address(rewards));
        emit IEcoRewards.RewardSkipped(claimId, person, earned, limit);
    }

    function expectEarned(uint256 claimId, uint64 person, uint256 earned, uint256 paid, RewardLimit limit) internal {
        vm.expectEmit(address(rewards));
        emit IEcoRewards.Earned(claimId, person, earned, paid, limit);
    }

    function expectUnauthorized(address caller) internal {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
    }

    function expectError(bytes4 selector) internal {
        vm.expectRevert(abi.encodePacked(selector));
    }
}

/// @notice That city, built anew for each test.
abstract contract RewardFixture is RewardCity {
    function setUp() public virtual {
        buildRewards();
    }
}
