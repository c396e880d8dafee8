// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {BatteryCredentials} from "../../../contracts/batteries/BatteryCredentials.sol";
import {
    AccessTier,
    Attribute,
    Category,
    IBatteryPack,
    Pack,
    PackData,
    RatingPlate,
    RecyclingOutput,
    Sale,
    Status
} from "../../../contracts/batteries/IBatteryPack.sol";
import {IERC4907} from "../../../contracts/batteries/IERC4907.sol";
import {IERC5192} from "../../../contracts/batteries/IERC5192.sol";
import {Standing} from "../../../contracts/identity/ICredentials.sol";
import {HostileReceiver} from "../../../contracts/mocks/HostileReceiver.sol";
import {MockDeviceRegistry} from "../../../contracts/mocks/MockDeviceRegistry.sol";
import {MockLeaseBook} from "../../../contracts/mocks/MockLeaseBook.sol";
import {Vm} from "../utils/Vm.sol";
import {BatteryPackFixture} from "./BatteryPackFixture.sol";

contract BatteryPackTest is BatteryPackFixture {
    bytes32 private constant REASON = keccak256("reason");
    bytes32 private constant LOT = keccak256("lot");
    uint64 private constant MASS = 400_000;

    // --- helpers

    function _expect(bytes memory error_) private {
        vm.expectRevert(error_);
    }

    function _expectUnauthorized(address caller) private {
        _expect(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller));
    }

    function _expectNotHolder(address account, bytes32 typeId, Standing standing) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackNotHolder.selector, account, typeId, standing));
    }

    function _expectBarred(uint32 operatorId) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackOperatorBarred.selector, operatorId));
    }

    function _expectNotOperator(address caller) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackNotOperator.selector, caller));
    }

    function _expectBadData(string memory field, uint256 value, uint256 limit) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackBadData.selector, field, value, limit));
    }

    function _expectBadLength(uint256 length, uint256 limit) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackBadLength.selector, length, limit));
    }

    function _expectRetired(uint256 packId, Status status) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackRetired.selector, packId, status));
    }

    function _expectWrongStatus(uint256 packId, Status status) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackWrongStatus.selector, packId, status));
    }

    function _expectLeased(uint256 packId) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackLeased.selector, packId, LEASE_ID));
    }

    function _expectUnchanged(uint256 packId) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackUnchanged.selector, packId));
    }

    function _expectTaken(address account, uint32 operatorId) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackOperatorAccountTaken.selector, account, operatorId));
    }

    function _expectNotItsBook(uint256 packId, address caller) private {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackNotItsBook.selector, packId, caller));
    }

    function _expectNonexistent(uint256 packId) private {
        _expect(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, packId));
    }

    function _expectInsufficientApproval(address caller, uint256 packId) private {
        _expect(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, caller, packId));
    }

    function _expectSerialTaken() private {
        _expect(abi.encodeWithSelector(IERC721Errors.ERC721InvalidSender.selector, address(0)));
    }

    function _expectEvent() private {
        vm.expectEmit(address(pack));
    }

    function _expectBirth(address owner, uint32 operatorId, PackData memory data) private {
        uint256 packId = idOf(data);
        _expectEvent();
        emit IERC721.Transfer(address(0), owner, packId);
        _expectEvent();
        emit IBatteryPack.PackRegistered(packId, operatorId, data.serialHash, data.passportRoot);
        _expectEvent();
        emit IERC5192.Unlocked(packId);
    }

    function _expectStatusChange(uint256 packId, Status oldStatus, Status newStatus) private {
        _expectEvent();
        emit IBatteryPack.StatusChanged(packId, oldStatus, newStatus);
        _expectEvent();
        emit IERC4906.MetadataUpdate(packId);
    }

    function _expectUser(uint256 packId, address user, uint64 expires) private {
        _expectEvent();
        emit IERC4907.UpdateUser(packId, user, expires);
    }

    function _countLogs(bytes32 topic) private returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == topic) ++count;
        }
    }

    function _list(uint256 a) private pure returns (uint256[] memory ids) {
        ids = new uint256[](1);
        ids[0] = a;
    }

    function _list(uint256 a, uint256 b) private pure returns (uint256[] memory ids) {
        ids = new uint256[](2);
        (ids[0], ids[1]) = (a, b);
    }

    function _assertSale(Sale memory sale, address seller, uint256 soldAt) private pure {
        assertEq(sale.seller, seller, "seller");
        assertEq(sale.soldAt, soldAt, "soldAt");
    }

    function _wastePack(string memory serial, address owner) private returns (uint256 packId) {
        packId = registerPack(serial, owner);
        vm.prank(owner);
        pack.markWaste(packId);
    }

    function _recycledPack() private returns (uint256 packId) {
        packId = _wastePack("recycled", recycler);
        vm.prank(recycler);
        pack.recycle(packId, LOT, MASS, new RecyclingOutput[](0), MASS);
    }

    function _supersededPack() private returns (uint256 packId) {
        packId = registerPack("superseded", refitter);
        vm.prank(refitter);
        pack.repurpose(_list(packId), refitter, packData("heir"), Status.Repurposed);
    }

    /// @dev A retired pack of either kind, its status and its owner.
    function _retired(bool recycled) private returns (uint256 packId, Status status, address owner) {
        if (recycled) return (_recycledPack(), Status.Recycled, recycler);
        return (_supersededPack(), Status.Superseded, refitter);
    }

    // --- constructor and metadata
    // ├── name, symbol, authority
    // └── tokenURI: base and decimal id; unknown pack: reverts

    function test_NameSymbolAndAuthority() external view {
        assertEq(keccak256(bytes(pack.name())), keccak256("Civitas Battery Pack"), "name");
        assertEq(keccak256(bytes(pack.symbol())), keccak256("PACK"), "symbol");
        assertEq(pack.authority(), address(manager), "authority");
        assertEq(address(pack.credentialsContract()), address(credentials), "credentials");
    }

    function test_TokenUriIsBaseAndDecimalId() external {
        uint256 packId = registerPack("a", alice);
        string memory expected = string.concat(BASE_URI, vm.toString(packId));
        assertEq(keccak256(bytes(pack.tokenURI(packId))), keccak256(bytes(expected)), "tokenURI");
    }

    function test_RevertWhen_TokenUriOfUnknownPack() external {
        _expectNonexistent(1);
        pack.tokenURI(1);
    }

    // --- supportsInterface
    // ├── every standard by its type and by the number in its text
    // └── 0xffffffff and an unknown id: false

    function test_SupportsInterfacesByType() external view {
        assertTrue(pack.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        assertTrue(pack.supportsInterface(type(IERC721).interfaceId), "ERC-721");
        assertTrue(pack.supportsInterface(type(IERC721Metadata).interfaceId), "ERC-721 metadata");
        assertTrue(pack.supportsInterface(type(IERC4907).interfaceId), "ERC-4907");
        assertTrue(pack.supportsInterface(type(IERC5192).interfaceId), "ERC-5192");
    }

    function test_SupportsInterfacesByNumber() external view {
        assertTrue(pack.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(pack.supportsInterface(0x80ac58cd), "ERC-721");
        assertTrue(pack.supportsInterface(0x5b5e139f), "ERC-721 metadata");
        assertTrue(pack.supportsInterface(0x49064906), "ERC-4906");
        assertTrue(pack.supportsInterface(0xad092b5c), "ERC-4907");
        assertTrue(pack.supportsInterface(0xb45a3c0e), "ERC-5192");
        assertEq(bytes32(type(IERC4907).interfaceId), bytes32(bytes4(0xad092b5c)), "ERC-4907 id");
        assertEq(bytes32(type(IERC5192).interfaceId), bytes32(bytes4(0xb45a3c0e)), "ERC-5192 id");
    }

    function test_SupportsNothingElse() external view {
        assertFalse(pack.supportsInterface(0xffffffff), "invalid id");
        assertFalse(pack.supportsInterface(0xf808ec37), "ERC-5501");
    }

    // --- admitSelf
    // ├── caller never held the credential, or it ended: reverts with the reason
    // ├── caller acts for an operator: reverts with that operator
    // └── new account: numbered on from 1, both ways, not barred, event

    function test_RevertWhen_AdmitSelfWithoutCredential() external {
        _expectNotHolder(stranger, BatteryCredentials.BATTERY_OPERATOR, Standing.None);
        vm.prank(stranger);
        pack.admitSelf();
        credentials.set(BatteryCredentials.BATTERY_OPERATOR, stranger, Standing.Revoked);
        _expectNotHolder(stranger, BatteryCredentials.BATTERY_OPERATOR, Standing.Revoked);
        vm.prank(stranger);
        pack.admitSelf();
    }

    function test_RevertWhen_AdmitSelfTwice() external {
        _expectTaken(refitter, 2);
        vm.prank(refitter);
        pack.admitSelf();
    }

    function test_AdmitSelf() external {
        assertEq(pack.operatorIdOf(maker), 1, "first");
        assertEq(pack.operatorIdOf(refitter), 2, "second");
        assertEq(pack.operatorIdOf(alice), 0, "not yet");
        credentials.set(BatteryCredentials.BATTERY_OPERATOR, alice, Standing.Current);
        _expectEvent();
        emit IBatteryPack.OperatorAdmitted(3, alice);
        vm.prank(alice);
        assertEq(pack.admitSelf(), 3, "third");
        assertEq(pack.operatorIdOf(alice), 3, "id of account");
        assertEq(pack.operatorAccount(3), alice, "account of id");
        assertFalse(pack.isRegistrationBarred(3), "barred");
    }

    // --- recheckCredential
    // ├── unknown operator: reverts
    // ├── credential held and not barred, or ended and barred: reverts
    // ├── credential ended: begins no passport in any way, still answers for those it began, event
    // └── credential held again: begins passports, event

    function test_RevertWhen_RecheckUnknownOperator() external {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackUnknownOperator.selector, 3));
        pack.recheckCredential(3);
    }

    function test_RevertWhen_RecheckChangesNothing() external {
        _expectUnchanged(0);
        pack.recheckCredential(1);
        barOperator(1);
        _expectUnchanged(0);
        pack.recheckCredential(1);
    }

    function test_BarredOperatorBeginsNoPassports() external {
        uint256 packId = registerPack("a", maker);
        credentials.set(BatteryCredentials.BATTERY_OPERATOR, maker, Standing.IssuerWithdrawn);
        _expectEvent();
        emit IBatteryPack.CredentialRechecked(1, maker, true);
        vm.prank(stranger);
        pack.recheckCredential(1);
        assertTrue(pack.isRegistrationBarred(1), "barred");
        assertFalse(pack.isRegistrationBarred(2), "the other");
        assertFalse(pack.isRegistrationBarred(3), "unknown");
        assertEq(pack.operatorIdOf(maker), 1, "still acts for it");

        vm.startPrank(maker);
        _expectBarred(1);
        pack.register(alice, packData("b"));
        _expectBarred(1);
        pack.registerMany(alice, new PackData[](1));
        _expectBarred(1);
        pack.commitProductionBatch(keccak256("root"), 1, alice);
        _expectBarred(1);
        pack.repurpose(_list(packId), maker, packData("b"), Status.Reused);
        vm.stopPrank();
        registerOf(refitter, "b");
    }

    function test_BarredOperatorAnswersForItsPassports() external {
        uint256 packId = registerPack("a", alice);
        barOperator(1);
        vm.prank(maker);
        pack.updatePassport(packId, keccak256("new"), REASON);
        assertEq(pack.packOf(packId).passportRoot, keccak256("new"), "updates");
        assertEq(pack.operatorAccount(1), maker, "answers");
    }

    function test_BatchOfBarredOperatorIsMaterialised() external {
        PackData memory data = packData("a");
        vm.prank(maker);
        uint256 batchId = pack.commitProductionBatch(_leaf(data), 1, alice);
        barOperator(1);
        uint256 packId = pack.materialise(batchId, data, new bytes32[](0));
        assertEq(pack.packOf(packId).operatorId, 1, "operator");
    }

    function test_ReadmittedOperatorBeginsPassports() external {
        barOperator(1);
        credentials.set(BatteryCredentials.BATTERY_OPERATOR, maker, Standing.Current);
        _expectEvent();
        emit IBatteryPack.CredentialRechecked(1, maker, false);
        vm.prank(stranger);
        pack.recheckCredential(1);
        assertFalse(pack.isRegistrationBarred(1), "barred");
        assertEq(pack.packOf(registerPack("a", alice)).operatorId, 1, "operator");
    }

    // --- changeOperatorAccount
    // ├── caller acts for no operator: reverts
    // ├── new account is zero: reverts with operator 0
    // ├── new account is the caller's own, or acts for another: reverts with that operator
    // ├── fresh account: the old one acts no more, event
    // └── barred or not: barred under the new account, until that shows a credential

    function test_RevertWhen_ChangeOperatorAccountByStranger() external {
        _expectNotOperator(stranger);
        vm.prank(stranger);
        pack.changeOperatorAccount(alice);
    }

    function test_RevertWhen_ChangeOperatorAccountToZero() external {
        _expectTaken(address(0), 0);
        vm.prank(maker);
        pack.changeOperatorAccount(address(0));
    }

    function test_RevertWhen_ChangeOperatorAccountToItself() external {
        _expectTaken(maker, 1);
        vm.prank(maker);
        pack.changeOperatorAccount(maker);
    }

    function test_RevertWhen_ChangeOperatorAccountToAnotherOperator() external {
        _expectTaken(refitter, 2);
        vm.prank(maker);
        pack.changeOperatorAccount(refitter);
    }

    function test_ChangeOperatorAccount() external {
        _expectEvent();
        emit IBatteryPack.OperatorAccountChanged(1, maker, alice);
        vm.prank(maker);
        pack.changeOperatorAccount(alice);
        assertEq(pack.operatorAccount(1), alice, "account of id");
        assertEq(pack.operatorIdOf(alice), 1, "new account");
        assertEq(pack.operatorIdOf(maker), 0, "old account");
        _expectNotOperator(maker);
        vm.prank(maker);
        pack.register(alice, packData("a"));
    }

    function test_BarredOperatorIsBarredUnderItsNewAccount() external {
        barOperator(1);
        _expectBarUntilCredentialIsShown();
        // The old account may begin anew, as another operator, only with a credential of its own.
        _expectNotHolder(maker, BatteryCredentials.BATTERY_OPERATOR, Standing.Expired);
        vm.prank(maker);
        pack.admitSelf();
    }

    function test_OperatorIsBarredUnderItsNewAccount() external {
        _expectBarUntilCredentialIsShown();
    }

    function _expectBarUntilCredentialIsShown() private {
        vm.prank(maker);
        pack.changeOperatorAccount(alice);
        assertTrue(pack.isRegistrationBarred(1), "barred");
        _expectBarred(1);
        registerOf(alice, "a");
        credentials.set(BatteryCredentials.BATTERY_OPERATOR, alice, Standing.Current);
        pack.recheckCredential(1);
        assertEq(pack.packOf(registerOf(alice, "a")).operatorId, 1, "operator");
    }

    // --- appointSuccessor
    // ├── caller is not the registrar: reverts
    // ├── unknown operator: reverts
    // ├── successor is zero or acts for an operator: reverts
    // ├── fresh successor: answers for the passports, the old account no more, event
    // └── barred or not: barred under its successor

    function test_RevertWhen_AppointSuccessorByOperator() external {
        _expectUnauthorized(maker);
        vm.prank(maker);
        pack.appointSuccessor(1, alice);
    }

    function test_RevertWhen_AppointSuccessorOfUnknownOperator() external {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackUnknownOperator.selector, 3));
        vm.prank(registrar);
        pack.appointSuccessor(3, alice);
    }

    function test_RevertWhen_AppointSuccessorZero() external {
        _expectTaken(address(0), 0);
        vm.prank(registrar);
        pack.appointSuccessor(1, address(0));
    }

    function test_RevertWhen_AppointSuccessorIsOperator() external {
        _expectTaken(refitter, 2);
        vm.prank(registrar);
        pack.appointSuccessor(1, refitter);
    }

    function test_AppointSuccessorKeepsPassportsAlive() external {
        uint256 packId = registerPack("a", alice);
        _expectEvent();
        emit IBatteryPack.OperatorAccountChanged(1, maker, bob);
        vm.prank(registrar);
        pack.appointSuccessor(1, bob);
        assertEq(pack.operatorIdOf(maker), 0, "old account");
        assertEq(pack.operatorIdOf(bob), 1, "successor");
        vm.prank(bob);
        pack.updatePassport(packId, keccak256("new"), REASON);
        assertEq(pack.packOf(packId).passportRoot, keccak256("new"), "successor updates");
    }

    function test_OperatorIsBarredUnderItsSuccessor() external {
        barOperator(1);
        _expectBarredSuccessor(1, bob);
        _expectBarredSuccessor(2, alice);
    }

    function _expectBarredSuccessor(uint32 operatorId, address successor) private {
        vm.prank(registrar);
        pack.appointSuccessor(operatorId, successor);
        assertTrue(pack.isRegistrationBarred(operatorId), "barred");
        _expectBarred(operatorId);
        registerOf(successor, "b");
    }

    function test_BarredSuccessorAnswersForPassports() external {
        uint256 packId = registerPack("a", alice);
        vm.prank(registrar);
        pack.appointSuccessor(1, bob);
        vm.prank(bob);
        pack.updatePassport(packId, keccak256("new"), REASON);
        assertEq(pack.packOf(packId).passportRoot, keccak256("new"), "updates");
    }

    // --- register
    // ├── caller acts for no operator: reverts; for a barred one: see recheckCredential
    // ├── first 64 bits of the serial hash are zero: reverts
    // ├── serial hash (its first 64 bits) taken, whatever became of the pack: reverts
    // ├── passport root zero, rated energy zero, made tomorrow, no category: reverts
    // ├── owner zero: reverts
    // └── good data: id, record, owner, events; made today and no device and no power are fine; no callback

    function test_RevertWhen_RegisterByStranger() external {
        _expectNotOperator(stranger);
        vm.prank(stranger);
        pack.register(alice, packData("a"));
    }

    function test_RevertWhen_RegisterIdZero() external {
        PackData memory data = packData("a");
        data.serialHash = bytes32(uint256(type(uint192).max));
        _expectBadData("serialHash", type(uint192).max, 1 << 192);
        vm.prank(maker);
        pack.register(alice, data);
    }

    function test_RegisterSmallestAndGreatestId() external {
        PackData memory data = packData("a");
        vm.startPrank(maker);
        data.serialHash = bytes32(uint256(1 << 192));
        assertEq(pack.register(alice, data), 1, "smallest");
        data.serialHash = bytes32(type(uint256).max);
        assertEq(pack.register(alice, data), type(uint64).max, "greatest");
        vm.stopPrank();
    }

    function test_RevertWhen_RegisterTwice() external {
        registerPack("a", alice);
        _expectSerialTaken();
        vm.prank(refitter);
        pack.register(bob, packData("a"));
    }

    function test_RevertWhen_RegisterSameFirst64Bits() external {
        PackData memory data = packData("a");
        registerPack("a", alice);
        data.serialHash ^= bytes32(uint256(1));
        _expectSerialTaken();
        vm.prank(maker);
        pack.register(alice, data);
    }

    function test_RevertWhen_RegisterSerialOfSupersededPack() external {
        _supersededPack();
        _expectSerialTaken();
        vm.prank(maker);
        pack.register(alice, packData("superseded"));
    }

    function test_RevertWhen_RegisterSerialOfLeasedSoldPack() external {
        uint256 packId = leasedPack("a");
        transfer(alice, bob, packId);
        book.refuse();
        _expectSerialTaken();
        vm.prank(maker);
        pack.register(alice, packData("a"));
    }

    function test_RevertWhen_RegisterWithoutPassport() external {
        PackData memory data = packData("a");
        data.passportRoot = 0;
        _expectBadData("passportRoot", 0, 1);
        vm.prank(maker);
        pack.register(alice, data);
    }

    function test_RevertWhen_RegisterWithoutEnergy() external {
        PackData memory data = packData("a");
        data.ratedWh = 0;
        _expectBadData("ratedWh", 0, 1);
        vm.prank(maker);
        pack.register(alice, data);
    }

    function test_RevertWhen_RegisterMadeTomorrow() external {
        uint256 today = EPOCH / 1 days;
        PackData memory data = packData("a");
        data.madeOnDay = uint24(today + 1);
        _expectBadData("madeOnDay", today + 1, today);
        vm.prank(maker);
        pack.register(alice, data);
    }

    function test_RevertWhen_RegisterWithoutCategory() external {
        PackData memory data = packData("a");
        data.category = Category.None;
        _expectBadData("category", 0, 1);
        vm.prank(maker);
        pack.register(alice, data);
    }

    function test_RevertWhen_RegisterForNobody() external {
        _expect(abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(0)));
        vm.prank(maker);
        pack.register(address(0), packData("a"));
    }

    function test_Register() external {
        PackData memory data = packData("a");
        _expectBirth(alice, 1, data);
        vm.prank(maker);
        uint256 packId = pack.register(alice, data);
        assertEq(packId, uint256(data.serialHash) >> 192, "id");
        assertEq(pack.ownerOf(packId), alice, "owner");
        assertEq(pack.balanceOf(alice), 1, "balance");
        assertFalse(pack.locked(packId), "unlocked");
        assertTrue(pack.mayCharge(packId), "charges");
        assertEq(pack.userOf(packId), address(0), "no user");
    }

    function test_RegisterMadeTodayWithoutDeviceOrPower() external {
        PackData memory data = packData("a");
        data.madeOnDay = uint24(EPOCH / 1 days);
        data.device = address(0);
        data.ratedPowerW = 0;
        vm.prank(maker);
        Pack memory stored = pack.packOf(pack.register(alice, data));
        assertEq(stored.madeOnDay, EPOCH / 1 days, "made today");
        assertEq(stored.device, address(0), "no device");
        assertEq(stored.ratedPowerW, 0, "power not stated");
    }

    function test_RegisterDoesNotCallOwner() external {
        HostileReceiver receiver = new HostileReceiver();
        registerPack("a", address(receiver));
        assertEq(receiver.received(), 0, "not called");
        assertEq(pack.ownerOf(registerPack("b", address(manager))), address(manager), "no receiver needed");
    }

    function test_PlateIsThePartOfThePackThatReadingsAreHeldAgainst() external {
        uint256 packId = registerPack("a", alice);
        Pack memory stored = pack.packOf(packId);
        RatingPlate memory plate = pack.plateOf(packId);
        assertEq(plate.device, stored.device, "device");
        assertEq(plate.ratedWh, stored.ratedWh, "ratedWh");
        assertEq(plate.ratedPowerW, stored.ratedPowerW, "ratedPowerW");
        assertEq(uint256(plate.status), uint256(Status.Original), "status");
        assertEq(plate.operatorId, 1, "operatorId");
    }

    function test_PlateOfUnknownPackIsZero() external view {
        RatingPlate memory none;
        assertEq(keccak256(abi.encode(pack.plateOf(404))), keccak256(abi.encode(none)), "zero");
    }

    function testFuzz_RegisterStoresEverything(
        uint256 serialSeed,
        uint256 rootSeed,
        address device,
        uint40 ratedWhSeed,
        uint32 ratedPowerW,
        uint24 madeOnDaySeed,
        uint256 categorySeed
    ) external {
        PackData memory data = PackData({
            serialHash: bytes32(bound(serialSeed, 1 << 192, type(uint256).max)),
            passportRoot: bytes32(bound(rootSeed, 1, type(uint256).max)),
            device: device,
            ratedWh: uint40(bound(ratedWhSeed, 1, type(uint40).max)),
            ratedPowerW: ratedPowerW,
            madeOnDay: uint24(bound(madeOnDaySeed, 0, EPOCH / 1 days)),
            category: Category(bound(categorySeed, 1, uint256(type(Category).max)))
        });
        _expectBirth(alice, 2, data);
        vm.prank(refitter);
        uint256 packId = pack.register(alice, data);
        assertEq(packId, uint64(bytes8(data.serialHash)), "id");
        Pack memory stored = pack.packOf(packId);
        assertEq(stored.passportRoot, data.passportRoot, "passportRoot");
        assertEq(stored.device, data.device, "device");
        assertEq(stored.ratedWh, data.ratedWh, "ratedWh");
        assertEq(stored.ratedPowerW, data.ratedPowerW, "ratedPowerW");
        assertEq(stored.madeOnDay, data.madeOnDay, "madeOnDay");
        assertEq(uint256(stored.category), uint256(data.category), "category");
        assertEq(uint256(stored.status), uint256(Status.Original), "status");
        assertEq(stored.operatorId, 2, "operatorId");
    }

    // --- registerMany
    // ├── caller acts for no operator: reverts
    // ├── no packs, or 51: reverts
    // ├── one bad pack, or one twice: reverts as a whole
    // └── 1 to 50 packs: each as by register

    function _many(uint256 count) private pure returns (PackData[] memory data) {
        data = new PackData[](count);
        for (uint256 i = 0; i < count; ++i) {
            data[i] = packData(string.concat("many ", vm.toString(i)));
        }
    }

    function test_RevertWhen_RegisterManyByStranger() external {
        _expectNotOperator(stranger);
        vm.prank(stranger);
        pack.registerMany(alice, _many(1));
    }

    function test_RevertWhen_RegisterManyNone() external {
        _expectBadLength(0, 50);
        vm.prank(maker);
        pack.registerMany(alice, new PackData[](0));
    }

    function test_RevertWhen_RegisterManyTooMany() external {
        PackData[] memory data = _many(51);
        _expectBadLength(51, 50);
        vm.prank(maker);
        pack.registerMany(alice, data);
    }

    function test_RevertWhen_RegisterManyWithOneBad() external {
        PackData[] memory data = _many(3);
        data[2].ratedWh = 0;
        _expectBadData("ratedWh", 0, 1);
        vm.prank(maker);
        pack.registerMany(alice, data);
        assertEq(pack.balanceOf(alice), 0, "nothing registered");
    }

    function test_RevertWhen_RegisterManyWithOneTwice() external {
        PackData[] memory data = _many(2);
        data[1] = data[0];
        _expectSerialTaken();
        vm.prank(maker);
        pack.registerMany(alice, data);
    }

    function test_RegisterManyFifty() external {
        PackData[] memory data = _many(50);
        for (uint256 i = 0; i < data.length; ++i) {
            _expectBirth(alice, 1, data[i]);
        }
        vm.prank(maker);
        pack.registerMany(alice, data);
        assertEq(pack.balanceOf(alice), 50, "balance");
        assertEq(pack.packOf(idOf(data[49])).passportRoot, data[49].passportRoot, "last one");
    }

    // --- commitProductionBatch
    // ├── caller acts for no operator: reverts
    // ├── root, count or owner zero: reverts
    // └── good: numbered on from 1, stored, event; unknown batch reads as zero

    function test_RevertWhen_CommitBatchByStranger() external {
        _expectNotOperator(stranger);
        vm.prank(stranger);
        pack.commitProductionBatch(REASON, 1, alice);
    }

    function test_RevertWhen_CommitBatchWithoutRoot() external {
        _expectBadData("root", 0, 1);
        vm.prank(maker);
        pack.commitProductionBatch(0, 1, alice);
    }

    function test_RevertWhen_CommitBatchOfNone() external {
        _expectBadData("packCount", 0, 1);
        vm.prank(maker);
        pack.commitProductionBatch(REASON, 0, alice);
    }

    function test_RevertWhen_CommitBatchForNobody() external {
        _expectBadData("owner", 0, 1);
        vm.prank(maker);
        pack.commitProductionBatch(REASON, 1, address(0));
    }

    function test_CommitBatch() external {
        _expectEvent();
        emit IBatteryPack.ProductionBatchCommitted(1, 2, alice, REASON, 10_000);
        vm.prank(refitter);
        assertEq(pack.commitProductionBatch(REASON, 10_000, alice), 1, "first");
        vm.prank(refitter);
        assertEq(pack.commitProductionBatch(REASON, 1, alice), 2, "second");
        (bytes32 root, uint32 operatorId, address owner, uint32 packCount, uint32 materialisedCount) = pack
            .productionBatch(1);
        assertEq(root, REASON, "root");
        assertEq(operatorId, 2, "operator");
        assertEq(owner, alice, "owner");
        assertEq(packCount, 10_000, "declared");
        assertEq(materialisedCount, 0, "materialised");
        (root, , , , ) = pack.productionBatch(3);
        assertEq(root, 0, "unknown batch");
    }

    // --- materialise
    // ├── unknown batch: reverts
    // ├── proof of another pack, or an inner node in place of a leaf: reverts
    // ├── batch complete: reverts
    // ├── same pack twice: reverts
    // ├── leaf with bad data: reverts
    // └── good proof, by anybody, batch of one included: as by register, for the batch's owner, counted

    function _leaf(PackData memory data) private pure returns (bytes32 leaf) {
        return keccak256(bytes.concat(keccak256(abi.encode(data))));
    }

    function _node(bytes32 a, bytes32 b) private pure returns (bytes32 node) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function _proof(bytes32 sibling) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = sibling;
    }

    function _commit(bytes32 root, uint32 packCount) private returns (uint256 batchId) {
        vm.prank(maker);
        return pack.commitProductionBatch(root, packCount, alice);
    }

    function test_RevertWhen_MaterialiseFromUnknownBatch() external {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackUnknownBatch.selector, 1));
        pack.materialise(1, packData("a"), new bytes32[](0));
    }

    function test_RevertWhen_MaterialiseWithWrongProof() external {
        (PackData memory a, PackData memory b) = (packData("a"), packData("b"));
        _commit(_node(_leaf(a), _leaf(b)), 2);
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackBadProof.selector, 1, _leaf(a)));
        pack.materialise(1, a, _proof(_leaf(a)));
    }

    function test_RevertWhen_MaterialiseAlteredPack() external {
        PackData memory a = packData("a");
        _commit(_leaf(a), 1);
        a.ratedWh += 1;
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackBadProof.selector, 1, _leaf(a)));
        pack.materialise(1, a, new bytes32[](0));
    }

    function test_RevertWhen_MaterialiseSinglyHashedLeaf() external {
        PackData memory a = packData("a");
        _commit(keccak256(abi.encode(a)), 1);
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackBadProof.selector, 1, _leaf(a)));
        pack.materialise(1, a, new bytes32[](0));
    }

    function test_RevertWhen_MaterialiseFromCompleteBatch() external {
        (PackData memory a, PackData memory b) = (packData("a"), packData("b"));
        _commit(_node(_leaf(a), _leaf(b)), 1);
        pack.materialise(1, a, _proof(_leaf(b)));
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackBatchComplete.selector, 1, 1));
        pack.materialise(1, b, _proof(_leaf(a)));
    }

    function test_RevertWhen_MaterialiseTwice() external {
        PackData memory a = packData("a");
        _commit(_leaf(a), 1);
        pack.materialise(1, a, new bytes32[](0));
        _expectSerialTaken();
        pack.materialise(1, a, new bytes32[](0));
    }

    function test_RevertWhen_MaterialiseBadData() external {
        PackData memory a = packData("a");
        a.category = Category.None;
        _commit(_leaf(a), 1);
        _expectBadData("category", 0, 1);
        pack.materialise(1, a, new bytes32[](0));
    }

    function test_MaterialiseByAnybody() external {
        (PackData memory a, PackData memory b) = (packData("a"), packData("b"));
        _commit(_node(_leaf(a), _leaf(b)), 2);
        _expectBirth(alice, 1, a);
        vm.prank(stranger);
        assertEq(pack.materialise(1, a, _proof(_leaf(b))), idOf(a), "id");
        (, , , , uint32 materialisedCount) = pack.productionBatch(1);
        assertEq(materialisedCount, 1, "one materialised");
        pack.materialise(1, b, _proof(_leaf(a)));
        (, , , , materialisedCount) = pack.productionBatch(1);
        assertEq(materialisedCount, 2, "both materialised");
        assertEq(pack.ownerOf(idOf(b)), alice, "owner");
        assertEq(pack.packOf(idOf(b)).operatorId, 1, "operator");
        assertStatus(idOf(b), Status.Original, "status");
    }

    function testFuzz_MaterialiseFromAnyDepth(uint256 seed, uint256 depthSeed) external {
        PackData memory data = packData("a");
        uint256 depth = bound(depthSeed, 0, 20);
        bytes32[] memory proof = new bytes32[](depth);
        bytes32 root = _leaf(data);
        for (uint256 i = 0; i < depth; ++i) {
            proof[i] = keccak256(abi.encode(seed, i));
            root = _node(root, proof[i]);
        }
        _commit(root, 1);
        assertEq(pack.materialise(1, data, proof), idOf(data), "id");
    }

    // --- updatePassport
    // ├── caller is not the account of the pack's operator (or the pack is unknown): reverts
    // ├── passport has ended: reverts
    // ├── root zero: reverts
    // ├── same root: reverts
    // └── new root: stored, two events; leased packs too

    function test_RevertWhen_UpdatePassportByAnotherOperator() external {
        uint256 packId = registerPack("a", alice);
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackNotResponsible.selector, refitter, packId, 1));
        vm.prank(refitter);
        pack.updatePassport(packId, keccak256("new"), REASON);
    }

    function test_RevertWhen_UpdatePassportByOwner() external {
        uint256 packId = registerPack("a", alice);
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackNotResponsible.selector, alice, packId, 1));
        vm.prank(alice);
        pack.updatePassport(packId, keccak256("new"), REASON);
    }

    function test_RevertWhen_UpdatePassportOfUnknownPack() external {
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackNotResponsible.selector, stranger, 9, 0));
        vm.prank(stranger);
        pack.updatePassport(9, keccak256("new"), REASON);
    }

    function test_RevertWhen_UpdatePassportOfRetiredPack() external {
        uint256 packId = _recycledPack();
        _expectRetired(packId, Status.Recycled);
        vm.prank(maker);
        pack.updatePassport(packId, keccak256("new"), REASON);
    }

    function test_RevertWhen_UpdatePassportToZero() external {
        uint256 packId = registerPack("a", alice);
        _expectBadData("passportRoot", 0, 1);
        vm.prank(maker);
        pack.updatePassport(packId, 0, REASON);
    }

    function test_RevertWhen_UpdatePassportToSameRoot() external {
        uint256 packId = registerPack("a", alice);
        bytes32 root = packData("a").passportRoot;
        _expectUnchanged(packId);
        vm.prank(maker);
        pack.updatePassport(packId, root, REASON);
    }

    function test_UpdatePassportOfLeasedPack() external {
        uint256 packId = leasedPack("a");
        _expectEvent();
        emit IBatteryPack.PassportUpdated(packId, packData("a").passportRoot, keccak256("new"), REASON);
        _expectEvent();
        emit IERC4906.MetadataUpdate(packId);
        vm.prank(maker);
        pack.updatePassport(packId, keccak256("new"), REASON);
        assertEq(pack.packOf(packId).passportRoot, keccak256("new"), "root");
    }

    // --- proveAttribute
    // ├── unknown pack: false
    // ├── wrong value, tier or proof, or the root before an update: false
    // └── attribute of the passport: true

    function _attribute() private pure returns (Attribute memory attribute) {
        return
            Attribute({
                id: keccak256("ratedCapacity"),
                valueHash: keccak256("75"),
                salt: keccak256("salt"),
                tier: AccessTier.Public
            });
    }

    function _packWithAttribute() private returns (uint256 packId, bytes32[] memory proof) {
        bytes32 sibling = keccak256("another attribute");
        PackData memory data = packData("a");
        data.passportRoot = _node(keccak256(bytes.concat(keccak256(abi.encode(_attribute())))), sibling);
        vm.prank(maker);
        return (pack.register(alice, data), _proof(sibling));
    }

    function test_ProveAttribute() external {
        (uint256 packId, bytes32[] memory proof) = _packWithAttribute();
        assertTrue(pack.proveAttribute(packId, _attribute(), proof), "proven");
        Attribute memory attribute = _attribute();
        attribute.valueHash = keccak256("76");
        assertFalse(pack.proveAttribute(packId, attribute, proof), "another value");
        attribute = _attribute();
        attribute.tier = AccessTier.Authority;
        assertFalse(pack.proveAttribute(packId, attribute, proof), "another tier");
        assertFalse(pack.proveAttribute(packId, _attribute(), new bytes32[](0)), "no proof");
        assertFalse(pack.proveAttribute(packId + 1, _attribute(), proof), "unknown pack");
    }

    function test_ProveAttributeOnlyAgainstCurrentRoot() external {
        (uint256 packId, bytes32[] memory proof) = _packWithAttribute();
        vm.prank(maker);
        pack.updatePassport(packId, keccak256("new"), REASON);
        assertFalse(pack.proveAttribute(packId, _attribute(), proof), "superseded root");
    }

    // --- repurpose
    // ├── caller acts for no operator: reverts
    // ├── new pack's data bad or serial taken: reverts
    // ├── status none of the three: reverts
    // ├── no predecessor, 33 of them, or two when reused: reverts
    // ├── predecessor unknown, not the caller's, leased, retired, or named twice: reverts
    // ├── telemetry refuses: reverts as a whole
    // └── good: old packs superseded and locked, links both ways, users cleared, devices retired, new pack; from any
    //     living status, by approval, without telemetry, for another owner

    function _oldPacks(uint256 count, address owner) private returns (uint256[] memory ids) {
        ids = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            ids[i] = registerPack(string.concat("old ", vm.toString(i)), owner);
        }
    }

    function test_RevertWhen_RepurposeByStranger() external {
        uint256[] memory ids = _oldPacks(1, stranger);
        _expectNotOperator(stranger);
        vm.prank(stranger);
        pack.repurpose(ids, alice, packData("new"), Status.Repurposed);
    }

    function test_RevertWhen_RepurposeWithBadData() external {
        uint256[] memory ids = _oldPacks(1, refitter);
        PackData memory data = packData("new");
        data.ratedWh = 0;
        _expectBadData("ratedWh", 0, 1);
        vm.prank(refitter);
        pack.repurpose(ids, alice, data, Status.Repurposed);
    }

    function test_RevertWhen_RepurposeIntoItself() external {
        uint256[] memory ids = _oldPacks(1, refitter);
        _expectSerialTaken();
        vm.prank(refitter);
        pack.repurpose(ids, alice, packData("old 0"), Status.Reused);
    }

    function testFuzz_RevertWhen_RepurposeIntoAnotherStatus(uint256 seed) external {
        uint256[] memory ids = _oldPacks(1, refitter);
        // The six that are left when Reused, Repurposed and Remanufactured are taken out.
        Status[6] memory others = [
            Status.None,
            Status.Original,
            Status.Waste,
            Status.Recycled,
            Status.Superseded,
            Status.Lost
        ];
        Status status = others[bound(seed, 0, 5)];
        _expectWrongStatus(idOf(packData("new")), status);
        vm.prank(refitter);
        pack.repurpose(ids, alice, packData("new"), status);
    }

    function test_RevertWhen_RepurposeNothing() external {
        _expectBadLength(0, 32);
        vm.prank(refitter);
        pack.repurpose(new uint256[](0), alice, packData("new"), Status.Remanufactured);
    }

    function test_RevertWhen_RepurposeTooMany() external {
        _expectBadLength(33, 32);
        vm.prank(refitter);
        pack.repurpose(new uint256[](33), alice, packData("new"), Status.Repurposed);
    }

    function test_RevertWhen_ReuseOfTwo() external {
        uint256[] memory ids = _oldPacks(2, refitter);
        _expectBadLength(2, 1);
        vm.prank(refitter);
        pack.repurpose(ids, alice, packData("new"), Status.Reused);
    }

    function test_RevertWhen_RepurposeUnknownPack() external {
        _expectNonexistent(5);
        vm.prank(refitter);
        pack.repurpose(_list(5), alice, packData("new"), Status.Repurposed);
    }

    function test_RevertWhen_RepurposePackOfAnother() external {
        uint256[] memory ids = _oldPacks(1, alice);
        _expectInsufficientApproval(refitter, ids[0]);
        vm.prank(refitter);
        pack.repurpose(ids, refitter, packData("new"), Status.Repurposed);
    }

    function test_RevertWhen_RepurposeLeasedPack() external {
        uint256[] memory ids = _oldPacks(1, refitter);
        startLease(ids[0], refitter);
        _expectLeased(ids[0]);
        vm.prank(refitter);
        pack.repurpose(ids, refitter, packData("new"), Status.Repurposed);
    }

    function test_RevertWhen_RepurposeSupersededPack() external {
        uint256 packId = _supersededPack();
        _expectRetired(packId, Status.Superseded);
        vm.prank(refitter);
        pack.repurpose(_list(packId), refitter, packData("new"), Status.Repurposed);
    }

    function test_RevertWhen_RepurposeSamePackTwice() external {
        uint256 packId = registerPack("old", refitter);
        _expectRetired(packId, Status.Superseded);
        vm.prank(refitter);
        pack.repurpose(_list(packId, packId), refitter, packData("new"), Status.Repurposed);
        assertStatus(packId, Status.Original, "as before");
    }

    function test_RevertWhen_RepurposeAndTelemetryRefuses() external {
        uint256[] memory ids = _oldPacks(1, refitter);
        telemetry.refuse();
        _expect(abi.encodeWithSelector(MockDeviceRegistry.MockDeviceRegistryRefused.selector));
        vm.prank(refitter);
        pack.repurpose(ids, refitter, packData("new"), Status.Repurposed);
        assertStatus(ids[0], Status.Original, "as before");
    }

    function test_RepurposeTwoIntoOne() external {
        uint256[] memory ids = _oldPacks(2, refitter);
        PackData memory data = packData("new");
        vm.prank(refitter);
        pack.setUser(ids[1], tenant, LATER);

        _expectStatusChange(ids[0], Status.Original, Status.Superseded);
        _expectEvent();
        emit IERC5192.Locked(ids[0]);
        _expectUser(ids[1], address(0), 0);
        _expectStatusChange(ids[1], Status.Original, Status.Superseded);
        _expectEvent();
        emit IERC5192.Locked(ids[1]);
        _expectBirth(bob, 2, data);
        _expectEvent();
        emit IBatteryPack.Repurposed(idOf(data), ids, Status.Repurposed);
        vm.prank(refitter);
        uint256 packId = pack.repurpose(ids, bob, data, Status.Repurposed);

        assertEq(pack.ownerOf(packId), bob, "owner of the new pack");
        assertEq(pack.ownerOf(ids[0]), refitter, "owner of an old pack");
        assertStatus(packId, Status.Repurposed, "new pack");
        assertEq(pack.packOf(packId).operatorId, 2, "new operator");
        assertEq(pack.packOf(ids[0]).operatorId, 1, "old operator");
        assertEq(keccak256(abi.encode(pack.predecessorsOf(packId))), keccak256(abi.encode(ids)), "predecessors");
        for (uint256 i = 0; i < 2; ++i) {
            assertStatus(ids[i], Status.Superseded, "old pack");
            assertTrue(pack.locked(ids[i]), "locked");
            assertFalse(pack.mayCharge(ids[i]), "charges no more");
            assertEq(pack.successorOf(ids[i]), packId, "successor");
        }
        assertEq(pack.userOf(ids[1]), address(0), "user cleared");
        assertEq(keccak256(abi.encode(telemetry.retired())), keccak256(abi.encode(ids)), "devices retired");
        assertEq(pack.successorOf(packId), 0, "no successor yet");
        assertEq(pack.predecessorsOf(ids[0]).length, 0, "an original");
    }

    function test_RepurposeThirtyTwo() external {
        uint256[] memory ids = _oldPacks(32, refitter);
        vm.prank(refitter);
        uint256 packId = pack.repurpose(ids, refitter, packData("new"), Status.Remanufactured);
        assertEq(keccak256(abi.encode(pack.predecessorsOf(packId))), keccak256(abi.encode(ids)), "predecessors");
        assertStatus(packId, Status.Remanufactured, "status");
    }

    function test_RepurposeWasteAndLostByApproval() external {
        uint256[] memory ids = _oldPacks(2, alice);
        vm.startPrank(alice);
        pack.markWaste(ids[0]);
        pack.markLost(ids[1]);
        pack.setApprovalForAll(refitter, true);
        vm.stopPrank();
        vm.prank(refitter);
        uint256 packId = pack.repurpose(ids, alice, packData("new"), Status.Repurposed);
        assertEq(pack.ownerOf(packId), alice, "owner");
        assertTrue(pack.mayCharge(packId), "charges again");
    }

    function test_ReuseInChainWithoutTelemetry() external {
        vm.prank(wiring);
        pack.setTelemetry(address(0));
        uint256 first = registerPack("first", refitter);
        vm.startPrank(refitter);
        uint256 second = pack.repurpose(_list(first), refitter, packData("second"), Status.Reused);
        uint256 third = pack.repurpose(_list(second), refitter, packData("third"), Status.Reused);
        vm.stopPrank();
        assertEq(pack.successorOf(first), second, "first to second");
        assertEq(pack.successorOf(second), third, "second to third");
        assertStatus(second, Status.Superseded, "second");
        assertStatus(third, Status.Reused, "third");
        assertEq(telemetry.retired().length, 0, "telemetry not told");
    }

    // --- markWaste, markLost
    // ├── unknown pack, or caller neither owner nor approved: reverts
    // ├── leased: reverts
    // ├── retired: reverts
    // ├── has that status: reverts
    // └── by owner or approved account: status, two events; charges no more, can be sold; lost after waste and back

    function test_RevertWhen_MarkWasteUnknownPack() external {
        _expectNonexistent(5);
        pack.markWaste(5);
    }

    function test_RevertWhen_MarkWasteByStranger() external {
        uint256 packId = registerPack("a", alice);
        _expectInsufficientApproval(stranger, packId);
        vm.prank(stranger);
        pack.markWaste(packId);
    }

    function test_RevertWhen_MarkLostByStranger() external {
        uint256 packId = registerPack("a", alice);
        _expectInsufficientApproval(stranger, packId);
        vm.prank(stranger);
        pack.markLost(packId);
    }

    function test_RevertWhen_MarkLeasedPack() external {
        uint256 packId = leasedPack("a");
        _expectLeased(packId);
        vm.prank(alice);
        pack.markWaste(packId);
        _expectLeased(packId);
        vm.prank(alice);
        pack.markLost(packId);
    }

    function testFuzz_RevertWhen_MarkRetiredPack(bool recycled) external {
        (uint256 packId, Status status, address owner) = _retired(recycled);
        _expectRetired(packId, status);
        vm.prank(owner);
        pack.markWaste(packId);
        _expectRetired(packId, status);
        vm.prank(owner);
        pack.markLost(packId);
    }

    function test_RevertWhen_MarkTwice() external {
        uint256 packId = registerPack("a", alice);
        vm.startPrank(alice);
        pack.markWaste(packId);
        _expectUnchanged(packId);
        pack.markWaste(packId);
        pack.markLost(packId);
        _expectUnchanged(packId);
        pack.markLost(packId);
        vm.stopPrank();
    }

    function test_MarkWasteByOwner() external {
        uint256 packId = registerPack("a", alice);
        _expectStatusChange(packId, Status.Original, Status.Waste);
        vm.prank(alice);
        pack.markWaste(packId);
        assertStatus(packId, Status.Waste, "status");
        assertFalse(pack.mayCharge(packId), "charges no more");
        assertFalse(pack.locked(packId), "not locked");
        transfer(alice, recycler, packId);
        assertEq(pack.ownerOf(packId), recycler, "sold to the recycler");
        assertStatus(packId, Status.Waste, "still waste");
    }

    function test_MarkLostByApprovedAccountAndFoundAsWaste() external {
        uint256 packId = registerPack("a", alice);
        vm.prank(alice);
        pack.approve(bob, packId);
        _expectStatusChange(packId, Status.Original, Status.Lost);
        vm.prank(bob);
        pack.markLost(packId);
        assertFalse(pack.mayCharge(packId), "charges no more");
        _expectStatusChange(packId, Status.Lost, Status.Waste);
        vm.prank(alice);
        pack.markWaste(packId);
    }

    // --- recycle
    // ├── caller never held the credential, or it ended: reverts with the reason
    // ├── recycler neither owns the pack nor is approved, or the pack is unknown: reverts
    // ├── pack is not waste: reverts, whatever else it is
    // ├── 17 outputs, no mass: reverts
    // ├── outputs and loss fall short of the mass, or exceed it: reverts
    // ├── telemetry refuses: reverts as a whole
    // └── good: tombstone, events with sums and efficiency, device retired; loss only; by approval; without telemetry

    function _outputs() private pure returns (RecyclingOutput[] memory outputs) {
        outputs = new RecyclingOutput[](3);
        outputs[0] = RecyclingOutput({material: keccak256("cobalt"), massGrams: 30_001, recovered: true});
        outputs[1] = RecyclingOutput({material: keccak256("steel"), massGrams: 249_998, recovered: true});
        outputs[2] = RecyclingOutput({material: keccak256("slag"), massGrams: 100_000, recovered: false});
    }

    function test_RevertWhen_RecycleByOwnerWithoutCredential() external {
        uint256 packId = _wastePack("a", alice);
        _expectNotHolder(alice, BatteryCredentials.BATTERY_RECYCLER, Standing.None);
        vm.prank(alice);
        pack.recycle(packId, LOT, MASS, _outputs(), 20_001);
    }

    function test_RevertWhen_RecyclersCredentialEnded() external {
        uint256 packId = _wastePack("a", recycler);
        credentials.set(BatteryCredentials.BATTERY_RECYCLER, recycler, Standing.Expired);
        _expectNotHolder(recycler, BatteryCredentials.BATTERY_RECYCLER, Standing.Expired);
        vm.prank(recycler);
        pack.recycle(packId, LOT, MASS, _outputs(), 20_001);
    }

    function test_RevertWhen_RecyclePackOfAnother() external {
        uint256 packId = _wastePack("a", alice);
        _expectInsufficientApproval(recycler, packId);
        vm.prank(recycler);
        pack.recycle(packId, LOT, MASS, _outputs(), 20_001);
    }

    function test_RevertWhen_RecycleUnknownPack() external {
        _expectNonexistent(5);
        vm.prank(recycler);
        pack.recycle(5, LOT, MASS, _outputs(), 20_001);
    }

    function test_RevertWhen_RecyclePackThatIsNotWaste() external {
        uint256 packId = registerPack("a", recycler);
        vm.startPrank(recycler);
        _expectWrongStatus(packId, Status.Original);
        pack.recycle(packId, LOT, MASS, _outputs(), 20_001);
        pack.markLost(packId);
        _expectWrongStatus(packId, Status.Lost);
        pack.recycle(packId, LOT, MASS, _outputs(), 20_001);
        vm.stopPrank();
    }

    function test_RevertWhen_RecycleTwice() external {
        uint256 packId = _recycledPack();
        _expectWrongStatus(packId, Status.Recycled);
        vm.prank(recycler);
        pack.recycle(packId, LOT, MASS, _outputs(), 20_001);
    }

    function test_RevertWhen_RecycleIntoTooManyOutputs() external {
        uint256 packId = _wastePack("a", recycler);
        _expectBadLength(17, 16);
        vm.prank(recycler);
        pack.recycle(packId, LOT, MASS, new RecyclingOutput[](17), MASS);
    }

    function test_RevertWhen_RecycleNoMass() external {
        uint256 packId = _wastePack("a", recycler);
        _expectBadData("massGrams", 0, 1);
        vm.prank(recycler);
        pack.recycle(packId, LOT, 0, new RecyclingOutput[](0), 0);
    }

    function test_RevertWhen_RecycledMassFallsShort() external {
        uint256 packId = _wastePack("a", recycler);
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackMassMismatch.selector, MASS, MASS - 1));
        vm.prank(recycler);
        pack.recycle(packId, LOT, MASS, _outputs(), 20_000);
    }

    function test_RevertWhen_RecycledMassExceeds() external {
        uint256 packId = _wastePack("a", recycler);
        RecyclingOutput[] memory outputs = new RecyclingOutput[](2);
        outputs[0].massGrams = type(uint64).max;
        outputs[1].massGrams = type(uint64).max;
        _expect(
            abi.encodeWithSelector(IBatteryPack.BatteryPackMassMismatch.selector, MASS, 3 * uint256(type(uint64).max))
        );
        vm.prank(recycler);
        pack.recycle(packId, LOT, MASS, outputs, type(uint64).max);
    }

    function test_RevertWhen_RecycleAndTelemetryRefuses() external {
        uint256 packId = _wastePack("a", recycler);
        telemetry.refuse();
        _expect(abi.encodeWithSelector(MockDeviceRegistry.MockDeviceRegistryRefused.selector));
        vm.prank(recycler);
        pack.recycle(packId, LOT, MASS, _outputs(), 20_001);
        assertStatus(packId, Status.Waste, "as before");
    }

    function test_Recycle() external {
        uint256 packId = registerPack("a", recycler);
        vm.startPrank(recycler);
        pack.setUser(packId, tenant, LATER);
        pack.markWaste(packId);
        _expectUser(packId, address(0), 0);
        _expectStatusChange(packId, Status.Waste, Status.Recycled);
        _expectEvent();
        emit IERC5192.Locked(packId);
        _expectEvent();
        // 279,999 of 400,000 grams: 6,999.975 basis points.
        emit IBatteryPack.Recycled(packId, LOT, MASS, 279_999, 20_001, 6_999, _outputs());
        pack.recycle(packId, LOT, MASS, _outputs(), 20_001);
        vm.stopPrank();
        assertTrue(pack.locked(packId), "tombstone");
        assertFalse(pack.mayCharge(packId), "charges no more");
        assertEq(pack.userOf(packId), address(0), "user cleared");
        assertEq(pack.ownerOf(packId), recycler, "owner stays");
        assertEq(pack.packOf(packId).passportRoot, packData("a").passportRoot, "reads stay");
        assertEq(telemetry.retired().length, 1, "device retired");
        assertEq(telemetry.retired()[0], packId, "that one");
    }

    function test_RecycleIntoLossByApprovalWithoutTelemetry() external {
        vm.prank(wiring);
        pack.setTelemetry(address(0));
        uint256 packId = _wastePack("a", alice);
        vm.prank(alice);
        pack.approve(recycler, packId);
        _expectEvent();
        emit IBatteryPack.Recycled(packId, LOT, 1, 0, 1, 0, new RecyclingOutput[](0));
        vm.prank(recycler);
        pack.recycle(packId, LOT, 1, new RecyclingOutput[](0), 1);
        assertStatus(packId, Status.Recycled, "status");
    }

    function test_RecycleIntoSixteenOutputs() external {
        uint256 packId = _wastePack("a", recycler);
        RecyclingOutput[] memory outputs = new RecyclingOutput[](16);
        for (uint256 i = 0; i < 16; ++i) {
            outputs[i] = RecyclingOutput({material: bytes32(i + 1), massGrams: type(uint32).max, recovered: true});
        }
        uint64 mass = 16 * uint64(type(uint32).max);
        _expectEvent();
        emit IBatteryPack.Recycled(packId, LOT, mass, mass, 0, 10_000, outputs);
        vm.prank(recycler);
        pack.recycle(packId, LOT, mass, outputs, 0);
    }

    // --- setLeaseBook
    // ├── caller is not BATTERY_WIRING: reverts
    // ├── unknown book closed, open book opened, closed book closed: reverts
    // ├── 256th book: reverts; books that have a number can still be opened
    // └── opened: numbered; closed: opens no lease, its leases run on; opened again: same number

    function test_RevertWhen_SetLeaseBookByStranger() external {
        _expectUnauthorized(stranger);
        vm.prank(stranger);
        pack.setLeaseBook(stranger, true);
    }

    function test_RevertWhen_SetLeaseBookUnchanged() external {
        vm.startPrank(wiring);
        _expectUnchanged(0);
        pack.setLeaseBook(stranger, false);
        _expectUnchanged(0);
        pack.setLeaseBook(address(book), true);
        pack.setLeaseBook(address(book), false);
        _expectUnchanged(0);
        pack.setLeaseBook(address(book), false);
        vm.stopPrank();
    }

    function test_RevertWhen_TooManyBooks() external {
        vm.startPrank(wiring);
        for (uint160 i = 2; i < 256; ++i) {
            pack.setLeaseBook(address(i), true);
        }
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackTooManyBooks.selector, 255));
        pack.setLeaseBook(stranger, true);
        pack.setLeaseBook(address(book), false);
        _expectEvent();
        emit IBatteryPack.LeaseBookSet(address(book), 1, true);
        pack.setLeaseBook(address(book), true);
        vm.stopPrank();
        approveBook(address(255));
        uint256 packId = registerPack("a", alice);
        vm.prank(address(255));
        pack.startTenancy(packId, alice, LEASE_ID, tenant, LATER);
        (address holder, ) = pack.leaseOf(packId);
        assertEq(holder, address(255), "last book leases");
    }

    function test_SetLeaseBookClosesAndOpens() external {
        uint256 leased = leasedPack("a");
        uint256 free = registerPack("b", alice);
        _expectEvent();
        emit IBatteryPack.LeaseBookSet(address(book), 1, false);
        vm.prank(wiring);
        pack.setLeaseBook(address(book), false);
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackNotOpenBook.selector, address(book)));
        startLease(free, alice);
        vm.startPrank(address(book));
        pack.updateTenancy(leased, bob, LATER);
        pack.endTenancy(leased, false);
        vm.stopPrank();
        _expectEvent();
        emit IBatteryPack.LeaseBookSet(address(book), 1, true);
        vm.prank(wiring);
        pack.setLeaseBook(address(book), true);
        startLease(free, alice);
        MockLeaseBook another = new MockLeaseBook();
        _expectEvent();
        emit IBatteryPack.LeaseBookSet(address(another), 2, true);
        vm.prank(wiring);
        pack.setLeaseBook(address(another), true);
    }

    // --- setTelemetry
    // ├── caller is not BATTERY_WIRING: reverts
    // ├── same contract: reverts
    // └── another, or none: event

    function test_RevertWhen_SetTelemetryByStranger() external {
        _expectUnauthorized(stranger);
        vm.prank(stranger);
        pack.setTelemetry(stranger);
    }

    function test_RevertWhen_SetTelemetryUnchanged() external {
        _expectUnchanged(0);
        vm.prank(wiring);
        pack.setTelemetry(address(telemetry));
    }

    function test_SetTelemetry() external {
        _expectEvent();
        emit IBatteryPack.TelemetrySet(address(telemetry), alice);
        vm.prank(wiring);
        pack.setTelemetry(alice);
        _expectEvent();
        emit IBatteryPack.TelemetrySet(alice, address(0));
        vm.prank(wiring);
        pack.setTelemetry(address(0));
    }

    // --- startTenancy
    // ├── caller is not an open book: reverts
    // ├── unknown pack: reverts
    // ├── pack retired, waste or lost: reverts
    // ├── pack leased, by this book or another: reverts
    // ├── lessor does not own the pack: reverts
    // ├── owner has not approved the book: reverts
    // └── good, in every usable status: user and lease held, a user set by the owner replaced

    function test_RevertWhen_StartTenancyByStranger() external {
        uint256 packId = registerPack("a", alice);
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackNotOpenBook.selector, stranger));
        vm.prank(stranger);
        pack.startTenancy(packId, alice, LEASE_ID, tenant, LATER);
    }

    function test_RevertWhen_StartTenancyOfUnknownPack() external {
        _expectNonexistent(5);
        startLease(5, address(0));
    }

    function testFuzz_RevertWhen_StartTenancyOfRetiredPack(bool recycled) external {
        (uint256 packId, Status status, address owner) = _retired(recycled);
        _expectRetired(packId, status);
        startLease(packId, owner);
    }

    function test_RevertWhen_StartTenancyOfWasteOrLostPack() external {
        uint256 packId = registerPack("a", alice);
        vm.prank(alice);
        pack.markWaste(packId);
        _expectWrongStatus(packId, Status.Waste);
        startLease(packId, alice);
        vm.prank(alice);
        pack.markLost(packId);
        _expectWrongStatus(packId, Status.Lost);
        startLease(packId, alice);
    }

    function test_RevertWhen_StartTenancyOfLeasedPack() external {
        uint256 packId = leasedPack("a");
        _expectLeased(packId);
        startLease(packId, alice);
        vm.prank(wiring);
        pack.setLeaseBook(stranger, true);
        _expectLeased(packId);
        vm.prank(stranger);
        pack.startTenancy(packId, alice, 1, tenant, LATER);
    }

    function test_RevertWhen_StartTenancyByWrongLessor() external {
        uint256 packId = registerPack("a", alice);
        _expect(abi.encodeWithSelector(IBatteryPack.BatteryPackNotLessor.selector, packId, bob, alice));
        startLease(packId, bob);
    }

    function test_RevertWhen_StartTenancyByBookThatTheOwnerDidNotApprove() external {
        uint256 packId = registerPack("a", alice);
        vm.prank(alice);
        pack.setApprovalForAll(address(book), false);
        _expect(abi.encodeWithSelector(IERC721Errors.ERC721InsufficientApproval.selector, address(book), packId));
        startLease(packId, alice);
        vm.prank(alice);
        pack.approve(address(book), packId);
        startLease(packId, alice);
        assertEq(pack.tenantOf(packId), tenant, "an approval for one pack serves");
    }

    function test_TenantOutlivesHisTime() external {
        uint256 packId = registerPack("a", alice);
        assertEq(pack.tenantOf(packId), address(0), "not leased");
        vm.prank(alice);
        pack.setUser(packId, bob, LATER);
        assertEq(pack.tenantOf(packId), address(0), "a user without lease is no tenant");
        startLease(packId, alice);
        vm.warp(uint256(LATER) + 1);
        assertEq(pack.userOf(packId), address(0), "user lapsed");
        assertEq(pack.tenantOf(packId), tenant, "tenant stays");
        vm.prank(address(book));
        pack.endTenancy(packId, false);
        assertEq(pack.tenantOf(packId), address(0), "ended");
    }

    function test_StartTenancy() external {
        uint256 packId = registerPack("a", alice);
        vm.prank(alice);
        pack.setUser(packId, bob, LATER + 1);
        _expectEvent();
        emit IBatteryPack.TenancyStarted(packId, address(book), LEASE_ID);
        _expectUser(packId, tenant, LATER);
        startLease(packId, alice);
        assertEq(pack.userOf(packId), tenant, "user");
        assertEq(pack.userExpires(packId), LATER, "expires");
        (address holder, uint256 leaseId) = pack.leaseOf(packId);
        assertEq(holder, address(book), "book");
        assertEq(leaseId, LEASE_ID, "lease");
        assertEq(pack.ownerOf(packId), alice, "owner");
        _assertSale(pack.pendingSale(packId), address(0), 0);
    }

    function test_StartTenancyInEveryUsableStatus() external {
        for (uint256 i = uint256(Status.Reused); i <= uint256(Status.Remanufactured); ++i) {
            uint256 old = registerPack(string.concat("old ", vm.toString(i)), refitter);
            PackData memory data = packData(string.concat("new ", vm.toString(i)));
            vm.prank(refitter);
            uint256 packId = pack.repurpose(_list(old), alice, data, Status(i));
            startLease(packId, alice);
            assertStatus(packId, Status(i), "status");
            assertEq(pack.userOf(packId), tenant, "user");
        }
    }

    // --- updateTenancy
    // ├── caller is not the book that holds the pack, or the pack is not leased: reverts
    // ├── nothing changes: no event
    // ├── user or expiry changes: stored, event; user zero has no expiry
    // └── sale pending: returned and forgotten

    function test_RevertWhen_UpdateTenancyByStranger() external {
        uint256 packId = leasedPack("a");
        _expectNotItsBook(packId, stranger);
        vm.prank(stranger);
        pack.updateTenancy(packId, stranger, LATER);
    }

    function test_RevertWhen_UpdateTenancyByAnotherBook() external {
        uint256 packId = leasedPack("a");
        vm.prank(wiring);
        pack.setLeaseBook(stranger, true);
        _expectNotItsBook(packId, stranger);
        vm.prank(stranger);
        pack.updateTenancy(packId, stranger, LATER);
    }

    function test_RevertWhen_UpdateTenancyOfUnleasedPack() external {
        uint256 packId = registerPack("a", alice);
        _expectNotItsBook(packId, address(book));
        vm.prank(address(book));
        pack.updateTenancy(packId, tenant, LATER);
    }

    function test_UpdateTenancyThatChangesNothingIsSilent() external {
        uint256 packId = leasedPack("a");
        vm.recordLogs();
        vm.prank(address(book));
        _assertSale(pack.updateTenancy(packId, tenant, LATER), address(0), 0);
        assertEq(_countLogs(IERC4907.UpdateUser.selector), 0, "no event");
        assertEq(pack.userOf(packId), tenant, "user");
    }

    function test_UpdateTenancyChangesExpiryAndUser() external {
        uint256 packId = leasedPack("a");
        _expectUser(packId, tenant, LATER + 1);
        vm.prank(address(book));
        pack.updateTenancy(packId, tenant, LATER + 1);
        _expectUser(packId, bob, LATER + 1);
        vm.prank(address(book));
        pack.updateTenancy(packId, bob, LATER + 1);
        _expectUser(packId, address(0), 0);
        vm.prank(address(book));
        pack.updateTenancy(packId, address(0), LATER);
        assertEq(pack.userExpires(packId), 0, "no expiry without user");
        assertFalse(pack.mayCharge(packId), "leased, nobody's turn");
        (address holder, uint256 leaseId) = pack.leaseOf(packId);
        assertEq(holder, address(book), "still leased");
        assertEq(leaseId, LEASE_ID, "same lease");
    }

    function test_UpdateTenancyReturnsSaleOnce() external {
        uint256 packId = leasedPack("a");
        vm.warp(EPOCH + 5);
        transfer(alice, bob, packId);
        vm.startPrank(address(book));
        _assertSale(pack.updateTenancy(packId, tenant, LATER), alice, EPOCH + 5);
        _assertSale(pack.updateTenancy(packId, tenant, LATER), address(0), 0);
        vm.stopPrank();
        _assertSale(pack.pendingSale(packId), address(0), 0);
        (address holder, ) = pack.leaseOf(packId);
        assertEq(holder, address(book), "still leased");
    }

    // --- takeSale
    // ├── caller is not the book that holds the pack: reverts
    // ├── none pending: owner and zero
    // └── pending: owner and sale, then forgotten

    function test_RevertWhen_TakeSaleByOwner() external {
        uint256 packId = leasedPack("a");
        _expectNotItsBook(packId, alice);
        vm.prank(alice);
        pack.takeSale(packId);
    }

    function test_TakeSaleReturnsItOnce() external {
        uint256 packId = leasedPack("a");
        vm.prank(address(book));
        (address owner, Sale memory sale) = pack.takeSale(packId);
        assertEq(owner, alice, "owner before");
        _assertSale(sale, address(0), 0);
        transfer(alice, bob, packId);
        vm.prank(address(book));
        (owner, sale) = pack.takeSale(packId);
        assertEq(owner, bob, "owner after");
        _assertSale(sale, alice, EPOCH);
        _assertSale(pack.pendingSale(packId), address(0), 0);
    }

    // --- endTenancy
    // ├── caller is not the book that holds the pack: reverts
    // ├── not lost: free, user cleared, sale returned
    // └── lost: also lost

    function test_RevertWhen_EndTenancyByStranger() external {
        uint256 packId = leasedPack("a");
        _expectNotItsBook(packId, stranger);
        vm.prank(stranger);
        pack.endTenancy(packId, false);
    }

    function test_EndTenancy() external {
        uint256 packId = leasedPack("a");
        transfer(alice, bob, packId);
        _expectEvent();
        emit IBatteryPack.TenancyEnded(packId, address(book), LEASE_ID);
        _expectUser(packId, address(0), 0);
        vm.prank(address(book));
        (address owner, Sale memory sale) = pack.endTenancy(packId, false);
        assertEq(owner, bob, "owner");
        _assertSale(sale, alice, EPOCH);
        _assertSale(pack.pendingSale(packId), address(0), 0);
        (address holder, uint256 leaseId) = pack.leaseOf(packId);
        assertEq(holder, address(0), "no book");
        assertEq(leaseId, 0, "no lease");
        assertEq(pack.userOf(packId), address(0), "no user");
        assertEq(pack.userExpires(packId), 0, "no expiry");
        assertTrue(pack.mayCharge(packId), "charges for its owner");
        assertStatus(packId, Status.Original, "status");
        startLease(packId, bob);
        _expectNotItsBook(packId, stranger);
        vm.prank(stranger);
        pack.endTenancy(packId, false);
    }

    function test_EndTenancyOfLostPack() external {
        uint256 packId = leasedPack("a");
        _expectEvent();
        emit IBatteryPack.TenancyEnded(packId, address(book), LEASE_ID);
        _expectUser(packId, address(0), 0);
        _expectStatusChange(packId, Status.Original, Status.Lost);
        vm.prank(address(book));
        (address owner, Sale memory sale) = pack.endTenancy(packId, true);
        assertEq(owner, alice, "owner");
        _assertSale(sale, address(0), 0);
        assertStatus(packId, Status.Lost, "status");
        assertFalse(pack.mayCharge(packId), "charges no more");
        (address holder, ) = pack.leaseOf(packId);
        assertEq(holder, address(0), "no book");
    }

    // --- sellToTenant
    // ├── caller is not the book that holds the pack: reverts
    // ├── buyer zero: reverts
    // └── good: free, buyer's, no sale noted, earlier sale returned, buyer not called; buyer may be the owner already

    function test_RevertWhen_SellToTenantByStranger() external {
        uint256 packId = leasedPack("a");
        _expectNotItsBook(packId, stranger);
        vm.prank(stranger);
        pack.sellToTenant(packId, stranger);
    }

    function test_RevertWhen_SellToTenantAfterLease() external {
        uint256 packId = leasedPack("a");
        vm.startPrank(address(book));
        pack.endTenancy(packId, false);
        _expectNotItsBook(packId, address(book));
        pack.sellToTenant(packId, tenant);
        vm.stopPrank();
    }

    function test_RevertWhen_SellToNobody() external {
        uint256 packId = leasedPack("a");
        _expect(abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(0)));
        vm.prank(address(book));
        pack.sellToTenant(packId, address(0));
    }

    function test_SellToTenant() external {
        uint256 packId = leasedPack("a");
        vm.warp(EPOCH + 9);
        transfer(alice, bob, packId);
        _expectEvent();
        emit IBatteryPack.TenancyEnded(packId, address(book), LEASE_ID);
        _expectUser(packId, address(0), 0);
        _expectEvent();
        emit IERC721.Transfer(bob, tenant, packId);
        vm.prank(address(book));
        (address owner, Sale memory sale) = pack.sellToTenant(packId, tenant);
        assertEq(owner, bob, "owner until now");
        _assertSale(sale, alice, EPOCH + 9);
        _assertSale(pack.pendingSale(packId), address(0), 0);
        assertEq(pack.ownerOf(packId), tenant, "owner");
        assertEq(pack.balanceOf(bob), 0, "seller's balance");
        assertEq(pack.balanceOf(tenant), 1, "buyer's balance");
        assertEq(book.noticeCount(), 0, "book not called");
        (address holder, ) = pack.leaseOf(packId);
        assertEq(holder, address(0), "no book");
    }

    function test_SellToTenantDoesNotCallBuyer() external {
        uint256 packId = leasedPack("a");
        HostileReceiver buyer = new HostileReceiver();
        vm.prank(address(book));
        pack.sellToTenant(packId, address(buyer));
        assertEq(buyer.received(), 0, "not called");
        assertEq(pack.ownerOf(packId), address(buyer), "owner");
    }

    function test_SellToTenantWhoOwnsAlready() external {
        uint256 packId = leasedPack("a");
        transfer(alice, tenant, packId);
        vm.prank(address(book));
        (address owner, Sale memory sale) = pack.sellToTenant(packId, tenant);
        assertEq(owner, tenant, "owner until now");
        _assertSale(sale, alice, EPOCH);
        assertEq(pack.ownerOf(packId), tenant, "owner");
    }

    // --- transfers
    // ├── unknown pack, caller not approved, wrong owner named: as ERC-721
    // ├── retired: reverts for everybody, by every function
    // ├── not leased: user cleared with event; no user: no event; to oneself: nothing
    // └── leased: user stays
    //     ├── first sale: noted, book not called
    //     ├── to oneself: nothing noted
    //     ├── second sale: noted first, then book told of the first; both in one transaction as well
    //     ├── sale after the book has seen the one before: book not called
    //     ├── book takes the new sale while it is told of the old: nothing pending
    //     └── book refuses: reverts as a whole

    function test_RevertWhen_TransferUnknownPack() external {
        _expectNonexistent(5);
        vm.prank(alice);
        pack.transferFrom(alice, bob, 5);
    }

    function test_RevertWhen_TransferByStranger() external {
        uint256 packId = leasedPack("a");
        _expectInsufficientApproval(stranger, packId);
        vm.prank(stranger);
        pack.transferFrom(alice, stranger, packId);
    }

    function test_RevertWhen_TransferByTenant() external {
        uint256 packId = leasedPack("a");
        _expectInsufficientApproval(tenant, packId);
        vm.prank(tenant);
        pack.transferFrom(alice, tenant, packId);
        vm.prank(tenant);
        _expect(abi.encodeWithSelector(IERC721Errors.ERC721InvalidApprover.selector, tenant));
        pack.approve(tenant, packId);
    }

    function test_RevertWhen_TransferFromWrongOwner() external {
        uint256 packId = leasedPack("a");
        _expect(abi.encodeWithSelector(IERC721Errors.ERC721IncorrectOwner.selector, bob, packId, alice));
        vm.prank(alice);
        pack.transferFrom(bob, carol, packId);
        _assertSale(pack.pendingSale(packId), address(0), 0);
    }

    function testFuzz_RevertWhen_TransferRetiredPack(bool recycled, bool safe, bool approved) external {
        (uint256 packId, Status status, address owner) = _retired(recycled);
        vm.prank(owner);
        pack.approve(carol, packId);
        _expectRetired(packId, status);
        vm.prank(approved ? carol : owner);
        if (safe) {
            pack.safeTransferFrom(owner, bob, packId);
        } else {
            pack.transferFrom(owner, bob, packId);
        }
    }

    function test_TransferOfUnleasedPackClearsUser() external {
        uint256 packId = registerPack("a", alice);
        vm.prank(alice);
        pack.setUser(packId, tenant, LATER);
        _expectEvent();
        emit IERC721.Transfer(alice, bob, packId);
        _expectUser(packId, address(0), 0);
        transfer(alice, bob, packId);
        assertEq(pack.userOf(packId), address(0), "no user");
        assertEq(pack.userExpires(packId), 0, "no expiry");
        assertEq(pack.balanceOf(alice), 0, "seller's balance");
        assertEq(pack.balanceOf(bob), 1, "buyer's balance");
    }

    function test_TransferOfUnleasedPackWithoutUserIsQuiet() external {
        uint256 packId = registerPack("a", alice);
        vm.recordLogs();
        transfer(alice, bob, packId);
        assertEq(_countLogs(IERC4907.UpdateUser.selector), 0, "no event");
        _assertSale(pack.pendingSale(packId), address(0), 0);
    }

    function test_TransferOfUnleasedPackToOneselfKeepsUser() external {
        uint256 packId = registerPack("a", alice);
        vm.prank(alice);
        pack.setUser(packId, tenant, LATER);
        transfer(alice, alice, packId);
        assertEq(pack.userOf(packId), tenant, "user");
    }

    function test_TransferOfLeasedPackKeepsUserAndNotesSale() external {
        uint256 packId = leasedPack("a");
        vm.warp(EPOCH + 100);
        vm.recordLogs();
        transfer(alice, bob, packId);
        assertEq(_countLogs(IERC4907.UpdateUser.selector), 0, "no event");
        assertEq(pack.ownerOf(packId), bob, "owner");
        assertEq(pack.userOf(packId), tenant, "user");
        assertEq(pack.userExpires(packId), LATER, "expires");
        _assertSale(pack.pendingSale(packId), alice, EPOCH + 100);
        assertEq(book.noticeCount(), 0, "book not called");
        assertStatus(packId, Status.Original, "status");
        assertEq(pack.packOf(packId).operatorId, 1, "operator");
        (address holder, uint256 leaseId) = pack.leaseOf(packId);
        assertEq(holder, address(book), "book");
        assertEq(leaseId, LEASE_ID, "lease");
    }

    function test_TransferOfLeasedPackToOneselfNotesNothing() external {
        uint256 packId = leasedPack("a");
        transfer(alice, alice, packId);
        _assertSale(pack.pendingSale(packId), address(0), 0);
        transfer(alice, bob, packId);
        vm.warp(EPOCH + 1);
        transfer(bob, bob, packId);
        _assertSale(pack.pendingSale(packId), alice, EPOCH);
        assertEq(book.noticeCount(), 0, "book not called");
    }

    function test_SecondSaleOfLeasedPackTellsBookOfFirst() external {
        uint256 packId = leasedPack("a");
        book.react(packId, "");
        vm.warp(EPOCH + 10);
        transfer(alice, bob, packId);
        vm.warp(EPOCH + 20);
        transfer(bob, carol, packId);
        assertEq(book.noticeCount(), 1, "told once");
        MockLeaseBook.Notice memory notice = book.noticeAt(0);
        assertEq(notice.leaseId, LEASE_ID, "lease");
        assertEq(notice.seller, alice, "seller");
        assertEq(notice.soldAt, EPOCH + 10, "soldAt");
        _assertSale(notice.pending, bob, EPOCH + 20);
        _assertSale(pack.pendingSale(packId), bob, EPOCH + 20);
        assertEq(pack.userOf(packId), tenant, "user");
    }

    function test_SaleAfterBookSawEarlierOneDoesNotCallBook() external {
        uint256 packId = leasedPack("a");
        transfer(alice, bob, packId);
        vm.prank(address(book));
        pack.takeSale(packId);
        transfer(bob, carol, packId);
        assertEq(book.noticeCount(), 0, "book not called");
        _assertSale(pack.pendingSale(packId), bob, EPOCH);
    }

    function test_BookMayTakeNewSaleWhileToldOfOldOne() external {
        uint256 packId = leasedPack("a");
        book.react(packId, abi.encodeCall(IBatteryPack.takeSale, (packId)));
        transfer(alice, bob, packId);
        transfer(bob, carol, packId);
        _assertSale(book.noticeAt(0).pending, bob, EPOCH);
        _assertSale(pack.pendingSale(packId), address(0), 0);
        assertEq(pack.ownerOf(packId), carol, "owner");
    }

    function test_RevertWhen_BookRefusesSecondSale() external {
        uint256 packId = leasedPack("a");
        transfer(alice, bob, packId);
        book.refuse();
        vm.warp(EPOCH + 1);
        _expect(abi.encodeWithSelector(MockLeaseBook.MockLeaseBookRefused.selector));
        transfer(bob, carol, packId);
        assertEq(pack.ownerOf(packId), bob, "owner");
        _assertSale(pack.pendingSale(packId), alice, EPOCH);
    }

    function test_HostileBuyerSellsOnWhileItReceives() external {
        uint256 packId = leasedPack("a");
        HostileReceiver buyer = new HostileReceiver();
        buyer.react(abi.encodeCall(IERC721.transferFrom, (address(buyer), carol, packId)));
        vm.prank(alice);
        pack.safeTransferFrom(alice, address(buyer), packId);
        assertEq(pack.ownerOf(packId), carol, "owner");
        assertEq(pack.userOf(packId), tenant, "user");
        assertEq(book.noticeCount(), 1, "told of the first sale");
        assertEq(book.noticeAt(0).seller, alice, "first seller");
        _assertSale(pack.pendingSale(packId), address(buyer), EPOCH);
    }

    function test_RevertWhen_HostileBuyerEvictsWhileItReceives() external {
        uint256 packId = leasedPack("a");
        HostileReceiver buyer = new HostileReceiver();
        buyer.react(abi.encodeCall(IERC4907.setUser, (packId, address(0), 0)));
        _expectLeased(packId);
        vm.prank(alice);
        pack.safeTransferFrom(alice, address(buyer), packId);
        assertEq(pack.userOf(packId), tenant, "user");
        assertEq(pack.ownerOf(packId), alice, "owner");
    }

    function testFuzz_ChainOfSalesIsToldInOrder(uint8[8] calldata buyers, bool[8] calldata seen) external {
        address[4] memory people = [alice, bob, carol, stranger];
        uint256 packId = leasedPack("a");
        uint256 sales = 0;
        uint256 taken = 0;
        for (uint256 i = 0; i < buyers.length; ++i) {
            vm.warp(EPOCH + i);
            address from = pack.ownerOf(packId);
            address to = people[buyers[i] % 4];
            transfer(from, to, packId);
            if (from != to) ++sales;
            if (seen[i]) {
                vm.prank(address(book));
                (address owner, Sale memory sale) = pack.takeSale(packId);
                assertEq(owner, to, "owner");
                if (sale.seller != address(0)) ++taken;
            }
        }
        uint256 pending = pack.pendingSale(packId).seller == address(0) ? 0 : 1;
        assertEq(book.noticeCount() + taken + pending, sales, "every sale is told once");
        for (uint256 i = 1; i < book.noticeCount(); ++i) {
            assertLe(uint256(book.noticeAt(i - 1).soldAt) + 1, book.noticeAt(i).soldAt, "in order");
        }
        assertEq(pack.userOf(packId), tenant, "user");
    }

    // --- setUser, userOf, userExpires
    // ├── unknown pack, caller neither owner nor approved: reverts
    // ├── leased: reverts for the owner too
    // ├── retired: reverts
    // └── good: by owner, approved account or operator; valid until and including the last second; zero clears

    function test_RevertWhen_SetUserOfUnknownPack() external {
        _expectNonexistent(5);
        pack.setUser(5, tenant, LATER);
    }

    function test_RevertWhen_SetUserByStranger() external {
        uint256 packId = registerPack("a", alice);
        _expectInsufficientApproval(stranger, packId);
        vm.prank(stranger);
        pack.setUser(packId, stranger, LATER);
    }

    function test_RevertWhen_SetUserByUser() external {
        uint256 packId = registerPack("a", alice);
        vm.prank(alice);
        pack.setUser(packId, tenant, LATER);
        _expectInsufficientApproval(tenant, packId);
        vm.prank(tenant);
        pack.setUser(packId, stranger, LATER);
    }

    function test_RevertWhen_OwnerEvictsTenant() external {
        uint256 packId = leasedPack("a");
        _expectLeased(packId);
        vm.prank(alice);
        pack.setUser(packId, address(0), 0);
    }

    function test_RevertWhen_BuyerEvictsTenant() external {
        uint256 packId = leasedPack("a");
        transfer(alice, bob, packId);
        _expectLeased(packId);
        vm.prank(bob);
        pack.setUser(packId, bob, LATER);
    }

    function testFuzz_RevertWhen_SetUserOfRetiredPack(bool recycled) external {
        (uint256 packId, Status status, address owner) = _retired(recycled);
        _expectRetired(packId, status);
        vm.prank(owner);
        pack.setUser(packId, tenant, LATER);
    }

    function test_SetUserByOwnerApprovedAndOperator() external {
        uint256 packId = registerPack("a", alice);
        vm.startPrank(alice);
        _expectUser(packId, tenant, LATER);
        pack.setUser(packId, tenant, LATER);
        pack.approve(bob, packId);
        pack.setApprovalForAll(carol, true);
        vm.stopPrank();
        _expectUser(packId, bob, LATER + 1);
        vm.prank(bob);
        pack.setUser(packId, bob, LATER + 1);
        _expectUser(packId, carol, LATER + 2);
        vm.prank(carol);
        pack.setUser(packId, carol, LATER + 2);
        assertEq(pack.userOf(packId), carol, "user");
        assertEq(pack.userExpires(packId), LATER + 2, "expires");
        (address holder, uint256 leaseId) = pack.leaseOf(packId);
        assertEq(holder, address(0), "no book");
        assertEq(leaseId, 0, "no lease");
    }

    function test_SetUserToZeroClears() external {
        uint256 packId = registerPack("a", alice);
        vm.startPrank(alice);
        pack.setUser(packId, tenant, LATER);
        _expectUser(packId, address(0), 0);
        pack.setUser(packId, address(0), LATER);
        vm.stopPrank();
        assertEq(pack.userOf(packId), address(0), "no user");
        assertEq(pack.userExpires(packId), 0, "no expiry");
    }

    function testFuzz_UserIsValidToItsLastSecond(uint64 expiresSeed, uint256 atSeed) external {
        uint64 expires = uint64(bound(expiresSeed, EPOCH, type(uint40).max - 1));
        uint256 time = bound(atSeed, EPOCH, expires);
        uint256 packId = registerPack("a", alice);
        vm.prank(alice);
        pack.setUser(packId, tenant, expires);
        vm.warp(time);
        assertEq(pack.userOf(packId), tenant, "until then");
        vm.warp(expires);
        assertEq(pack.userOf(packId), tenant, "last second");
        vm.warp(uint256(expires) + 1);
        assertEq(pack.userOf(packId), address(0), "over");
        assertEq(pack.userExpires(packId), expires, "expiry stays");
    }

    // --- views
    // ├── packOf, locked: unknown pack reverts; locked is true for recycled and superseded only
    // ├── leaseOf, pendingSale, userOf, userExpires, predecessorsOf, successorOf, mayCharge: zero for an unknown pack
    // └── mayCharge: leased and paid for, or not leased and alive

    function test_RevertWhen_ReadingUnknownPack() external {
        _expectNonexistent(5);
        pack.packOf(5);
        _expectNonexistent(5);
        pack.locked(5);
    }

    function test_UnknownPackReadsAsZero() external view {
        (address holder, uint256 leaseId) = pack.leaseOf(5);
        assertEq(holder, address(0), "book");
        assertEq(leaseId, 0, "lease");
        _assertSale(pack.pendingSale(5), address(0), 0);
        assertEq(pack.userOf(5), address(0), "user");
        assertEq(pack.userExpires(5), 0, "expires");
        assertEq(pack.predecessorsOf(5).length, 0, "predecessors");
        assertEq(pack.successorOf(5), 0, "successor");
        assertFalse(pack.mayCharge(5), "charges");
        assertEq(pack.operatorAccount(5), address(0), "operator");
    }

    function test_LockedOnlyAsTombstone() external {
        uint256 packId = registerPack("a", alice);
        assertFalse(pack.locked(packId), "original");
        vm.prank(alice);
        pack.markLost(packId);
        assertFalse(pack.locked(packId), "lost");
        assertTrue(pack.locked(_recycledPack()), "recycled");
        assertTrue(pack.locked(_supersededPack()), "superseded");
        assertFalse(pack.locked(idOf(packData("heir"))), "heir");
    }

    function test_MayChargeFollowsUserOfLeasedPack() external {
        uint256 packId = leasedPack("a");
        vm.warp(LATER);
        assertTrue(pack.mayCharge(packId), "last second");
        vm.warp(uint256(LATER) + 1);
        assertFalse(pack.mayCharge(packId), "over");
        vm.prank(address(book));
        pack.endTenancy(packId, false);
        assertTrue(pack.mayCharge(packId), "free again");
    }
}
