// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ICredentials, Standing} from "../identity/ICredentials.sol";
import {BatteryCredentials} from "./BatteryCredentials.sol";
import {
    Attribute,
    Category,
    IBatteryPack,
    Pack,
    PackData,
    RatingPlate,
    RecyclingOutput,
    Sale,
    Status
} from "./IBatteryPack.sol";
import {IDeviceRegistry} from "./IDeviceRegistry.sol";
import {IERC4907} from "./IERC4907.sol";
import {IERC5192} from "./IERC5192.sol";
import {ILeaseBook} from "./ILeaseBook.sol";
import {MassBalance} from "./MassBalance.sol";
import {
    Batch,
    Book,
    Device,
    DeviceWord,
    PackRecord,
    PackStanding,
    Seat,
    SeatWord,
    StandingWord,
    Tenancy,
    TenancyWord
} from "./PackStorage.sol";
import {PassportTree} from "./PassportTree.sol";

/// @title BatteryPack
/// @notice Title, user, life cycle and passport of battery packs.
/// @dev Trust: BATTERY_REGISTRAR can hand an operator's passports to any account, but cannot touch title or users. Who may
/// become an operator or recycle is what credentials say, so their issuers and the body that accredits those are
/// believed. An operator states what its packs are and is believed; it can neither move packs nor end passports of packs
/// that it does not own. A recycler ends passports of packs that it owns or is approved for. An account that gave its
/// identity to another, or retired it, is neither. BATTERY_WIRING attaches lease books and the telemetry contract. An
/// attached book is believed by the owners that approved it: it can give any unleased pack of theirs a user and sell it,
/// and a book that reverts in {ILeaseBook-onPackSold} holds up every second sale of its leased packs; closing it stops
/// new leases and swaps to other packs only. A telemetry contract that reverts holds up {repurpose} and {recycle} until
/// it is replaced. Nobody can pause transfers.
///
/// Who says something or practises a trade holds a credential; who administers holds a role, so lease books and
/// successors stay with roles. Beginning a passport is frequent and reads only the operator's own word: that its
/// credential ended takes effect when anybody shows it, see {recheckCredential}.
contract BatteryPack is IBatteryPack, ERC721, AccessManaged {
    /// @dev The events of ERC-4906 have no selectors, so that its id is a number given by the standard.
    bytes4 private constant ERC4906_ID = 0x49064906;
    /// @dev A pack's id is what stays of its serial hash after this shift.
    uint256 private constant ID_SHIFT = 192;
    uint256 private constant MAX_REGISTRATIONS = 50;
    uint256 private constant MAX_PREDECESSORS = 32;
    uint256 private constant MAX_OUTPUTS = 16;

    /// @inheritdoc IBatteryPack
    ICredentials public immutable credentialsContract;

    mapping(uint256 packId => PackRecord record) private _packs;
    mapping(uint256 packId => uint64[] packIds) private _predecessors;
    mapping(uint256 packId => uint256 successorId) private _successors;
    mapping(uint32 operatorId => address account) private _operatorAccounts;
    mapping(address account => Seat seat) private _seats;
    mapping(uint256 batchId => Batch batch) private _batches;
    mapping(address book => Book entry) private _books;
    mapping(uint8 bookId => address book) private _bookAccounts;
    string private _base;
    address private _telemetry;
    uint32 private _operatorCount;
    uint48 private _batchCount;
    uint8 private _bookCount;

    /// @param authority The city's AccessManager.
    /// @param credentialsContract_ Contract that tells who is allowed to trade.
    /// @param baseURI What a token's URI begins with; the decimal id follows.
    constructor(
        address authority,
        ICredentials credentialsContract_,
        string memory baseURI
    ) ERC721("Civitas Battery Pack", "PACK") AccessManaged(authority) {
        credentialsContract = credentialsContract_;
        _base = baseURI;
    }

    // --- operators

    /// @inheritdoc IBatteryPack
    function admitSelf() external returns (uint32 operatorId) {
        _requireHolder(msg.sender, BatteryCredentials.BATTERY_OPERATOR);
        operatorId = ++_operatorCount;
        _bindOperator(msg.sender, SeatWord.encode(operatorId, false));
        emit OperatorAdmitted(operatorId, msg.sender);
    }

    /// @inheritdoc IBatteryPack
    function recheckCredential(uint32 operatorId) external {
        address account = _requireAccountOf(operatorId);
        bool barred = !credentialsContract.holdsAs(BatteryCredentials.BATTERY_OPERATOR, account, account);
        if (barred == _seats[account].isBarred()) revert BatteryPackUnchanged(0);
        _seats[account] = SeatWord.encode(operatorId, barred);
        emit CredentialRechecked(operatorId, account, barred);
    }

    /// @inheritdoc IBatteryPack
    function changeOperatorAccount(address newAccount) external {
        if (operatorIdOf(msg.sender) == 0) revert BatteryPackNotOperator(msg.sender);
        _replaceOperator(msg.sender, newAccount);
    }

    /// @inheritdoc IBatteryPack
    function appointSuccessor(uint32 operatorId, address successor) external restricted {
        _replaceOperator(_requireAccountOf(operatorId), successor);
    }

    // --- beginning of a passport

    /// @inheritdoc IBatteryPack
    function register(address owner, PackData calldata data) external returns (uint256 packId) {
        uint32 operatorId = _requireOperator();
        packId = _checkNewPack(data);
        _beginPassport(owner, operatorId, packId, data, Status.Original);
    }

    /// @inheritdoc IBatteryPack
    function registerMany(address owner, PackData[] calldata data) external {
        uint32 operatorId = _requireOperator();
        _checkLength(data.length, MAX_REGISTRATIONS);
        for (uint256 i = 0; i < data.length; ++i) {
            PackData calldata pack = data[i];
            _beginPassport(owner, operatorId, _checkNewPack(pack), pack, Status.Original);
        }
    }

    /// @inheritdoc IBatteryPack
    function commitProductionBatch(bytes32 root, uint32 packCount, address owner) external returns (uint256 batchId) {
        uint32 operatorId = _requireOperator();
        if (root == 0) revert BatteryPackBadData("root", 0, 1);
        if (packCount == 0) revert BatteryPackBadData("packCount", 0, 1);
        if (owner == address(0)) revert BatteryPackBadData("owner", 0, 1);
        batchId = ++_batchCount;
        _batches[batchId] = Batch({
            root: root,
            owner: owner,
            operatorId: operatorId,
            packCount: packCount,
            materialisedCount: 0
        });
        emit ProductionBatchCommitted(batchId, operatorId, owner, root, packCount);
    }

    /// @inheritdoc IBatteryPack
    function materialise(
        uint256 batchId,
        PackData calldata data,
        bytes32[] calldata proof
    ) external returns (uint256 packId) {
        Batch memory batch = _batches[batchId];
        if (batch.root == 0) revert BatteryPackUnknownBatch(batchId);
        bytes32 leaf = PassportTree.leaf(data);
        if (!MerkleProof.verifyCalldata(proof, batch.root, leaf)) revert BatteryPackBadProof(batchId, leaf);
        packId = _checkNewPack(data);
        if (batch.materialisedCount == batch.packCount) revert BatteryPackBatchComplete(batchId, batch.packCount);
        _batches[batchId].materialisedCount = batch.materialisedCount + 1;
        _beginPassport(batch.owner, batch.operatorId, packId, data, Status.Original);
    }

    // --- life of a passport

    /// @inheritdoc IBatteryPack
    function updatePassport(uint256 packId, bytes32 newRoot, bytes32 reasonHash) external {
        PackRecord storage record = _packs[packId];
        PackStanding standing = record.standing;
        uint32 operatorId = standing.operatorId();
        if (_operatorAccounts[operatorId] != msg.sender) {
            revert BatteryPackNotResponsible(msg.sender, packId, operatorId);
        }
        _requireLiving(packId, standing);
        if (newRoot == 0) revert BatteryPackBadData("passportRoot", 0, 1);
        bytes32 oldRoot = record.passportRoot;
        if (newRoot == oldRoot) revert BatteryPackUnchanged(packId);
        record.passportRoot = newRoot;
        emit PassportUpdated(packId, oldRoot, newRoot, reasonHash);
        emit MetadataUpdate(packId);
    }

    /// @inheritdoc IBatteryPack
    function repurpose(
        uint256[] calldata predecessorIds,
        address owner,
        PackData calldata data,
        Status status
    ) external returns (uint256 packId) {
        uint32 operatorId = _requireOperator();
        packId = _checkNewPack(data);
        if (status != Status.Reused && status != Status.Repurposed && status != Status.Remanufactured) {
            revert BatteryPackWrongStatus(packId, status);
        }
        _checkLength(predecessorIds.length, status == Status.Reused ? 1 : MAX_PREDECESSORS);
        for (uint256 i = 0; i < predecessorIds.length; ++i) {
            _supersede(predecessorIds[i], packId);
        }
        _beginPassport(owner, operatorId, packId, data, status);
        emit Repurposed(packId, predecessorIds, status);
        for (uint256 i = 0; i < predecessorIds.length; ++i) {
            _retireDevice(predecessorIds[i]);
        }
    }

    /// @inheritdoc IBatteryPack
    function markWaste(uint256 packId) external {
        _declare(packId, Status.Waste);
    }

    /// @inheritdoc IBatteryPack
    function markLost(uint256 packId) external {
        _declare(packId, Status.Lost);
    }

    /// @inheritdoc IBatteryPack
    function recycle(
        uint256 packId,
        bytes32 wasteLotId,
        uint64 massGrams,
        RecyclingOutput[] calldata outputs,
        uint64 lossGrams
    ) external {
        _requireHolder(msg.sender, BatteryCredentials.BATTERY_RECYCLER);
        _checkAuthorized(_ownerOf(packId), msg.sender, packId);
        PackStanding standing = _packs[packId].standing;
        if (standing.status() != Status.Waste) revert BatteryPackWrongStatus(packId, standing.status());
        uint64 recoveredGrams = _checkMassBalance(massGrams, outputs, lossGrams);
        _retire(packId, standing, Status.Recycled);
        emit Recycled(
            packId,
            wasteLotId,
            massGrams,
            recoveredGrams,
            lossGrams,
            MassBalance.efficiencyBpDown(recoveredGrams, massGrams),
            outputs
        );
        _retireDevice(packId);
    }

    // --- lease books

    /// @inheritdoc IBatteryPack
    function setLeaseBook(address book, bool open) external restricted {
        Book memory entry = _books[book];
        if (entry.open == open) revert BatteryPackUnchanged(0);
        if (entry.id == 0) {
            if (_bookCount == type(uint8).max) revert BatteryPackTooManyBooks(type(uint8).max);
            entry.id = ++_bookCount;
            _bookAccounts[entry.id] = book;
        }
        entry.open = open;
        _books[book] = entry;
        emit LeaseBookSet(book, entry.id, open);
    }

    /// @inheritdoc IBatteryPack
    function setTelemetry(address telemetry) external restricted {
        address oldTelemetry = _telemetry;
        if (telemetry == oldTelemetry) revert BatteryPackUnchanged(0);
        _telemetry = telemetry;
        emit TelemetrySet(oldTelemetry, telemetry);
    }

    /// @inheritdoc IBatteryPack
    function startTenancy(uint256 packId, address lessor, uint32 leaseId, address user, uint64 expires) external {
        Book memory book = _books[msg.sender];
        if (!book.open) revert BatteryPackNotOpenBook(msg.sender);
        address owner = _requireOwned(packId);
        PackRecord storage record = _packs[packId];
        PackStanding standing = record.standing;
        _requireLiving(packId, standing);
        Status status = standing.status();
        if (status == Status.Waste || status == Status.Lost) revert BatteryPackWrongStatus(packId, status);
        _requireUnleased(packId, standing);
        if (lessor != owner) revert BatteryPackNotLessor(packId, lessor, owner);
        // A book is attached by officials; that it may dispose of this owner's packs is the owner's to say.
        _checkAuthorized(owner, msg.sender, packId);
        record.standing = standing.withBook(book.id);
        emit TenancyStarted(packId, msg.sender, leaseId);
        _setTenancy(packId, TenancyWord.encode(user, expires, leaseId));
    }

    /// @inheritdoc IBatteryPack
    function updateTenancy(uint256 packId, address user, uint64 expires) external returns (Sale memory sale) {
        PackStanding standing = _requireItsBook(packId);
        sale = _saleIn(standing);
        if (sale.seller != address(0)) _packs[packId].standing = standing.withSale(address(0), 0);
        Tenancy oldTenancy = _packs[packId].tenancy;
        Tenancy newTenancy = TenancyWord.encode(user, expires, oldTenancy.leaseId());
        if (Tenancy.unwrap(newTenancy) != Tenancy.unwrap(oldTenancy)) _setTenancy(packId, newTenancy);
    }

    /// @inheritdoc IBatteryPack
    function takeSale(uint256 packId) external returns (address owner, Sale memory sale) {
        PackStanding standing = _requireItsBook(packId);
        owner = _ownerOf(packId);
        sale = _saleIn(standing);
        if (sale.seller != address(0)) _packs[packId].standing = standing.withSale(address(0), 0);
    }

    /// @inheritdoc IBatteryPack
    function endTenancy(uint256 packId, bool lost) external returns (address owner, Sale memory sale) {
        (owner, sale) = _endTenancy(packId);
        if (lost) _setStatus(packId, _packs[packId].standing, Status.Lost);
    }

    /// @inheritdoc IBatteryPack
    function sellToTenant(uint256 packId, address buyer) external returns (address owner, Sale memory sale) {
        (owner, sale) = _endTenancy(packId);
        _transfer(owner, buyer, packId);
    }

    // --- ERC-4907

    /// @inheritdoc IERC4907
    function setUser(uint256 tokenId, address user, uint64 expires) external {
        _requireFree(tokenId);
        _setTenancy(tokenId, TenancyWord.encode(user, expires, 0));
    }

    /// @inheritdoc IERC4907
    function userOf(uint256 tokenId) public view returns (address user) {
        Tenancy tenancy = _packs[tokenId].tenancy;
        return tenancy.expires() >= _timestamp() ? tenancy.user() : address(0);
    }

    /// @inheritdoc IERC4907
    function userExpires(uint256 tokenId) external view returns (uint256 expires) {
        return _packs[tokenId].tenancy.expires();
    }

    // --- views

    /// @inheritdoc IBatteryPack
    function packOf(uint256 packId) external view returns (Pack memory pack) {
        _requireOwned(packId);
        PackRecord storage record = _packs[packId];
        Device device = record.device;
        PackStanding standing = record.standing;
        return
            Pack({
                passportRoot: record.passportRoot,
                device: device.key(),
                ratedWh: device.ratedWh(),
                ratedPowerW: device.ratedPowerW(),
                madeOnDay: device.madeOnDay(),
                category: standing.category(),
                status: standing.status(),
                operatorId: standing.operatorId()
            });
    }

    /// @inheritdoc IBatteryPack
    function plateOf(uint256 packId) external view returns (RatingPlate memory plate) {
        PackRecord storage record = _packs[packId];
        Device device = record.device;
        PackStanding standing = record.standing;
        return
            RatingPlate({
                device: device.key(),
                ratedWh: device.ratedWh(),
                ratedPowerW: device.ratedPowerW(),
                status: standing.status(),
                operatorId: standing.operatorId()
            });
    }

    /// @inheritdoc IBatteryPack
    function leaseOf(uint256 packId) external view returns (address book, uint256 leaseId) {
        PackRecord storage record = _packs[packId];
        return (_bookAccounts[record.standing.bookId()], record.tenancy.leaseId());
    }

    /// @inheritdoc IBatteryPack
    function tenantOf(uint256 packId) external view returns (address tenant) {
        PackRecord storage record = _packs[packId];
        return record.standing.bookId() == 0 ? address(0) : record.tenancy.user();
    }

    /// @inheritdoc IBatteryPack
    function pendingSale(uint256 packId) external view returns (Sale memory sale) {
        return _saleIn(_packs[packId].standing);
    }

    /// @inheritdoc IBatteryPack
    function mayCharge(uint256 packId) external view returns (bool allowed) {
        PackStanding standing = _packs[packId].standing;
        Status status = standing.status();
        if (status == Status.None || status >= Status.Waste) return false;
        return standing.bookId() == 0 || userOf(packId) != address(0);
    }

    /// @inheritdoc IBatteryPack
    function proveAttribute(
        uint256 packId,
        Attribute calldata attribute,
        bytes32[] calldata proof
    ) external view returns (bool proven) {
        // The root of an unknown pack is zero, which no hash equals.
        return MerkleProof.verifyCalldata(proof, _packs[packId].passportRoot, PassportTree.leaf(attribute));
    }

    /// @inheritdoc IBatteryPack
    function predecessorsOf(uint256 packId) external view returns (uint256[] memory packIds) {
        uint64[] memory stored = _predecessors[packId];
        packIds = new uint256[](stored.length);
        for (uint256 i = 0; i < stored.length; ++i) {
            packIds[i] = stored[i];
        }
    }

    /// @inheritdoc IBatteryPack
    function successorOf(uint256 packId) external view returns (uint256 successorId) {
        return _successors[packId];
    }

    /// @inheritdoc IBatteryPack
    function operatorAccount(uint32 operatorId) external view returns (address account) {
        return _operatorAccounts[operatorId];
    }

    /// @inheritdoc IBatteryPack
    function operatorIdOf(address account) public view returns (uint32 operatorId) {
        return _seats[account].operatorId();
    }

    /// @inheritdoc IBatteryPack
    function isRegistrationBarred(uint32 operatorId) external view returns (bool barred) {
        return _seats[_operatorAccounts[operatorId]].isBarred();
    }

    /// @inheritdoc IBatteryPack
    function productionBatch(
        uint256 batchId
    )
        external
        view
        returns (bytes32 root, uint32 operatorId, address owner, uint32 packCount, uint32 materialisedCount)
    {
        Batch memory batch = _batches[batchId];
        return (batch.root, batch.operatorId, batch.owner, batch.packCount, batch.materialisedCount);
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool isLocked) {
        _requireOwned(tokenId);
        return _packs[tokenId].standing.isRetired();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return
            interfaceId == ERC4906_ID ||
            interfaceId == type(IERC4907).interfaceId ||
            interfaceId == type(IERC5192).interfaceId ||
            super.supportsInterface(interfaceId);
    }

    // --- internals

    /// @dev A tombstone never moves. A leased pack keeps its user, and the sale is noted for its book; any other pack
    /// loses it, as in the reference of ERC-4907.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        PackStanding standing = _packs[tokenId].standing;
        if (standing.isNone()) return super._update(to, tokenId, auth);
        _requireLiving(tokenId, standing);
        from = super._update(to, tokenId, auth);
        if (from == to) return from;
        if (standing.bookId() != 0) {
            _recordSale(tokenId, standing, from);
        } else {
            _clearUser(tokenId);
        }
    }

    /// @dev Notes a sale in one write. Only an earlier one, still unseen, makes it call the book.
    function _recordSale(uint256 packId, PackStanding standing, address seller) private {
        PackRecord storage record = _packs[packId];
        record.standing = standing.withSale(seller, _timestamp());
        if (standing.seller() != address(0)) {
            ILeaseBook(_bookAccounts[standing.bookId()]).onPackSold(
                record.tenancy.leaseId(),
                standing.seller(),
                standing.soldAt()
            );
        }
    }

    function _endTenancy(uint256 packId) private returns (address owner, Sale memory sale) {
        PackStanding standing = _requireItsBook(packId);
        PackRecord storage record = _packs[packId];
        owner = _ownerOf(packId);
        sale = _saleIn(standing);
        record.standing = standing.withSale(address(0), 0).withBook(0);
        emit TenancyEnded(packId, msg.sender, record.tenancy.leaseId());
        _setTenancy(packId, Tenancy.wrap(0));
    }

    function _setTenancy(uint256 packId, Tenancy tenancy) private {
        _packs[packId].tenancy = tenancy;
        emit UpdateUser(packId, tenancy.user(), tenancy.expires());
    }

    function _clearUser(uint256 packId) private {
        if (_packs[packId].tenancy.user() != address(0)) _setTenancy(packId, Tenancy.wrap(0));
    }

    function _beginPassport(
        address owner,
        uint32 operatorId,
        uint256 packId,
        PackData calldata data,
        Status status
    ) private {
        // A new pack has no book yet, so its minting calls nobody.
        _mint(owner, packId);
        PackRecord storage record = _packs[packId];
        record.passportRoot = data.passportRoot;
        record.device = DeviceWord.encode(data.device, data.ratedWh, data.madeOnDay, data.ratedPowerW);
        record.standing = StandingWord.encode(status, data.category, operatorId);
        emit PackRegistered(packId, operatorId, data.serialHash, data.passportRoot);
        emit Unlocked(packId);
    }

    function _declare(uint256 packId, Status newStatus) private {
        PackStanding standing = _requireFree(packId);
        if (standing.status() == newStatus) revert BatteryPackUnchanged(packId);
        _setStatus(packId, standing, newStatus);
    }

    function _supersede(uint256 packId, uint256 successorId) private {
        PackStanding standing = _requireFree(packId);
        _successors[packId] = successorId;
        // Fits: ids are the first 64 bits of a hash, and this one exists.
        _predecessors[successorId].push(uint64(packId));
        _retire(packId, standing, Status.Superseded);
    }

    /// @dev Leaves a tombstone: nobody uses the pack and it never moves.
    function _retire(uint256 packId, PackStanding standing, Status newStatus) private {
        _clearUser(packId);
        _setStatus(packId, standing, newStatus);
        emit Locked(packId);
    }

    function _setStatus(uint256 packId, PackStanding standing, Status newStatus) private {
        _packs[packId].standing = standing.withStatus(newStatus);
        emit StatusChanged(packId, standing.status(), newStatus);
        emit MetadataUpdate(packId);
    }

    function _retireDevice(uint256 packId) private {
        address telemetry = _telemetry;
        if (telemetry != address(0)) IDeviceRegistry(telemetry).retireDevice(packId);
    }

    function _bindOperator(address account, Seat seat) private {
        uint32 taken = _seats[account].operatorId();
        if (taken != 0 || account == address(0)) revert BatteryPackOperatorAccountTaken(account, taken);
        _seats[account] = seat;
        _operatorAccounts[seat.operatorId()] = account;
    }

    /// @dev The operator is barred until the credential of its new account is shown. Else somebody could lay up operators
    /// under accounts without one, each to be barred by itself.
    function _replaceOperator(address oldAccount, address newAccount) private {
        uint32 operatorId = _seats[oldAccount].operatorId();
        _bindOperator(newAccount, SeatWord.encode(operatorId, true));
        _seats[oldAccount] = Seat.wrap(0);
        emit OperatorAccountChanged(operatorId, oldAccount, newAccount);
    }

    /// @dev The caller's operator, which may begin passports.
    function _requireOperator() private view returns (uint32 operatorId) {
        Seat seat = _seats[msg.sender];
        operatorId = seat.activeId();
        if (operatorId != 0) return operatorId;
        if (seat.isBarred()) revert BatteryPackOperatorBarred(seat.operatorId());
        revert BatteryPackNotOperator(msg.sender);
    }

    function _requireAccountOf(uint32 operatorId) private view returns (address account) {
        account = _operatorAccounts[operatorId];
        if (account == address(0)) revert BatteryPackUnknownOperator(operatorId);
    }

    function _requireHolder(address account, bytes32 typeId) private view {
        Standing standing = credentialsContract.checkAs(typeId, account, account);
        if (standing != Standing.Current) revert BatteryPackNotHolder(account, typeId, standing);
    }

    function _checkNewPack(PackData calldata data) private view returns (uint256 packId) {
        packId = uint256(data.serialHash) >> ID_SHIFT;
        if (packId == 0) revert BatteryPackBadData("serialHash", uint256(data.serialHash), 1 << ID_SHIFT);
        if (!_packs[packId].standing.isNone()) revert ERC721InvalidSender(address(0));
        if (data.passportRoot == 0) revert BatteryPackBadData("passportRoot", 0, 1);
        if (data.ratedWh == 0) revert BatteryPackBadData("ratedWh", 0, 1);
        uint256 today = _timestamp() / 1 days;
        if (data.madeOnDay > today) revert BatteryPackBadData("madeOnDay", data.madeOnDay, today);
        if (data.category == Category.None) revert BatteryPackBadData("category", 0, 1);
    }

    /// @dev Every gram that went in came out or is declared lost.
    function _checkMassBalance(
        uint64 massGrams,
        RecyclingOutput[] calldata outputs,
        uint64 lossGrams
    ) private pure returns (uint64 recoveredGrams) {
        if (outputs.length > MAX_OUTPUTS) revert BatteryPackBadLength(outputs.length, MAX_OUTPUTS);
        if (massGrams == 0) revert BatteryPackBadData("massGrams", 0, 1);
        (uint256 totalGrams, uint256 recovered) = MassBalance.sum(outputs);
        if (totalGrams + lossGrams != massGrams) revert BatteryPackMassMismatch(massGrams, totalGrams + lossGrams);
        // Fits: what was recovered is part of `massGrams`.
        return uint64(recovered);
    }

    /// @dev The caller owns the pack or is approved for it, and neither a lease nor its passport's end binds it.
    function _requireFree(uint256 packId) private view returns (PackStanding standing) {
        _checkAuthorized(_ownerOf(packId), msg.sender, packId);
        standing = _packs[packId].standing;
        _requireLiving(packId, standing);
        _requireUnleased(packId, standing);
    }

    /// @dev A pack that is not leased has book number zero, which is nobody's.
    function _requireItsBook(uint256 packId) private view returns (PackStanding standing) {
        standing = _packs[packId].standing;
        if (_bookAccounts[standing.bookId()] != msg.sender) revert BatteryPackNotItsBook(packId, msg.sender);
    }

    function _requireUnleased(uint256 packId, PackStanding standing) private view {
        if (standing.bookId() != 0) revert BatteryPackLeased(packId, _packs[packId].tenancy.leaseId());
    }

    function _requireLiving(uint256 packId, PackStanding standing) private pure {
        if (standing.isRetired()) revert BatteryPackRetired(packId, standing.status());
    }

    function _saleIn(PackStanding standing) private pure returns (Sale memory sale) {
        return Sale({seller: standing.seller(), soldAt: standing.soldAt()});
    }

    function _checkLength(uint256 length, uint256 limit) private pure {
        if (length == 0 || length > limit) revert BatteryPackBadLength(length, limit);
    }

    /// @dev Unix time. Fits 40 bits for 34,000 years.
    function _timestamp() private view returns (uint40 timestamp) {
        // solhint-disable-next-line not-rely-on-time
        return uint40(block.timestamp);
    }

    function _baseURI() internal view override returns (string memory baseURI) {
        return _base;
    }
}
