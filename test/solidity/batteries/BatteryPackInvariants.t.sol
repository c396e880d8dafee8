// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BatteryCredentials} from "../../../contracts/batteries/BatteryCredentials.sol";
import {BatteryPack} from "../../../contracts/batteries/BatteryPack.sol";
import {Category, Pack, PackData, RecyclingOutput, Sale, Status} from "../../../contracts/batteries/IBatteryPack.sol";
import {Standing} from "../../../contracts/identity/ICredentials.sol";
import {MockLeaseBook} from "../../../contracts/mocks/MockLeaseBook.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {BatteryPackFixture} from "./BatteryPackFixture.sol";

/// @notice What the handler expects of a pack.
struct Expected {
    bytes32 serialHash;
    address owner;
    Status status;
    bool leased;
    address user;
    uint64 expires;
    uint256 successorId;
    uint256 pendingSales;
}

/// @notice Acts on packs at random, lawfully or not, and keeps its own account of what should have become of them.
/// @dev An act that must fail is tried all the same: {faults} counts acts that went through and should not have, or
/// the other way round.
contract BatteryPackHandler is CivitasTest {
    uint256 private constant PEOPLE = 4;
    uint256 private constant MOST_PACKS = 12;
    uint64 private constant MASS = 1_000;

    BatteryPack private immutable _pack;
    MockLeaseBook private immutable _book;

    address[PEOPLE] private _people;
    uint256[] private _ids;
    mapping(uint256 packId => Expected expected) private _expected;
    uint256 private _serials;

    /// @notice Acts whose success was not as expected.
    uint256 public faults;
    /// @notice First act whose success was not as expected.
    string public firstFault;
    /// @notice Sales of leased packs.
    uint256 public leasedSales;
    /// @notice Sales that the book took from the pack contract.
    uint256 public takenSales;

    /// @param pack The pack contract. The handler's first person is its operator and its recycler.
    /// @param book Its open lease book.
    /// @param people_ Owners, users and strangers.
    constructor(BatteryPack pack, MockLeaseBook book, address[PEOPLE] memory people_) {
        (_pack, _book, _people) = (pack, book, people_);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            vm.prank(people_[i]);
            pack.setApprovalForAll(address(book), true);
            _register(people_[i]);
        }
    }

    // --- acts

    function register(uint256 ownerSeed) external {
        if (_ids.length < MOST_PACKS) _register(_person(ownerSeed));
    }

    function registerAgain(uint256 packSeed) external {
        uint256 packId = _pick(packSeed);
        _act(
            _people[0],
            abi.encodeCall(_pack.register, (_people[0], _data(_expected[packId].serialHash))),
            false,
            "again"
        );
    }

    function transfer(uint256 packSeed, uint256 callerSeed, uint256 toSeed) external {
        uint256 packId = _pick(packSeed);
        Expected storage e = _expected[packId];
        address caller = _mostlyOwner(callerSeed, e.owner);
        address to = _person(toSeed);
        bool lawful = caller == e.owner && !_isRetired(e.status);
        if (!_act(caller, abi.encodeCall(_pack.transferFrom, (e.owner, to, packId)), lawful, "transfer")) return;
        if (e.owner == to) return;
        if (e.leased) {
            ++leasedSales;
            e.pendingSales = 1;
        } else {
            (e.user, e.expires) = (address(0), 0);
        }
        e.owner = to;
    }

    function setUser(uint256 packSeed, uint256 callerSeed, uint256 userSeed, uint64 expiresSeed) external {
        uint256 packId = _pick(packSeed);
        Expected storage e = _expected[packId];
        address caller = _mostlyOwner(callerSeed, e.owner);
        (address user, uint64 expires) = (_person(userSeed), _expiry(expiresSeed));
        bool lawful = caller == e.owner && !_isRetired(e.status) && !e.leased;
        if (!_act(caller, abi.encodeCall(_pack.setUser, (packId, user, expires)), lawful, "setUser")) return;
        (e.user, e.expires) = (user, expires);
    }

    function startTenancy(uint256 packSeed, uint256 callerSeed, uint256 userSeed, uint64 expiresSeed) external {
        uint256 packId = _pick(packSeed);
        Expected storage e = _expected[packId];
        address caller = _mostlyBook(callerSeed);
        (address user, uint64 expires) = (_person(userSeed), _expiry(expiresSeed));
        bool usable = e.status >= Status.Original && e.status <= Status.Remanufactured;
        bytes memory data = abi.encodeCall(_pack.startTenancy, (packId, e.owner, 1, user, expires));
        if (!_act(caller, data, caller == address(_book) && usable && !e.leased, "startTenancy")) return;
        (e.leased, e.user, e.expires) = (true, user, expires);
    }

    function updateTenancy(uint256 packSeed, uint256 callerSeed, uint256 userSeed, uint64 expiresSeed) external {
        uint256 packId = _pick(packSeed);
        Expected storage e = _expected[packId];
        address caller = _mostlyBook(callerSeed);
        (address user, uint64 expires) = (_person(userSeed), _expiry(expiresSeed));
        bytes memory data = abi.encodeCall(_pack.updateTenancy, (packId, user, expires));
        if (!_act(caller, data, caller == address(_book) && e.leased, "updateTenancy")) return;
        (e.user, e.expires) = (user, expires);
        _take(e);
    }

    function takeSale(uint256 packSeed, uint256 callerSeed) external {
        uint256 packId = _pick(packSeed);
        Expected storage e = _expected[packId];
        address caller = _mostlyBook(callerSeed);
        bool lawful = caller == address(_book) && e.leased;
        if (_act(caller, abi.encodeCall(_pack.takeSale, (packId)), lawful, "takeSale")) _take(e);
    }

    function endTenancy(uint256 packSeed, uint256 callerSeed, bool lost) external {
        uint256 packId = _pick(packSeed);
        Expected storage e = _expected[packId];
        address caller = _mostlyBook(callerSeed);
        bool lawful = caller == address(_book) && e.leased;
        if (!_act(caller, abi.encodeCall(_pack.endTenancy, (packId, lost)), lawful, "endTenancy")) return;
        (e.leased, e.user, e.expires) = (false, address(0), 0);
        if (lost) e.status = Status.Lost;
        _take(e);
    }

    function sellToTenant(uint256 packSeed, uint256 callerSeed, uint256 buyerSeed) external {
        uint256 packId = _pick(packSeed);
        Expected storage e = _expected[packId];
        address caller = _mostlyBook(callerSeed);
        address buyer = _person(buyerSeed);
        bool lawful = caller == address(_book) && e.leased;
        if (!_act(caller, abi.encodeCall(_pack.sellToTenant, (packId, buyer)), lawful, "sellToTenant")) return;
        (e.leased, e.user, e.expires, e.owner) = (false, address(0), 0, buyer);
        _take(e);
    }

    function mark(uint256 packSeed, uint256 callerSeed, bool lost) external {
        uint256 packId = _pick(packSeed);
        Expected storage e = _expected[packId];
        address caller = _mostlyOwner(callerSeed, e.owner);
        Status status = lost ? Status.Lost : Status.Waste;
        bool lawful = caller == e.owner && !_isRetired(e.status) && !e.leased && e.status != status;
        bytes memory data = lost ? abi.encodeCall(_pack.markLost, (packId)) : abi.encodeCall(_pack.markWaste, (packId));
        if (_act(caller, data, lawful, "mark")) e.status = status;
    }

    function recycle(uint256 packSeed, uint256 recoveredSeed) external {
        uint256 packId = _pick(packSeed);
        Expected storage e = _expected[packId];
        RecyclingOutput[] memory outputs = new RecyclingOutput[](1);
        outputs[0].massGrams = uint64(bound(recoveredSeed, 0, MASS));
        bytes memory data = abi.encodeCall(
            _pack.recycle,
            (packId, bytes32(packId), MASS, outputs, MASS - outputs[0].massGrams)
        );
        bool lawful = e.owner == _people[0] && e.status == Status.Waste;
        if (!_act(_people[0], data, lawful, "recycle")) return;
        (e.status, e.user, e.expires) = (Status.Recycled, address(0), 0);
    }

    function repurpose(uint256 packSeed, uint256 otherSeed, uint256 ownerSeed) external {
        if (_ids.length >= MOST_PACKS) return;
        uint256[] memory ids = new uint256[](2);
        (ids[0], ids[1]) = (_pick(packSeed), _pick(otherSeed));
        PackData memory data = _data(_nextSerial());
        bool lawful = ids[0] != ids[1] && _canBeSuperseded(ids[0]) && _canBeSuperseded(ids[1]);
        address owner = _person(ownerSeed);
        bytes memory call = abi.encodeCall(_pack.repurpose, (ids, owner, data, Status.Repurposed));
        if (!_act(_people[0], call, lawful, "repurpose")) return;
        uint256 packId = uint256(data.serialHash) >> 192;
        _note(packId, data.serialHash, owner, Status.Repurposed);
        for (uint256 i = 0; i < 2; ++i) {
            Expected storage e = _expected[ids[i]];
            (e.status, e.user, e.expires, e.successorId) = (Status.Superseded, address(0), 0, packId);
        }
    }

    function wait(uint256 secondsSeed) external {
        vm.warp(block.timestamp + bound(secondsSeed, 0, 10 days));
    }

    // --- views

    function packIds() external view returns (uint256[] memory ids) {
        return _ids;
    }

    function expectedOf(uint256 packId) external view returns (Expected memory expected) {
        return _expected[packId];
    }

    function people() external view returns (address[PEOPLE] memory accounts) {
        return _people;
    }

    // --- internals

    function _register(address owner) private {
        PackData memory data = _data(_nextSerial());
        if (_act(_people[0], abi.encodeCall(_pack.register, (owner, data)), true, "register")) {
            _note(uint256(data.serialHash) >> 192, data.serialHash, owner, Status.Original);
        }
    }

    function _note(uint256 packId, bytes32 serialHash, address owner, Status status) private {
        _ids.push(packId);
        Expected storage e = _expected[packId];
        (e.serialHash, e.owner, e.status) = (serialHash, owner, status);
    }

    function _take(Expected storage e) private {
        takenSales += e.pendingSales;
        e.pendingSales = 0;
    }

    function _act(address caller, bytes memory data, bool lawful, string memory name) private returns (bool done) {
        vm.prank(caller);
        (done, ) = address(_pack).call(data);
        if (done == lawful) return done;
        if (faults == 0) firstFault = name;
        ++faults;
    }

    function _canBeSuperseded(uint256 packId) private view returns (bool can) {
        Expected storage e = _expected[packId];
        return e.owner == _people[0] && !e.leased && !_isRetired(e.status);
    }

    function _isRetired(Status status) private pure returns (bool retired) {
        return status == Status.Recycled || status == Status.Superseded;
    }

    function _nextSerial() private returns (bytes32 serialHash) {
        return keccak256(abi.encode("serial", ++_serials));
    }

    function _data(bytes32 serialHash) private pure returns (PackData memory data) {
        return
            PackData({
                serialHash: serialHash,
                passportRoot: keccak256(abi.encode(serialHash)),
                device: address(uint160(uint256(serialHash))),
                ratedWh: 1,
                ratedPowerW: 0,
                madeOnDay: 1,
                category: Category.LightMeansOfTransport
            });
    }

    function _pick(uint256 seed) private view returns (uint256 packId) {
        return _ids[seed % _ids.length];
    }

    function _person(uint256 seed) private view returns (address account) {
        return _people[seed % PEOPLE];
    }

    /// @dev Three times of four the owner, otherwise anybody.
    function _mostlyOwner(uint256 seed, address owner) private view returns (address account) {
        return seed % 4 == 0 ? _person(seed / 4) : owner;
    }

    function _mostlyBook(uint256 seed) private view returns (address account) {
        return seed % 4 == 0 ? _person(seed / 4) : address(_book);
    }

    function _expiry(uint64 seed) private view returns (uint64 expires) {
        return uint64(bound(seed, block.timestamp, block.timestamp + 20 days));
    }
}

/// @notice Invariants of battery packs under acts at random:
/// P1 a recycled or superseded pack never leaves that state, is locked, has no user and never moves;
/// P2 the supported interfaces never change;
/// P3 while a pack is leased, only the book changes its user; otherwise only its owner and its transfer do;
/// P4 a pack's id is the first 64 bits of its serial hash;
/// P5 predecessor and successor links agree;
/// P6 every sale of a leased pack reaches the book once: told, taken or pending;
/// P7 every act succeeds when it may and fails when it may not, and owners add up.
contract BatteryPackInvariants is BatteryPackFixture {
    BatteryPackHandler private _handler;

    function setUp() public override {
        super.setUp();
        credentials.set(BatteryCredentials.BATTERY_RECYCLER, maker, Standing.Current);
        _handler = new BatteryPackHandler(pack, book, [maker, alice, bob, carol]);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev One campaign for all seven, because each act costs the same however many are checked after it.
    function invariant_P1_P7_PacksStandAsExpected() external view {
        uint256[] memory ids = _handler.packIds();
        uint256 pending = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            Expected memory expected = _handler.expectedOf(ids[i]);
            Pack memory stored = pack.packOf(ids[i]);
            _checkP1RetiredPacksRest(ids[i], expected, stored.status);
            _checkP3OnlyTheBookChangesTheUser(ids[i], expected);
            _checkP4IdIsOfTheSerial(ids[i], expected.serialHash, stored);
            _checkP5LinksAgree(ids[i], expected);
            _checkP6PendingSale(ids[i], expected.pendingSales);
            assertEq(pack.ownerOf(ids[i]), expected.owner, "P7 owner");
            pending += expected.pendingSales;
        }
        _checkP2InterfacesAreStable();
        assertEq(book.noticeCount() + _handler.takenSales() + pending, _handler.leasedSales(), "P6 sales");
        _checkP7ActsSucceedWhenTheyMay(ids.length);
    }

    function _checkP1RetiredPacksRest(uint256 packId, Expected memory expected, Status status) private view {
        assertEq(uint256(status), uint256(expected.status), "P1 status");
        bool retired = expected.status == Status.Recycled || expected.status == Status.Superseded;
        assertEq(pack.locked(packId) ? 1 : 0, retired ? 1 : 0, "P1 locked");
        if (!retired) return;
        assertEq(pack.ownerOf(packId), expected.owner, "P1 owner");
        assertEq(pack.userOf(packId), address(0), "P1 user");
        assertFalse(pack.mayCharge(packId), "P1 charges");
        (address holder, ) = pack.leaseOf(packId);
        assertEq(holder, address(0), "P1 book");
    }

    function _checkP2InterfacesAreStable() private view {
        bytes4[6] memory interfaceIds = [
            bytes4(0x01ffc9a7),
            bytes4(0x80ac58cd),
            bytes4(0x5b5e139f),
            bytes4(0x49064906),
            bytes4(0xad092b5c),
            bytes4(0xb45a3c0e)
        ];
        for (uint256 i = 0; i < interfaceIds.length; ++i) {
            assertTrue(pack.supportsInterface(interfaceIds[i]), "P2 supported");
        }
        assertFalse(pack.supportsInterface(0xffffffff), "P2 invalid id");
    }

    function _checkP3OnlyTheBookChangesTheUser(uint256 packId, Expected memory expected) private view {
        (address holder, uint256 leaseId) = pack.leaseOf(packId);
        assertEq(holder, expected.leased ? address(book) : address(0), "P3 book");
        assertEq(leaseId, expected.leased ? 1 : 0, "P3 lease");
        assertEq(pack.userExpires(packId), expected.expires, "P3 expires");
        address user = expected.expires >= block.timestamp ? expected.user : address(0);
        assertEq(pack.userOf(packId), user, "P3 user");
    }

    function _checkP4IdIsOfTheSerial(uint256 packId, bytes32 serialHash, Pack memory stored) private pure {
        assertEq(packId, uint64(bytes8(serialHash)), "P4 id");
        assertEq(stored.passportRoot, keccak256(abi.encode(serialHash)), "P4 passport of that serial");
        assertEq(stored.device, address(uint160(uint256(serialHash))), "P4 device of that serial");
    }

    function _checkP5LinksAgree(uint256 packId, Expected memory expected) private view {
        uint256 successorId = pack.successorOf(packId);
        assertEq(successorId, expected.successorId, "P5 successor");
        assertEq(successorId != 0 ? 1 : 0, expected.status == Status.Superseded ? 1 : 0, "P5 superseded");
        if (successorId != 0) {
            uint256 found = 0;
            uint256[] memory siblings = pack.predecessorsOf(successorId);
            for (uint256 i = 0; i < siblings.length; ++i) {
                if (siblings[i] == packId) ++found;
            }
            assertEq(found, 1, "P5 named once by its successor");
        }
        uint256[] memory predecessorIds = pack.predecessorsOf(packId);
        for (uint256 i = 0; i < predecessorIds.length; ++i) {
            assertEq(pack.successorOf(predecessorIds[i]), packId, "P5 successor of a predecessor");
        }
    }

    function _checkP6PendingSale(uint256 packId, uint256 expected) private view {
        Sale memory sale = pack.pendingSale(packId);
        assertEq(sale.seller != address(0) ? 1 : 0, expected, "P6 pending");
        assertEq(sale.soldAt != 0 ? 1 : 0, expected, "P6 instant");
    }

    function _checkP7ActsSucceedWhenTheyMay(uint256 packCount) private view {
        assertEq(_handler.faults(), 0, string.concat("P7 ", _handler.firstFault()));
        uint256 total = 0;
        address[4] memory people = _handler.people();
        for (uint256 i = 0; i < people.length; ++i) {
            total += pack.balanceOf(people[i]);
        }
        assertEq(total, packCount, "P7 balances");
    }
}
