// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Fault1155} from "../../conformance/Faulty1155.sol";
import {Fault20} from "../../conformance/Faulty20.sol";
import {Fault721} from "../../conformance/Faulty721.sol";
import {
    Suite1155,
    Suite20,
    Suite2612,
    Suite3009,
    Suite4906,
    Suite4907,
    Suite5192,
    Suite721
} from "../../conformance/FaultySuites.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {ERC1155Conformance} from "./ERC1155Conformance.sol";
import {ERC165Conformance} from "./ERC165Conformance.sol";
import {ERC20Conformance} from "./ERC20Conformance.sol";
import {ERC2612Conformance} from "./ERC2612Conformance.sol";
import {ERC3009Conformance} from "./ERC3009Conformance.sol";
import {ERC4906Conformance} from "./ERC4906Conformance.sol";
import {ERC4907Conformance} from "./ERC4907Conformance.sol";
import {ERC5192Conformance} from "./ERC5192Conformance.sol";
import {ERC721Conformance} from "./ERC721Conformance.sol";

/// @notice Each test of each suite fails on a token that breaks what it asks for, and passes on one that does not. A suite
/// has to be made anew for each, since a test changes its token.
contract SuitesFindFaults is CivitasTest {
    address private constant RECEIVER = address(0xB0B02);
    address private constant STRANGER = address(0x57A4404);

    function setUp() external {
        vm.warp(EPOCH);
    }

    function test_FindsFaultsOfERC20() external {
        _finds20(Fault20.TakesFee, abi.encodeCall(ERC20Conformance.testFuzz_TransferMovesAndTells, (5, 3)));
        _finds20(Fault20.MovesSilently, abi.encodeCall(ERC20Conformance.testFuzz_TransferMovesAndTells, (5, 3)));
        _finds20(Fault20.AnswersNothing, abi.encodeCall(ERC20Conformance.testFuzz_TransferMovesAndTells, (5, 3)));
        _finds20(Fault20.RefusesNothing, abi.encodeCall(ERC20Conformance.test_TransferOfNothingIsATransfer, ()));
        _finds20(
            Fault20.SelfTransferMakes,
            abi.encodeCall(ERC20Conformance.testFuzz_TransferToSelfChangesNothing, (5, 3))
        );
        _finds20(
            Fault20.AnswersFalse,
            abi.encodeCall(ERC20Conformance.testFuzz_RevertWhen_TransferExceedsBalance, (5, 6))
        );
        _finds20(
            Fault20.WrapsBalance,
            abi.encodeCall(ERC20Conformance.testFuzz_RevertWhen_TransferExceedsBalance, (5, 6))
        );
        _finds20(Fault20.ApproveAdds, abi.encodeCall(ERC20Conformance.testFuzz_ApproveSetsAndTells, (5, 3)));
        _finds20(
            Fault20.KeepsAllowance,
            abi.encodeCall(ERC20Conformance.testFuzz_TransferFromSpendsAllowance, (5, 4, 3))
        );
        _finds20(
            Fault20.IgnoresAllowance,
            abi.encodeCall(ERC20Conformance.testFuzz_RevertWhen_TransferFromExceedsAllowance, (3, 4))
        );
        _finds20(
            Fault20.WrapsBalance,
            abi.encodeCall(ERC20Conformance.testFuzz_RevertWhen_TransferFromExceedsBalance, (3, 4))
        );
        _finds20(
            Fault20.RefusesNothing,
            abi.encodeCall(ERC20Conformance.test_TransferFromOfNothingNeedsNoAllowance, ())
        );
        _finds20(Fault20.MakesSilently, abi.encodeCall(ERC20Conformance.testFuzz_SupplyIsWhatWasMade, (5, 3)));
        _finds20(Fault20.MovesSupply, abi.encodeCall(ERC20Conformance.testFuzz_SupplyIsWhatWasMade, (5, 3)));
        _finds20(Fault20.TakesZero, abi.encodeCall(ERC20Conformance.test_RevertWhen_TheZeroAddressGetsOrSpends, ()));
        _finds20(Fault20.NamesNothing, abi.encodeCall(ERC20Conformance.test_MetadataReads, ()));
    }

    function test_FindsFaultsOfERC2612() external {
        _finds2612(Fault20.FreezesDomain, abi.encodeCall(ERC2612Conformance.test_DomainIsOfTheTokenAndTheChain, ()));
        _finds2612(
            Fault20.PermitsSilently,
            abi.encodeCall(ERC2612Conformance.testFuzz_PermitApprovesAndTells, (5, 6, STRANGER))
        );
        _finds2612(Fault20.StrictDeadline, abi.encodeCall(ERC2612Conformance.test_PermitServesInItsLastSecond, ()));
        _finds2612(Fault20.KeepsNonce, abi.encodeCall(ERC2612Conformance.test_NoncesBeginAtZeroAndRiseByOne, ()));
        _finds2612(Fault20.NoDeadline, abi.encodeCall(ERC2612Conformance.test_RevertWhen_PermitIsLate, ()));
        _finds2612(Fault20.KeepsNonce, abi.encodeCall(ERC2612Conformance.test_RevertWhen_PermitIsUsedTwice, ()));
        _finds2612(Fault20.ChecksNobody, abi.encodeCall(ERC2612Conformance.test_RevertWhen_PermitSkipsANonce, ()));
        _finds2612(Fault20.ChecksNobody, abi.encodeCall(ERC2612Conformance.test_RevertWhen_AnotherSigns, ()));
        _finds2612(Fault20.ChecksNobody, abi.encodeCall(ERC2612Conformance.test_RevertWhen_SignedForAnotherChain, ()));
        _finds2612(Fault20.ChecksNobody, abi.encodeCall(ERC2612Conformance.test_RevertWhen_SignedForAnotherToken, ()));
        _finds2612(
            Fault20.ChecksNobody,
            abi.encodeCall(ERC2612Conformance.testFuzz_RevertWhen_SignedForAnotherValueOrSpender, (5, STRANGER))
        );
        _finds2612(
            Fault20.TakesZeroSigner,
            abi.encodeCall(ERC2612Conformance.test_RevertWhen_TheZeroAddressApproves, ())
        );
    }

    function test_FindsFaultsOfERC3009() external {
        _finds3009(
            Fault20.UsesSilently,
            abi.encodeCall(ERC3009Conformance.testFuzz_SignedTransferMovesAndTells, (5, STRANGER))
        );
        _finds3009(Fault20.MovesSilently, abi.encodeCall(ERC3009Conformance.test_SignedTransferTellsTheTransfer, ()));
        _finds3009(
            Fault20.KeepsNonce,
            abi.encodeCall(ERC3009Conformance.test_RevertWhen_SignedTransferIsUsedTwice, ())
        );
        _finds3009(
            Fault20.IgnoresTimes,
            abi.encodeCall(ERC3009Conformance.test_RevertWhen_SignedTransferIsEarlyOrLate, ())
        );
        _finds3009(
            Fault20.ChecksNobody,
            abi.encodeCall(ERC3009Conformance.testFuzz_RevertWhen_SignedOtherwise, (5, bytes32(uint256(9))))
        );
        _finds3009(Fault20.UsesSilently, abi.encodeCall(ERC3009Conformance.test_PayeeReceivesAndTells, ()));
        _finds3009(Fault20.AnybodyReceives, abi.encodeCall(ERC3009Conformance.test_RevertWhen_AnotherReceives, ()));
        _finds3009(Fault20.CancelsNothing, abi.encodeCall(ERC3009Conformance.test_CanceledNeverPays, ()));
        _finds3009(
            Fault20.ChecksNobody,
            abi.encodeCall(ERC3009Conformance.test_RevertWhen_CanceledByAnotherOrTooLate, ())
        );
    }

    function test_FindsFaultsOfERC721() external {
        _finds721(Fault721.MakesSilently, abi.encodeCall(ERC721Conformance.test_MintingGivesAndTells, ()));
        _finds721(
            Fault721.AnswersForNothing,
            abi.encodeCall(ERC721Conformance.test_RevertWhen_AskedForNobodyOrNothing, ())
        );
        _finds721(Fault721.MovesSilently, abi.encodeCall(ERC721Conformance.test_OwnerTransfersAndTells, ()));
        _finds721(Fault721.KeepsApproval, abi.encodeCall(ERC721Conformance.test_ApprovedTransfersOnce, ()));
        _finds721(Fault721.IgnoresOperators, abi.encodeCall(ERC721Conformance.test_OperatorTransfersEveryToken, ()));
        _finds721(Fault721.SelfTransferMakes, abi.encodeCall(ERC721Conformance.test_TransferToSelfEndsTheApproval, ()));
        _finds721(Fault721.KeepsApproval, abi.encodeCall(ERC721Conformance.test_TransferToSelfEndsTheApproval, ()));
        _finds721(Fault721.AnybodyMoves, abi.encodeCall(ERC721Conformance.test_RevertWhen_AStrangerTransfers, ()));
        _finds721(
            Fault721.IgnoresFrom,
            abi.encodeCall(ERC721Conformance.test_RevertWhen_TransferIsFromAnotherOrToNobodyOrOfNothing, ())
        );
        _finds721(
            Fault721.SwapsWhoAndFrom,
            abi.encodeCall(ERC721Conformance.testFuzz_SafeTransferTellsTheReceiver, ("words"))
        );
        _finds721(Fault721.InventsWords, abi.encodeCall(ERC721Conformance.test_SafeTransferWithoutWordsTellsNone, ()));
        _finds721(Fault721.IgnoresAnswer, abi.encodeCall(ERC721Conformance.test_RevertWhen_TheReceiverRefuses, ()));
        _finds721(Fault721.AsksAlways, abi.encodeCall(ERC721Conformance.test_NobodyIsAskedWithoutNeed, ()));
        _finds721(Fault721.ApprovesSilently, abi.encodeCall(ERC721Conformance.test_ApproveSetsAndTells, ()));
        _finds721(Fault721.NamesTheOperator, abi.encodeCall(ERC721Conformance.test_OperatorApproves, ()));
        _finds721(Fault721.ApprovedApproves, abi.encodeCall(ERC721Conformance.test_RevertWhen_AStrangerApproves, ()));
        _finds721(Fault721.OneOperator, abi.encodeCall(ERC721Conformance.test_OperatorsAreSetAndTold, ()));
        _finds721(Fault721.AnswersForNothing, abi.encodeCall(ERC721Conformance.test_MetadataReadsForTokensAlone, ()));
        _finds721(Fault721.ClaimsAll, abi.encodeCall(ERC165Conformance.test_ClaimsItselfAndNotTheInvalidId, ()));
        _finds721(Fault721.ClaimsNothing, abi.encodeCall(ERC165Conformance.test_ClaimsWhatItIs, ()));
        _finds721(Fault721.ClaimsAll, abi.encodeCall(ERC165Conformance.testFuzz_ClaimsNothingElse, (0x12345678)));
    }

    function test_FindsFaultsOfERC4907() external {
        _finds4907(
            Fault721.SetsUserSilently,
            abi.encodeCall(ERC4907Conformance.testFuzz_UserIsSetAndTold, (RECEIVER, 9))
        );
        _finds4907(Fault721.KeepsUser, abi.encodeCall(ERC4907Conformance.test_NobodyIsSetAsUser, ()));
        _finds4907(Fault721.AnybodySetsUser, abi.encodeCall(ERC4907Conformance.test_ApprovedAndOperatorsSetUsers, ()));
        _finds4907(Fault721.EndsEarly, abi.encodeCall(ERC4907Conformance.testFuzz_UserIsOneUntilTheLastSecond, (9)));
        _finds4907(Fault721.MovesUser, abi.encodeCall(ERC4907Conformance.test_TransferEndsTheUser, ()));
    }

    function test_FindsFaultsOfERC5192() external {
        _finds5192(Fault721.BeginsSilently, abi.encodeCall(ERC5192Conformance.test_BeginsUnlockedAndTellsIt, ()));
        _finds5192(Fault721.MovesLocked, abi.encodeCall(ERC5192Conformance.test_LockedNeverMovesAndTellsIt, ()));
    }

    function test_FindsFaultsOfERC4906() external {
        _finds4906(Fault721.ChangesSilently, abi.encodeCall(ERC4906Conformance.test_ChangeIsTold, ()));
    }

    function test_FindsFaultsOfERC1155() external {
        _finds1155(
            Fault1155.MakesSilently,
            abi.encodeCall(ERC1155Conformance.test_MintingIsToldAsATransferFromZero, ())
        );
        _finds1155(Fault1155.MovesSilently, abi.encodeCall(ERC1155Conformance.testFuzz_TransferMovesAndTells, (3)));
        _finds1155(Fault1155.NamesTheHolder, abi.encodeCall(ERC1155Conformance.test_OperatorTransfers, ()));
        _finds1155(
            Fault1155.SelfTransferMakes,
            abi.encodeCall(ERC1155Conformance.test_TransferToSelfChangesNothing, ())
        );
        _finds1155(Fault1155.AnybodyMoves, abi.encodeCall(ERC1155Conformance.test_RevertWhen_AStrangerTransfers, ()));
        _finds1155(Fault1155.TakesZero, abi.encodeCall(ERC1155Conformance.test_RevertWhen_TheReceiverIsZero, ()));
        _finds1155(
            Fault1155.WrapsBalance,
            abi.encodeCall(ERC1155Conformance.testFuzz_RevertWhen_TransferExceedsBalance, (51))
        );
        _finds1155(
            Fault1155.ForgetsWords,
            abi.encodeCall(ERC1155Conformance.testFuzz_TransferAsksTheReceiver, ("words"))
        );
        _finds1155(Fault1155.IgnoresAnswer, abi.encodeCall(ERC1155Conformance.test_RevertWhen_TheReceiverRefuses, ()));
        _finds1155(Fault1155.TellsSingles, abi.encodeCall(ERC1155Conformance.test_BatchMovesAndTells, ()));
        _finds1155(Fault1155.DropsRepeats, abi.encodeCall(ERC1155Conformance.test_BatchNamesAKindTwice, ()));
        _finds1155(Fault1155.TakesUneven, abi.encodeCall(ERC1155Conformance.test_RevertWhen_ListsDifferInLength, ()));
        _finds1155(Fault1155.AsksForEach, abi.encodeCall(ERC1155Conformance.test_BatchAsksTheReceiverOnce, ()));
        _finds1155(Fault1155.AsksAll, abi.encodeCall(ERC1155Conformance.test_NobodyIsAskedWithoutCode, ()));
        _finds1155(Fault1155.ReadsFirstAccount, abi.encodeCall(ERC1155Conformance.test_BalancesReadInPairs, ()));
        _finds1155(Fault1155.OperatorsForEver, abi.encodeCall(ERC1155Conformance.test_OperatorsAreSetAndTold, ()));
        _finds1155(Fault1155.NoAddress, abi.encodeCall(ERC1155Conformance.test_MetadataReads, ()));
        _finds1155(Fault1155.ClaimsAll, abi.encodeCall(ERC165Conformance.test_ClaimsItselfAndNotTheInvalidId, ()));
        _finds1155(Fault1155.ClaimsNothing, abi.encodeCall(ERC165Conformance.test_ClaimsWhatItIs, ()));
        _finds1155(Fault1155.ClaimsAll, abi.encodeCall(ERC165Conformance.testFuzz_ClaimsNothingElse, (0x12345678)));
    }

    function _finds20(Fault20 fault, bytes memory test) private {
        _assertPasses(address(new Suite20(Fault20.None)), test);
        _assertFails(address(new Suite20(fault)), test, uint256(fault));
    }

    function _finds2612(Fault20 fault, bytes memory test) private {
        _assertPasses(address(new Suite2612(Fault20.None)), test);
        _assertFails(address(new Suite2612(fault)), test, uint256(fault));
    }

    function _finds3009(Fault20 fault, bytes memory test) private {
        _assertPasses(address(new Suite3009(Fault20.None)), test);
        _assertFails(address(new Suite3009(fault)), test, uint256(fault));
    }

    function _finds721(Fault721 fault, bytes memory test) private {
        _assertPasses(address(new Suite721(Fault721.None)), test);
        _assertFails(address(new Suite721(fault)), test, uint256(fault));
    }

    function _finds4907(Fault721 fault, bytes memory test) private {
        _assertPasses(address(new Suite4907(Fault721.None)), test);
        _assertFails(address(new Suite4907(fault)), test, uint256(fault));
    }

    function _finds5192(Fault721 fault, bytes memory test) private {
        _assertPasses(address(new Suite5192(Fault721.None)), test);
        _assertFails(address(new Suite5192(fault)), test, uint256(fault));
    }

    function _finds4906(Fault721 fault, bytes memory test) private {
        _assertPasses(address(new Suite4906(Fault721.None)), test);
        _assertFails(address(new Suite4906(fault)), test, uint256(fault));
    }

    function _finds1155(Fault1155 fault, bytes memory test) private {
        _assertPasses(address(new Suite1155(Fault1155.None)), test);
        _assertFails(address(new Suite1155(fault)), test, uint256(fault));
    }

    function _assertPasses(address suite, bytes memory test) private {
        uint256 chain = block.chainid;
        (bool done, bytes memory answer) = suite.call(test);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        _restore(chain);
    }

    function _assertFails(address suite, bytes memory test, uint256 fault) private {
        uint256 chain = block.chainid;
        (bool done, ) = suite.call(test);
        assertFalse(done, string.concat("fault ", vm.toString(fault), " is not found by ", vm.toString(bytes32(test))));
        _restore(chain);
    }

    /// @dev Tests may change time and chain.
    function _restore(uint256 chain) private {
        vm.chainId(chain);
        vm.warp(EPOCH);
    }
}
