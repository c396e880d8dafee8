// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";

import {ICredentials, Standing} from "../identity/ICredentials.sol";
import {IERC4907} from "./IERC4907.sol";
import {IERC5192} from "./IERC5192.sol";

/// @notice Battery categories of Regulation (EU) 2023/1542.
enum Category {
    None,
    LightMeansOfTransport,
    ElectricVehicle,
    Industrial,
    Stationary
}

/// @notice Life cycle of a passport: the status words of DIN DKE SPEC 99100, and how a passport ends.
enum Status {
    None,
    Original,
    Reused,
    Repurposed,
    Remanufactured,
    Waste,
    Recycled,
    Superseded,
    Lost
}

/// @notice Who may learn an attribute of a passport (Annex XIII of Regulation (EU) 2023/1542).
enum AccessTier {
    None,
    Public,
    LegitimateInterest,
    Authority
}

/// @notice What a pack is when its passport begins. The leaf of a production batch is the double keccak256 of its
/// ABI encoding.
struct PackData {
    /// @dev keccak256(abi.encode(operatorId, serial, salt)). Its first 64 bits are the pack's id, so they are not zero.
    bytes32 serialHash;
    /// @dev Root of the attribute tree, see {PassportTree}. Not zero.
    bytes32 passportRoot;
    /// @dev First key of the pack's monitoring device: account address, or the low 20 bytes of the hash of its ERC-7913
    /// key. Zero: the pack has no device.
    address device;
    /// @dev Rated energy when new, Wh, 1 to 2^40 - 1.
    uint40 ratedWh;
    /// @dev Greatest charge or discharge power, W. Zero: not stated, so power is not checked for plausibility.
    uint32 ratedPowerW;
    /// @dev Day of manufacture, days since 1 January 1970. Not in the future.
    uint24 madeOnDay;
    /// @dev Not None.
    Category category;
}

/// @notice A pack as stored.
struct Pack {
    bytes32 passportRoot;
    address device;
    uint40 ratedWh;
    uint32 ratedPowerW;
    uint24 madeOnDay;
    Category category;
    Status status;
    uint32 operatorId;
}

/// @notice What the measurements of a pack are held against.
struct RatingPlate {
    /// @dev First key of the monitoring device. Zero: none.
    address device;
    /// @dev Rated energy when new, Wh. Zero: there is no such pack.
    uint40 ratedWh;
    /// @dev Greatest charge or discharge power, W. Zero: not stated.
    uint32 ratedPowerW;
    Status status;
    /// @dev Operator answerable for the passport.
    uint32 operatorId;
}

/// @notice A leased pack changed hands and the lease book has not been told yet.
struct Sale {
    /// @dev Owner until then; zero: nothing pending.
    address seller;
    /// @dev Unix time of the transfer.
    uint40 soldAt;
}

/// @notice One attribute of a passport.
struct Attribute {
    /// @dev keccak256 of the attribute's name in the BatteryPass data model, for instance "ratedCapacity".
    bytes32 id;
    /// @dev keccak256 of the UTF-8 bytes of the value's JSON.
    bytes32 valueHash;
    /// @dev Random and different for each attribute, so that values cannot be guessed from their hash.
    bytes32 salt;
    AccessTier tier;
}

/// @notice What became of a pack's mass, in grams.
struct RecyclingOutput {
    /// @dev keccak256 of the material's name or code.
    bytes32 material;
    uint64 massGrams;
    /// @dev True when the mass goes back into products; false for residue.
    bool recovered;
}

/// @title IBatteryPack
/// @notice One NFT per battery pack: title, user, life cycle and passport (Regulation (EU) 2023/1542 Art. 77).
/// @dev ERC-721, ERC-4906, ERC-4907 and ERC-5192. The owner holds title and may sell at any time; while a lease book
/// leases the pack, the user belongs to the lease and neither the owner nor a buyer can touch it.
///
/// A pack's id is the first 64 bits of its serial hash: the serial is unique without a second mapping, and the id
/// fits beside the money terms in a lease's storage.
///
/// An operator is a company answerable for passports (Art. 77(4)): its account registers packs and updates their
/// passports. Whoever holds a BATTERY_OPERATOR credential becomes one by itself. When the credential ends, anybody can
/// bar the operator from beginning passports; it still answers for those it began, until the registrar appoints a
/// successor, so that passports outlive companies (Art. 78(e)).
interface IBatteryPack is IERC4906, IERC4907, IERC5192 {
    /// @notice An operator was admitted.
    /// @param operatorId Number of the operator, from 1.
    /// @param account Account that acts for it.
    event OperatorAdmitted(uint32 indexed operatorId, address indexed account);

    /// @notice Another account acts for an operator from now on.
    /// @param operatorId Number of the operator.
    /// @param oldAccount Account until now.
    /// @param newAccount Account from now on.
    event OperatorAccountChanged(uint32 indexed operatorId, address indexed oldAccount, address indexed newAccount);

    /// @notice An operator's credential ended, so that it no longer begins passports, or is held again.
    /// @param operatorId Number of the operator.
    /// @param account Account that acts for it.
    /// @param barred Whether it is barred from beginning passports from now on.
    event CredentialRechecked(uint32 indexed operatorId, address indexed account, bool barred);

    /// @notice A passport began.
    /// @param packId The pack.
    /// @param operatorId Operator answerable for the passport.
    /// @param serialHash Salted hash of the serial number; its first 64 bits are `packId`.
    /// @param passportRoot Root of the attribute tree.
    event PackRegistered(uint256 indexed packId, uint32 indexed operatorId, bytes32 serialHash, bytes32 passportRoot);

    /// @notice A production batch was committed: its packs can be materialised one by one.
    /// @param batchId Number of the batch, from 1.
    /// @param operatorId Operator answerable for the passports.
    /// @param owner Account that will own the packs.
    /// @param root Merkle root over the batch's {PackData} leaves.
    /// @param packCount Number of packs in the batch.
    event ProductionBatchCommitted(
        uint256 indexed batchId,
        uint32 indexed operatorId,
        address indexed owner,
        bytes32 root,
        uint32 packCount
    );

    /// @notice The attributes of a passport changed. ERC-4906's MetadataUpdate follows.
    /// @param packId The pack.
    /// @param oldRoot Attribute root until now.
    /// @param newRoot Attribute root from now on.
    /// @param reasonHash keccak256 of the off-chain record that gives the reason.
    event PassportUpdated(uint256 indexed packId, bytes32 oldRoot, bytes32 newRoot, bytes32 reasonHash);

    /// @notice A pack's life-cycle status changed.
    /// @param packId The pack.
    /// @param oldStatus Status until now.
    /// @param newStatus Status from now on.
    event StatusChanged(uint256 indexed packId, Status oldStatus, Status newStatus);

    /// @notice A new passport took the place of older ones (Art. 77(7)).
    /// @param packId The new pack.
    /// @param predecessorIds Packs it was made of, now superseded.
    /// @param status Reused, Repurposed or Remanufactured.
    event Repurposed(uint256 indexed packId, uint256[] predecessorIds, Status status);

    /// @notice A passport ended because the pack was recycled (Art. 77(8)).
    /// @param packId The pack.
    /// @param wasteLotId Lot of the waste register that received the mass.
    /// @param massGrams Mass that went in.
    /// @param recoveredGrams Mass that came out for new products.
    /// @param lossGrams Mass lost in the process.
    /// @param efficiencyBp Recycling efficiency in basis points: recovered mass over mass in, rounded down.
    /// @param outputs What came out.
    event Recycled(
        uint256 indexed packId,
        bytes32 indexed wasteLotId,
        uint64 massGrams,
        uint64 recoveredGrams,
        uint64 lossGrams,
        uint16 efficiencyBp,
        RecyclingOutput[] outputs
    );

    /// @notice A lease book was allowed to open leases, or no longer is. Leases it has open run on.
    /// @param book The lease book.
    /// @param bookId Its number, from 1.
    /// @param open Whether it may open leases.
    event LeaseBookSet(address indexed book, uint8 indexed bookId, bool open);

    /// @notice The telemetry contract that is told when a passport ends was replaced.
    /// @param oldTelemetry Contract until now; zero for none.
    /// @param newTelemetry Contract from now on.
    event TelemetrySet(address indexed oldTelemetry, address indexed newTelemetry);

    /// @notice A lease began to hold the pack's user.
    /// @param packId The pack.
    /// @param book Lease book.
    /// @param leaseId The lease.
    event TenancyStarted(uint256 indexed packId, address indexed book, uint256 indexed leaseId);

    /// @notice The lease no longer holds the pack's user.
    /// @param packId The pack.
    /// @param book Lease book.
    /// @param leaseId The lease.
    event TenancyEnded(uint256 indexed packId, address indexed book, uint256 indexed leaseId);

    /// @notice The caller acts for no operator.
    /// @param caller Who called.
    error BatteryPackNotOperator(address caller);

    /// @notice The account does not hold the credential that the act needs.
    /// @param account The account.
    /// @param typeId Type of the credential, see {BatteryCredentials}.
    /// @param standing Why not.
    error BatteryPackNotHolder(address account, bytes32 typeId, Standing standing);

    /// @notice The operator is barred from beginning passports.
    /// @param operatorId Number of the operator.
    error BatteryPackOperatorBarred(uint32 operatorId);

    /// @notice The caller is not the operator answerable for the pack.
    /// @param caller Who called.
    /// @param packId The pack.
    /// @param operatorId The operator that may.
    error BatteryPackNotResponsible(address caller, uint256 packId, uint32 operatorId);

    /// @notice There is no such operator.
    /// @param operatorId Number asked for.
    error BatteryPackUnknownOperator(uint32 operatorId);

    /// @notice The account is zero or acts for an operator already.
    /// @param account The account.
    /// @param operatorId Operator it acts for; zero when the account itself is zero.
    error BatteryPackOperatorAccountTaken(address account, uint32 operatorId);

    /// @notice The pack's data cannot begin a passport: the field named is out of range.
    /// @param field Name of the field of {PackData}.
    /// @param value What was given.
    /// @param limit Smallest (zero given) or greatest value allowed.
    error BatteryPackBadData(string field, uint256 value, uint256 limit);

    /// @notice A list has no entry or more than the bound.
    /// @param length Entries given.
    /// @param limit Most entries allowed.
    error BatteryPackBadLength(uint256 length, uint256 limit);

    /// @notice There is no such batch.
    /// @param batchId Number asked for.
    error BatteryPackUnknownBatch(uint256 batchId);

    /// @notice The proof does not show that the pack belongs to the batch.
    /// @param batchId The batch.
    /// @param leaf Leaf that was tried.
    error BatteryPackBadProof(uint256 batchId, bytes32 leaf);

    /// @notice As many packs as the batch was declared to hold are materialised.
    /// @param batchId The batch.
    /// @param packCount Packs declared.
    error BatteryPackBatchComplete(uint256 batchId, uint32 packCount);

    /// @notice A lease holds the pack.
    /// @param packId The pack.
    /// @param leaseId The lease.
    error BatteryPackLeased(uint256 packId, uint256 leaseId);

    /// @notice The pack's status does not allow the act.
    /// @param packId The pack.
    /// @param status Its status.
    error BatteryPackWrongStatus(uint256 packId, Status status);

    /// @notice The passport has ended; nothing about it can change any more.
    /// @param packId The pack.
    /// @param status Recycled or Superseded.
    error BatteryPackRetired(uint256 packId, Status status);

    /// @notice The call would change nothing.
    /// @param packId The pack; zero where the setting is not of one pack.
    error BatteryPackUnchanged(uint256 packId);

    /// @notice The masses do not add up: outputs plus loss must equal the mass that went in.
    /// @param massGrams Mass in.
    /// @param accountedGrams Outputs plus loss.
    error BatteryPackMassMismatch(uint256 massGrams, uint256 accountedGrams);

    /// @notice The caller is not a lease book that may open leases.
    /// @param caller Who called.
    error BatteryPackNotOpenBook(address caller);

    /// @notice The caller is not the lease book that holds the pack.
    /// @param packId The pack.
    /// @param caller Who called.
    error BatteryPackNotItsBook(uint256 packId, address caller);

    /// @notice The lessor does not own the pack.
    /// @param packId The pack.
    /// @param lessor Who was to lend it.
    /// @param owner Who owns it.
    error BatteryPackNotLessor(uint256 packId, address lessor, address owner);

    /// @notice No more lease books can be attached.
    /// @param limit Most books there can be.
    error BatteryPackTooManyBooks(uint256 limit);

    // --- operators

    /// @notice Makes the caller an operator. Only an account that holds a BATTERY_OPERATOR credential.
    /// @dev For itself only: an account acts for one operator, so a stranger who admitted it could keep it from taking
    /// over another. Emits {OperatorAdmitted}. Reverts with {BatteryPackNotHolder} and
    /// {BatteryPackOperatorAccountTaken}.
    /// @return operatorId Number of the operator, from 1.
    function admitSelf() external returns (uint32 operatorId);

    /// @notice Bars an operator from beginning passports when its account no longer holds a BATTERY_OPERATOR credential,
    /// and lifts the bar when it holds one. Anybody.
    /// @dev A barred operator still answers for the passports it began: it updates them, and packs of batches that it
    /// committed are materialised. Until somebody calls this, the end of a credential has no effect. Emits
    /// {CredentialRechecked}. Reverts with {BatteryPackUnknownOperator}, and {BatteryPackUnchanged} when the bar is as the
    /// credential says.
    /// @param operatorId Number of the operator.
    function recheckCredential(uint32 operatorId) external;

    /// @notice Hands the caller's operator to another account of the same company.
    /// @dev Only the operator's account. Emits {OperatorAccountChanged}. Reverts with {BatteryPackNotOperator} and
    /// {BatteryPackOperatorAccountTaken}. Irreversible for the caller. The new account needs no credential to answer for
    /// passports; the operator is barred from beginning new ones until {recheckCredential} finds one.
    /// @param newAccount Account from now on.
    function changeOperatorAccount(address newAccount) external;

    /// @notice Appoints a successor for an operator that ceased to be. Only BATTERY_REGISTRAR.
    /// @dev The operator is barred until {recheckCredential}, as by {changeOperatorAccount}. Emits
    /// {OperatorAccountChanged}. Reverts with
    /// {BatteryPackUnknownOperator} and {BatteryPackOperatorAccountTaken}.
    /// @param operatorId Number of the operator.
    /// @param successor Account that answers for its passports from now on.
    function appointSuccessor(uint32 operatorId, address successor) external;

    // --- beginning of a passport

    /// @notice Begins the passport of one pack. Only an operator's account.
    /// @dev `owner` is not called back, so a contract that cannot handle NFTs can be given one. Emits Transfer,
    /// {PackRegistered} and Unlocked. Reverts with {BatteryPackNotOperator}, {BatteryPackOperatorBarred},
    /// {BatteryPackBadData}, and ERC-721's ERC721InvalidSender(0) when the serial hash is taken.
    /// @param owner First owner.
    /// @param data The pack.
    /// @return packId First 64 bits of the serial hash.
    function register(address owner, PackData calldata data) external returns (uint256 packId);

    /// @notice Begins the passports of up to 50 packs of one owner. Only an operator's account.
    /// @dev As {register} for each; one bad pack reverts the whole call. Reverts with {BatteryPackBadLength}.
    /// @param owner First owner of them all.
    /// @param data The packs.
    function registerMany(address owner, PackData[] calldata data) external;

    /// @notice Commits a production batch of any size; its packs cost nothing until they are materialised.
    /// @dev Only an operator's account. Emits {ProductionBatchCommitted}. Reverts with {BatteryPackNotOperator},
    /// {BatteryPackOperatorBarred}, and {BatteryPackBadData} for a zero root, count or owner.
    /// @param root Merkle root (sorted pairs, keccak256) over double-hashed {PackData} leaves.
    /// @param packCount Packs in the batch.
    /// @param owner Account that will own them.
    /// @return batchId Number of the batch, from 1.
    function commitProductionBatch(bytes32 root, uint32 packCount, address owner) external returns (uint256 batchId);

    /// @notice Begins the passport of one pack of a committed batch, for the batch's owner. Anybody.
    /// @dev Emits as {register}. Reverts with {BatteryPackUnknownBatch}, {BatteryPackBadProof},
    /// {BatteryPackBatchComplete}, {BatteryPackBadData} and ERC721InvalidSender(0) the second time.
    /// @param batchId The batch.
    /// @param data The pack.
    /// @param proof Merkle proof of its leaf.
    /// @return packId First 64 bits of the serial hash.
    function materialise(
        uint256 batchId,
        PackData calldata data,
        bytes32[] calldata proof
    ) external returns (uint256 packId);

    // --- life of a passport

    /// @notice Replaces the attribute root. Only the operator answerable for the pack.
    /// @dev Emits {PassportUpdated} and MetadataUpdate. Reverts with {BatteryPackNotResponsible},
    /// {BatteryPackRetired}, {BatteryPackUnchanged} and {BatteryPackBadData} for a zero root.
    /// @param packId The pack.
    /// @param newRoot New root.
    /// @param reasonHash keccak256 of the off-chain record that gives the reason.
    function updatePassport(uint256 packId, bytes32 newRoot, bytes32 reasonHash) external;

    /// @notice Makes one new passport of up to 32 older packs (Art. 77(7)): second life.
    /// @dev Only an operator's account that owns every old pack or is approved for it. The old passports become
    /// Superseded and locked, their users are cleared, and the links run both ways. The caller's operator answers for
    /// the new passport. Emits for each old pack UpdateUser if it had a user, {StatusChanged}, MetadataUpdate and
    /// Locked, then as {register}, and {Repurposed}. Reverts with {BatteryPackNotOperator}, {BatteryPackOperatorBarred},
    /// {BatteryPackBadLength}, {BatteryPackLeased}, {BatteryPackRetired}, {BatteryPackBadData}, {BatteryPackWrongStatus} when `status` is none
    /// of the three, and ERC-721's errors.
    /// @param predecessorIds The old packs; exactly one when `status` is Reused.
    /// @param owner Owner of the new pack.
    /// @param data The new pack.
    /// @param status Reused, Repurposed or Remanufactured.
    /// @return packId The new pack.
    function repurpose(
        uint256[] calldata predecessorIds,
        address owner,
        PackData calldata data,
        Status status
    ) external returns (uint256 packId);

    /// @notice Declares a pack waste. Only its owner or an account approved for it.
    /// @dev Emits {StatusChanged} and MetadataUpdate. Reverts with {BatteryPackLeased}, {BatteryPackRetired} and
    /// {BatteryPackUnchanged}.
    /// @param packId The pack.
    function markWaste(uint256 packId) external;

    /// @notice Declares a pack lost. Only its owner or an account approved for it.
    /// @dev A pack that turns up again gets a new passport by {repurpose}. Emits and reverts as {markWaste}.
    /// @param packId The pack.
    function markLost(uint256 packId) external;

    /// @notice Ends the passport of a recycled pack for ever (Art. 77(8)). Only an account that holds a BATTERY_RECYCLER
    /// credential, and owns the pack or is approved for it.
    /// @dev Emits UpdateUser if the pack had a user, {StatusChanged}, MetadataUpdate, Locked and {Recycled}. The
    /// device's key is retired. Reverts with {BatteryPackNotHolder}, {BatteryPackWrongStatus} unless the pack is waste,
    /// {BatteryPackMassMismatch}, {BatteryPackBadLength} for more than 16 outputs, {BatteryPackBadData} for zero mass,
    /// and ERC-721's ERC721NonexistentToken and ERC721InsufficientApproval.
    /// @param packId The pack.
    /// @param wasteLotId Lot of the waste register that received the mass.
    /// @param massGrams Mass that went in.
    /// @param outputs What came out; with `lossGrams` exactly `massGrams`.
    /// @param lossGrams Mass lost in the process.
    function recycle(
        uint256 packId,
        bytes32 wasteLotId,
        uint64 massGrams,
        RecyclingOutput[] calldata outputs,
        uint64 lossGrams
    ) external;

    // --- lease books

    /// @notice Lets a lease book open leases, or stops it from opening more. Only BATTERY_WIRING.
    /// @dev Emits {LeaseBookSet}. Reverts with {BatteryPackUnchanged} and {BatteryPackTooManyBooks}.
    /// @param book The lease book.
    /// @param open Whether it may open leases.
    function setLeaseBook(address book, bool open) external;

    /// @notice Names the telemetry contract that is told when a passport ends. Only BATTERY_WIRING.
    /// @dev Emits {TelemetrySet}. Reverts with {BatteryPackUnchanged}.
    /// @param telemetry The contract; zero for none.
    function setTelemetry(address telemetry) external;

    /// @notice Hands the pack's user to a lease of the calling book.
    /// @dev Only an open lease book that the owner approved, for the pack or for all (ERC-721), so that no official can
    /// attach a book and take packs with it. Emits {TenancyStarted} and UpdateUser. Reverts with {BatteryPackNotOpenBook},
    /// {BatteryPackLeased}, {BatteryPackNotLessor}, ERC721InsufficientApproval, and {BatteryPackRetired} or {BatteryPackWrongStatus} when the pack
    /// is recycled, superseded, waste or lost.
    /// @param packId The pack.
    /// @param lessor Account that must own the pack.
    /// @param leaseId The lease, from 1.
    /// @param user The lessee.
    /// @param expires Last second at which the user is valid.
    function startTenancy(uint256 packId, address lessor, uint32 leaseId, address user, uint64 expires) external;

    /// @notice Changes the user of a leased pack, and tells of a sale that the book has not seen.
    /// @dev Only the book that holds the pack. Emits UpdateUser when anything changes. Reverts with
    /// {BatteryPackNotItsBook}.
    /// @param packId The pack.
    /// @param user New user; zero for none.
    /// @param expires Last second at which the user is valid.
    /// @return sale Pending sale, now forgotten; zero for none.
    function updateTenancy(uint256 packId, address user, uint64 expires) external returns (Sale memory sale);

    /// @notice Tells of a sale that the book has not seen and forgets it.
    /// @dev Only the book that holds the pack. Reverts with {BatteryPackNotItsBook}.
    /// @param packId The pack.
    /// @return owner Owner of the pack now.
    /// @return sale Pending sale, now forgotten; zero for none.
    function takeSale(uint256 packId) external returns (address owner, Sale memory sale);

    /// @notice Ends the lease's hold of the pack and clears its user.
    /// @dev Only the book that holds the pack. Emits {TenancyEnded} and UpdateUser(packId, 0, 0); {StatusChanged} and
    /// MetadataUpdate when `lost`. Reverts with {BatteryPackNotItsBook}.
    /// @param packId The pack.
    /// @param lost True marks the pack lost.
    /// @return owner Owner of the pack now.
    /// @return sale Pending sale, now forgotten; zero for none.
    function endTenancy(uint256 packId, bool lost) external returns (address owner, Sale memory sale);

    /// @notice Ends the lease's hold of the pack and transfers the pack to `buyer`: the lessee's right to buy.
    /// @dev Only the book that holds the pack. Emits as {endTenancy}, and Transfer. Reverts with
    /// {BatteryPackNotItsBook}. `buyer` is not called back.
    /// @param packId The pack.
    /// @param buyer New owner.
    /// @return owner Owner until now.
    /// @return sale Pending sale, now forgotten; zero for none.
    function sellToTenant(uint256 packId, address buyer) external returns (address owner, Sale memory sale);

    // --- views

    /// @notice Contract that tells who is allowed to trade.
    /// @return registry The contract.
    function credentialsContract() external view returns (ICredentials registry);

    /// @notice A pack as stored. Reverts with ERC721NonexistentToken for an unknown pack.
    /// @param packId The pack.
    /// @return pack Its passport data and status.
    function packOf(uint256 packId) external view returns (Pack memory pack);

    /// @notice The part of a pack that its measurements are held against. Half the price of {packOf}.
    /// @param packId The pack.
    /// @return plate See {RatingPlate}.
    function plateOf(uint256 packId) external view returns (RatingPlate memory plate);

    /// @notice The lease that holds a pack.
    /// @param packId The pack.
    /// @return book Lease book; zero when not leased.
    /// @return leaseId The lease; zero when not leased.
    function leaseOf(uint256 packId) external view returns (address book, uint256 leaseId);

    /// @notice The user of a leased pack, whether or not its time is over.
    /// @param packId The pack.
    /// @return tenant Zero when not leased, and after a default.
    function tenantOf(uint256 packId) external view returns (address tenant);

    /// @notice The sale of a leased pack that its book has not seen.
    /// @param packId The pack.
    /// @return sale Zero for none.
    function pendingSale(uint256 packId) external view returns (Sale memory sale);

    /// @notice Whether a charger should charge the pack: it is not leased, or its user's time is not over.
    /// @dev Immobilisation is never more than this answer: a pack may refuse to charge, never to drive.
    /// @param packId The pack.
    /// @return allowed False for a retired, waste or lost pack, and for a leased one whose user expired.
    function mayCharge(uint256 packId) external view returns (bool allowed);

    /// @notice Whether an attribute stands in a pack's passport as of now.
    /// @param packId The pack.
    /// @param attribute The attribute.
    /// @param proof Merkle proof of its leaf.
    /// @return proven False for an unknown pack or a wrong proof.
    function proveAttribute(
        uint256 packId,
        Attribute calldata attribute,
        bytes32[] calldata proof
    ) external view returns (bool proven);

    /// @notice Packs that a pack was made of.
    /// @param packId The pack.
    /// @return packIds Empty for an original.
    function predecessorsOf(uint256 packId) external view returns (uint256[] memory packIds);

    /// @notice Pack that a superseded pack became part of.
    /// @param packId The pack.
    /// @return successorId Zero for none.
    function successorOf(uint256 packId) external view returns (uint256 successorId);

    /// @notice Account that acts for an operator.
    /// @param operatorId Number of the operator.
    /// @return account Zero for an unknown operator.
    function operatorAccount(uint32 operatorId) external view returns (address account);

    /// @notice Operator that an account acts for.
    /// @param account The account.
    /// @return operatorId Zero for none.
    function operatorIdOf(address account) external view returns (uint32 operatorId);

    /// @notice Whether an operator is barred from beginning passports.
    /// @param operatorId Number of the operator.
    /// @return barred False for an unknown operator.
    function isRegistrationBarred(uint32 operatorId) external view returns (bool barred);

    /// @notice A committed production batch.
    /// @param batchId The batch.
    /// @return root Merkle root; zero for an unknown batch.
    /// @return operatorId Operator answerable for the passports.
    /// @return owner Account that owns the packs.
    /// @return packCount Packs declared.
    /// @return materialisedCount Packs materialised so far.
    function productionBatch(
        uint256 batchId
    )
        external
        view
        returns (bytes32 root, uint32 operatorId, address owner, uint32 packCount, uint32 materialisedCount);
}
