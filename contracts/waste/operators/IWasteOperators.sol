// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CompactSignature} from "../../authority/CompactSignatures.sol";
import {Signature} from "../../authority/ISigned.sol";
import {ICredentialRegistry} from "../../identity/ICredentialRegistry.sol";
import {IIdentities} from "../../identity/IIdentities.sol";

/// @notice How a facility attributes what it recycled to what it took in (ISO 22095).
enum CustodyModel {
    /// @dev No licence.
    None,
    /// @dev Kept apart: what comes out is of what went in.
    Segregated,
    /// @dev Mixed in known shares.
    ControlledBlending,
    /// @dev Attributed by mass over a period.
    MassBalance,
    /// @dev Sold apart from the material.
    BookAndClaim
}

/// @notice A company that handles waste.
struct Operator {
    /// @dev Identity that owns it.
    address account;
    /// @dev Holds WASTE_COLLECTOR, as last checked.
    bool collector;
    /// @dev Holds WASTE_FACILITY, as last checked.
    bool facility;
}

/// @notice A key that signs for an operator: a driver's, a gatekeeper's, a weighbridge's. One slot.
struct Crew {
    /// @dev Zero: the key never signed for any. It never signs for another one.
    uint32 operatorId;
    /// @dev Last second at which it signs, Unix time; zero: it never did, or was dismissed.
    uint40 until;
}

/// @notice What a facility is licensed for. Lies in one slot together with its operator, so that a handover reads one.
struct FacilityTerms {
    /// @dev Last second of the licence, Unix time; zero: none.
    uint32 until;
    /// @dev Difference between sent and received mass that is no dispute, basis points of the sent, at most 1,000.
    uint16 toleranceBp;
    /// @dev Most that may be lost in a process, basis points of what goes in, at most 10,000.
    uint16 maxLossBp;
    /// @dev Most of what goes into a process that may come out recycled, percent, 1 to 100: the conversion factor of ISO 22095.
    /// It counts once for all mass, see {IWasteLots-process}.
    uint8 conversionPct;
    CustodyModel model;
    /// @dev Days after the end of a month in which what was recycled in it can be certified: the balance period and its grace.
    /// Zero: without end, which only a facility that keeps lots apart can have.
    uint16 balanceDays;
}

/// @notice The two sides of a handover, as far as the keys that signed say.
struct Parties {
    /// @dev Operator for which the first key signs now; zero: none.
    uint32 sender;
    /// @dev Operator for which the second key signs now; zero: none.
    uint32 receiver;
    /// @dev Whether that one may have waste: it holds WASTE_COLLECTOR, or WASTE_FACILITY and a licence that runs.
    bool licensed;
    /// @dev Its tolerance, basis points; zero for a collector without a facility.
    uint16 toleranceBp;
}

/// @title IWasteOperators
/// @notice Who handles waste in the city: collectors and facilities by number, the keys that sign for them, and what they
/// are licensed for.
/// @dev That somebody may collect waste or run a plant is a credential. Checking it at every ticket would cost 8,000 gas, so
/// the answer is kept beside the operator's number, and anybody may have it checked again ({recheck}): a credential that
/// ended counts from then on. What exactly a plant may do is a licence, which the city's waste office writes.
interface IWasteOperators {
    /// @notice An operator got its number.
    /// @param operatorId Number, from 1.
    /// @param account Identity that owns it.
    event OperatorAdmitted(uint32 indexed operatorId, address indexed account);
    /// @notice What an operator holds was checked and is different from before, or was checked for the first time.
    /// @param operatorId Number.
    /// @param collector Whether it holds WASTE_COLLECTOR.
    /// @param facility Whether it holds WASTE_FACILITY.
    event OperatorChecked(uint32 indexed operatorId, bool collector, bool facility);
    /// @notice Another identity owns an operator. Permits are its own; a licence ended.
    /// @param operatorId Number.
    /// @param previous Identity before.
    /// @param account Identity now.
    event OperatorHandedOver(uint32 indexed operatorId, address indexed previous, address indexed account);
    /// @notice A key signs for an operator, or no longer.
    /// @param operatorId Number.
    /// @param key The key.
    /// @param until Last second, Unix time; zero: dismissed.
    event CrewSet(uint32 indexed operatorId, address indexed key, uint40 until);
    /// @notice An operator may handle waste of a hazardous code, or no longer.
    /// @param operatorId Number.
    /// @param code The code.
    /// @param until Last second, Unix time; zero: withdrawn.
    event PermitSet(uint32 indexed operatorId, uint24 indexed code, uint40 until);
    /// @notice A facility's licence was written.
    /// @param operatorId Number.
    /// @param terms What it says.
    event FacilityLicensed(uint32 indexed operatorId, FacilityTerms terms);

    /// @notice There is no such operator.
    /// @param operatorId Number given.
    error WasteOperatorsUnknown(uint32 operatorId);
    /// @notice The identity owns an operator already.
    /// @param account The identity.
    /// @param operatorId Its number.
    error WasteOperatorsTaken(address account, uint32 operatorId);
    /// @notice The identity holds neither credential.
    /// @param account The identity.
    error WasteOperatorsNoCredential(address account);
    /// @notice The act would change nothing.
    /// @param operatorId Number.
    error WasteOperatorsUnchanged(uint32 operatorId);
    /// @notice The caller does not act for the operator.
    /// @param operatorId Number.
    /// @param caller Who called.
    error WasteOperatorsNotOwner(uint32 operatorId, address caller);
    /// @notice A key that never signed for anybody did not agree to sign for the operator.
    /// @param operatorId Number.
    /// @param key The key.
    /// @param signer Who signed instead; zero: nobody.
    error WasteOperatorsNoConsent(uint32 operatorId, address key, address signer);
    /// @notice An identity owns the operator still, so the city appoints it no successor.
    /// @param operatorId Number.
    /// @param account The identity, which is not retired.
    error WasteOperatorsNotRetired(uint32 operatorId, address account);
    /// @notice The identity that is to own an operator is retired.
    /// @param account The identity.
    error WasteOperatorsRetired(address account);
    /// @notice A key is zero, or signs or signed for another operator.
    /// @param key The key.
    /// @param operatorId That operator; zero: none.
    error WasteOperatorsBadKey(address key, uint32 operatorId);
    /// @notice A member of a licence is out of range.
    /// @param field Number of the member of {FacilityTerms}, from 0.
    /// @param value Its value.
    /// @param limit Nearest value that may be.
    error WasteOperatorsBadTerms(uint256 field, uint256 value, uint256 limit);

    /// @notice Gives an identity that holds WASTE_COLLECTOR or WASTE_FACILITY a number.
    /// @dev By the owner of the identity, or by its signature of the message `Admission`, so that nobody is given a number
    /// against its will, with which it could take no other operator over.
    /// @param account The identity.
    /// @param nonce Of its owner.
    /// @param deadline Last second at which the signature counts.
    /// @param signature Not looked at if the owner calls.
    /// @return operatorId Its number.
    function admit(
        address account,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external returns (uint32 operatorId);

    /// @notice Looks again whether an operator still holds its credentials; one whose identity is retired holds none. Anybody.
    /// @dev Emits {OperatorChecked}. Reverts with {WasteOperatorsUnknown} and {WasteOperatorsUnchanged}.
    /// @param operatorId Number.
    function recheck(uint32 operatorId) external;

    /// @notice Hands an operator over to another identity, which must hold a credential and own no operator. Keys and lots
    /// stay, permits and licence do not. Only the owner of the operator's identity.
    /// @dev Emits {OperatorHandedOver}, {OperatorChecked} where that differs, and {FacilityLicensed} where a licence ended.
    /// @param operatorId Number.
    /// @param account The other identity.
    /// @param nonce Of the other identity's owner.
    /// @param deadline Last second at which its signature counts.
    /// @param signature Its signature of the message `OperatorHandover`: who takes an operator over answers for its keys. Not
    /// looked at if the caller owns both identities.
    function handOver(
        uint32 operatorId,
        address account,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature
    ) external;

    /// @notice Gives an operator whose identity is retired another one, which must hold a credential, own no operator and not
    /// be retired. Keys and lots stay, permits and licence do not, as in {handOver}. Only WASTE_LICENSING.
    /// @dev Without it, what such an operator holds would stay with keys that nobody can dismiss. The successor is not asked.
    /// Emits as {handOver}.
    /// @param operatorId Number.
    /// @param account The other identity.
    function appointSuccessor(uint32 operatorId, address account) external;

    /// @notice Appoints a key that signs for an operator, or dismisses it.
    /// @dev By the owner of the operator's identity, or by its signature of the message `CrewChange`. Once appointed, a key
    /// never signs for another operator, so that what it signed for one cannot be brought as signed for the other. That is for
    /// good, so at first the key has to agree; a key that the operator dismissed comes back without being asked again.
    /// @param operatorId Number.
    /// @param key A plain key, or an account that calls itself when it is first appointed.
    /// @param until Last second, Unix time; zero: dismissed.
    /// @param nonce Of the owner.
    /// @param deadline Last second at which signature and consent count.
    /// @param signature Not looked at if the owner calls.
    /// @param consent The key's signature of the same message. Looked at only if the key never signed for any operator, and
    /// is not the caller. Uses no nonce, since it counts once; it cannot be taken back before the deadline.
    function setCrew(
        uint32 operatorId,
        address key,
        uint40 until,
        uint256 nonce,
        uint256 deadline,
        Signature calldata signature,
        CompactSignature calldata consent
    ) external;

    /// @notice Permits an operator to handle waste of a hazardous code, or withdraws that. Only WASTE_LICENSING.
    /// @param operatorId Number.
    /// @param code The code.
    /// @param until Last second, Unix time; zero: withdrawn.
    function permit(uint32 operatorId, uint24 code, uint40 until) external;

    /// @notice Writes a facility's licence. Only WASTE_LICENSING.
    /// @dev A licence sleeps while its operator does not hold WASTE_FACILITY, and can be withdrawn meanwhile.
    /// @param operatorId Number of an operator that holds WASTE_FACILITY, unless the time of the licence is over.
    /// @param terms What it says. To withdraw it, the same with a time that is over.
    function license(uint32 operatorId, FacilityTerms calldata terms) external;

    /// @notice An operator.
    /// @param operatorId Number.
    /// @return operator What is known of it.
    function operatorOf(uint32 operatorId) external view returns (Operator memory operator);

    /// @notice Number of the operator that an identity owns; zero: none.
    /// @param account The identity.
    /// @return operatorId Number.
    function numberOf(address account) external view returns (uint32 operatorId);

    /// @notice What a key may sign.
    /// @param key The key.
    /// @return crew Operator and time.
    function crewOf(address key) external view returns (Crew memory crew);

    /// @notice The operator for which a key may collect waste now, and until when it may carry a hazardous code.
    /// @dev One call for what a ticket asks.
    /// @param key The key.
    /// @param code A hazardous code; zero: nothing hazardous, and no permit is read.
    /// @return operatorId Number; zero: the key signs for no operator that holds WASTE_COLLECTOR.
    /// @return permittedUntil Last second of the permit for the code, Unix time; zero: none.
    function collectorOf(address key, uint24 code) external view returns (uint32 operatorId, uint40 permittedUntil);

    /// @notice Both sides of a handover.
    /// @dev One call for what a handover asks.
    /// @param senderKey Key that signed for the sender.
    /// @param receiverKey Key that signed for the receiver.
    /// @return parties The two operators.
    function partiesOf(address senderKey, address receiverKey) external view returns (Parties memory parties);

    /// @notice The facility for which a key acts now, with its licence.
    /// @dev One call for what a process asks.
    /// @param key The key.
    /// @return operatorId Number; zero: the key signs for no operator that holds WASTE_FACILITY and a licence that runs.
    /// @return terms The licence.
    function facilityBy(address key) external view returns (uint32 operatorId, FacilityTerms memory terms);

    /// @notice A facility's licence.
    /// @param operatorId Number.
    /// @return terms What it says, even if its time is over; all zero if there is none, or the operator no longer holds
    /// WASTE_FACILITY.
    function facilityOf(uint32 operatorId) external view returns (FacilityTerms memory terms);

    /// @notice Until when an operator may handle a hazardous code.
    /// @param operatorId Number.
    /// @param code The code.
    /// @return until Last second, Unix time; zero: not permitted.
    function permitOf(uint32 operatorId, uint24 code) external view returns (uint40 until);

    /// @notice Who owns identities.
    /// @return registry The registry.
    function identities() external view returns (IIdentities registry);

    /// @notice Whoever keeps the credentials.
    /// @return registry The registry.
    function credentials() external view returns (ICredentialRegistry registry);
}
