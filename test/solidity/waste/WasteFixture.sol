// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {CompactSignature} from "../../../contracts/authority/CompactSignatures.sol";
import {Signature} from "../../../contracts/authority/ISigned.sol";
import {Roles} from "../../../contracts/authority/Roles.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {MockCredentialRegistry} from "../../../contracts/mocks/MockCredentialRegistry.sol";
import {EntryType, IMaterialCodes, Material} from "../../../contracts/waste/codes/IMaterialCodes.sol";
import {MaterialCodes} from "../../../contracts/waste/codes/MaterialCodes.sol";
import {Containers} from "../../../contracts/waste/containers/Containers.sol";
import {BinRecord, IContainers} from "../../../contracts/waste/containers/IContainers.sol";
import {CustodyModel, FacilityTerms, IWasteOperators} from "../../../contracts/waste/operators/IWasteOperators.sol";
import {WasteOperators} from "../../../contracts/waste/operators/WasteOperators.sol";
import {WasteCredentials} from "../../../contracts/waste/WasteCredentials.sol";
import {WasteSigner} from "./WasteSigner.sol";

/// @notice Codes, two collectors, two facilities, a company that is both, keys of their crews, and ten containers with
/// devices. Nobody is named to keep the lots yet, see {wireLots}.
/// @dev Actors, all by `actor(name)`:
/// - offices: "codeOffice", "fleet", "licensing", "auditor", "wiring", each with its role;
/// - operators' identities: "collector" (1), "rival" (2, a collector too), "facility" (3), "incinerator" (4), "combined" (5,
///   collector and facility); a key of each one's crew: "collectorCrew", "rivalCrew", ...;
/// - "gateway", which holds WASTE_GATEWAY, and "stranger", who holds nothing;
/// - devices: "device1" to "device10" of containers 1 to 10, see {deviceOf}.
abstract contract WasteFixture is WasteSigner {
    /// @dev Mixed packaging, mixed municipal waste, biodegradable kitchen waste; what sorting makes of them.
    uint24 internal constant PACKAGING = 150_106;
    uint24 internal constant MUNICIPAL = 200_301;
    uint24 internal constant KITCHEN = 200_108;
    uint24 internal constant PLASTIC = 191_204;
    uint24 internal constant PAPER = 191_201;
    uint24 internal constant RESIDUE = 191_212;
    /// @dev Hazardous: fluorescent tubes, and residue of sorting with hazardous substances.
    uint24 internal constant TUBES = 200_121;
    uint24 internal constant HAZARDOUS_RESIDUE = 191_211;
    /// @dev Hazardous batteries, a code that ended on 8 November 2026, and black mass, which began the day after.
    uint24 internal constant OLD_BATTERIES = 200_133;
    uint24 internal constant NEW_BATTERIES = 200_142;
    uint24 internal constant CHANGE_DAY = 20_766;

    uint32 internal constant COLLECTOR = 1;
    uint32 internal constant RIVAL = 2;
    uint32 internal constant FACILITY = 3;
    uint32 internal constant INCINERATOR = 4;
    uint32 internal constant COMBINED = 5;

    uint40 internal constant UNTIL = uint40(EPOCH + 3650 days);
    uint16 internal constant TOLERANCE_BP = 200;
    uint16 internal constant MAX_LOSS_BP = 500;
    uint8 internal constant CONVERSION_PCT = 90;

    AccessManager internal manager;
    Identities internal identities;
    MockCredentialRegistry internal credentials;
    MaterialCodes internal codes;
    WasteOperators internal operators;

    address internal codeOffice;
    address internal fleet;
    address internal licensing;
    address internal auditor;
    address internal wiring;
    address internal collector;
    address internal rival;
    address internal facility;
    address internal incinerator;
    address internal combined;
    address internal collectorCrew;
    address internal rivalCrew;
    address internal facilityCrew;
    address internal incineratorCrew;
    address internal combinedCrew;
    uint256 internal collectorCrewKey;
    uint256 internal rivalCrewKey;
    uint256 internal facilityCrewKey;
    uint256 internal incineratorCrewKey;
    uint256 internal combinedCrewKey;
    address internal gateway;
    address internal stranger;

    function setUp() public virtual {
        vm.warp(EPOCH);
        _nameActors();
        manager = new AccessManager(address(this));
        identities = new Identities();
        credentials = new MockCredentialRegistry();
        codes = new MaterialCodes(address(manager));
        operators = new WasteOperators(address(manager), identities, credentials);
        containers = new Containers(address(manager), codes, operators, credentials);
        _allow(Roles.WASTE_CODES, codeOffice, address(codes), codeActs());
        _allow(Roles.WASTE_LICENSING, licensing, address(operators), licensingActs());
        _allow(Roles.WASTE_FLEET, fleet, address(containers), fleetActs());
        _allow(Roles.WASTE_WIRING, wiring, address(containers), wiringActs());
        manager.grantRole(Roles.WASTE_AUDITOR, auditor, 0);
        _setCodes();
        _admitAll();
        credentials.set(WasteCredentials.WASTE_GATEWAY, gateway, true);
        for (uint32 binId = 1; binId <= BINS; ++binId) {
            vm.prank(fleet);
            containers.register(vm.addr(deviceKeyOf(binId)), ALERT_BP, binRecord(binId));
        }
    }

    // --- roles

    function codeActs() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](2);
        selectors[0] = IMaterialCodes.set.selector;
        selectors[1] = IMaterialCodes.reclassify.selector;
    }

    function licensingActs() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](3);
        selectors[0] = IWasteOperators.permit.selector;
        selectors[1] = IWasteOperators.license.selector;
        selectors[2] = IWasteOperators.appointSuccessor.selector;
    }

    function fleetActs() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](4);
        selectors[0] = IContainers.register.selector;
        selectors[1] = IContainers.change.selector;
        selectors[2] = IContainers.setStatus.selector;
        selectors[3] = IContainers.setDevice.selector;
    }

    function wiringActs() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](1);
        selectors[0] = IContainers.setLots.selector;
    }

    /// @dev Names the contract that keeps the lots.
    function wireLots(address lots) internal {
        vm.prank(wiring);
        containers.setLots(lots);
    }

    // --- operators

    /// @dev Gives an identity a credential, or takes it, and has its operator rechecked if it has one.
    function setCredential(bytes32 typeId, address account, bool held) internal {
        credentials.set(typeId, account, held);
        uint32 operatorId = operators.numberOf(account);
        if (operatorId != 0) operators.recheck(operatorId);
    }

    /// @dev Has an identity that owns itself admitted.
    function admit(address account) internal returns (uint32 operatorId) {
        Signature memory none;
        vm.prank(account);
        return operators.admit(account, 0, 0, none);
    }

    /// @dev A key of a crew, appointed by the operator's owner, with its consent.
    function appoint(uint32 operatorId, uint256 privateKey) internal {
        appoint(operatorId, privateKey, UNTIL);
    }

    function appoint(uint32 operatorId, uint256 privateKey, uint40 until) internal {
        Signature memory none;
        uint256 deadline = block.timestamp;
        CompactSignature memory consent = signConsent(operators, privateKey, operatorId, until, deadline);
        vm.prank(identities.identityOwner(operators.operatorOf(operatorId).account));
        operators.setCrew(operatorId, vm.addr(privateKey), until, 0, deadline, none, consent);
    }

    /// @dev An account that calls itself, with the signature of the operator's owner.
    function appointCaller(uint32 operatorId, uint256 ownerKey, address key) internal {
        uint256 nonce = uint160(key);
        uint256 deadline = block.timestamp;
        Signature memory signature = signTyped(
            ownerKey,
            domainOf(OPERATORS_DOMAIN, address(operators)),
            keccak256(abi.encode(CREW_TYPE, operatorId, key, UNTIL, nonce, deadline))
        );
        CompactSignature memory noConsent;
        vm.prank(key);
        operators.setCrew(operatorId, key, UNTIL, nonce, deadline, signature, noConsent);
    }

    /// @dev By an owner of an operator, without anybody's signature.
    function changeCrew(address owner, uint32 operatorId, address key, uint40 until) internal {
        Signature memory none;
        CompactSignature memory noConsent;
        vm.prank(owner);
        operators.setCrew(operatorId, key, until, 0, type(uint256).max, none, noConsent);
    }

    function permitFor(uint32 operatorId, uint24 code) internal {
        vm.prank(licensing);
        operators.permit(operatorId, code, UNTIL);
    }

    function licenseFor(uint32 operatorId, FacilityTerms memory terms) internal {
        vm.prank(licensing);
        operators.license(operatorId, terms);
    }

    /// @dev A licence of ten years of a facility that keeps lots apart.
    function plainTerms() internal pure returns (FacilityTerms memory terms) {
        return
            FacilityTerms({
                until: uint32(UNTIL),
                toleranceBp: TOLERANCE_BP,
                maxLossBp: MAX_LOSS_BP,
                conversionPct: CONVERSION_PCT,
                model: CustodyModel.Segregated,
                balanceDays: 0
            });
    }

    // --- containers

    function binRecord(uint32 binId) internal pure returns (BinRecord memory record) {
        return
            BinRecord({
                latitude: 52_520_000 + int32(binId),
                longitude: 13_405_000 - int32(binId),
                capacityL: CAPACITY_L,
                code: binId == TUBES_BIN ? TUBES : PACKAGING,
                district: DISTRICT,
                maxGramsPerL: MAX_GRAMS_PER_L,
                collections: 0,
                emptiedAt: 0
            });
    }

    // --- internals

    function _nameActors() private {
        (codeOffice, ) = actor("codeOffice");
        (fleet, ) = actor("fleet");
        (licensing, ) = actor("licensing");
        (auditor, ) = actor("auditor");
        (wiring, ) = actor("wiring");
        (collector, ) = actor("collector");
        (rival, ) = actor("rival");
        (facility, ) = actor("facility");
        (incinerator, ) = actor("incinerator");
        (combined, ) = actor("combined");
        (collectorCrew, collectorCrewKey) = actor("collectorCrew");
        (rivalCrew, rivalCrewKey) = actor("rivalCrew");
        (facilityCrew, facilityCrewKey) = actor("facilityCrew");
        (incineratorCrew, incineratorCrewKey) = actor("incineratorCrew");
        (combinedCrew, combinedCrewKey) = actor("combinedCrew");
        (gateway, ) = actor("gateway");
        (stranger, ) = actor("stranger");
    }

    function _allow(uint64 role, address account, address target, bytes4[] memory selectors) private {
        manager.setTargetFunctionRole(target, selectors, role);
        manager.grantRole(role, account, 0);
    }

    function _setCodes() private {
        Material[] memory entries = new Material[](10);
        entries[0] = Material(PACKAGING, EntryType.Absolute, 0, 0);
        entries[1] = Material(PAPER, EntryType.Absolute, 0, 0);
        entries[2] = Material(PLASTIC, EntryType.Absolute, 0, 0);
        entries[3] = Material(HAZARDOUS_RESIDUE, EntryType.MirrorHazardous, 0, 0);
        entries[4] = Material(RESIDUE, EntryType.Mirror, 0, 0);
        entries[5] = Material(KITCHEN, EntryType.Absolute, 0, 0);
        entries[6] = Material(TUBES, EntryType.AbsoluteHazardous, 0, 0);
        entries[7] = Material(OLD_BATTERIES, EntryType.MirrorHazardous, 0, CHANGE_DAY - 1);
        entries[8] = Material(NEW_BATTERIES, EntryType.AbsoluteHazardous, CHANGE_DAY, 0);
        entries[9] = Material(MUNICIPAL, EntryType.Absolute, 0, 0);
        vm.prank(codeOffice);
        codes.set(entries);
    }

    function _admitAll() private {
        bool[5] memory collects = [true, true, false, false, true];
        bool[5] memory processes = [false, false, true, true, true];
        address[5] memory accounts = [collector, rival, facility, incinerator, combined];
        uint256[5] memory crews = [
            collectorCrewKey,
            rivalCrewKey,
            facilityCrewKey,
            incineratorCrewKey,
            combinedCrewKey
        ];
        for (uint256 i = 0; i < accounts.length; ++i) {
            credentials.set(WasteCredentials.WASTE_COLLECTOR, accounts[i], collects[i]);
            credentials.set(WasteCredentials.WASTE_FACILITY, accounts[i], processes[i]);
            uint32 operatorId = admit(accounts[i]);
            appoint(operatorId, crews[i]);
            if (processes[i]) licenseFor(operatorId, plainTerms());
        }
    }
}
