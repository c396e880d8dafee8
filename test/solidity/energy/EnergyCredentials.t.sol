// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature} from "../../../contracts/authority/ISigned.sol";
import {EnergyCredentials} from "../../../contracts/energy/EnergyCredentials.sol";
import {
    DaySubmission,
    IMeterReadings,
    ReadingKeys,
    ReadingSettings
} from "../../../contracts/energy/readings/IMeterReadings.sol";
import {MeterReadings} from "../../../contracts/energy/readings/MeterReadings.sol";
import {CityEuro} from "../../../contracts/finance/CityEuro.sol";
import {Credentials} from "../../../contracts/identity/Credentials.sol";
import {KeyAppointment} from "../../../contracts/identity/ICredentials.sol";
import {Identities} from "../../../contracts/identity/Identities.sol";
import {EnergyRegistryFixture} from "./registry/EnergyRegistryFixture.sol";

/// @notice The readings before the real credentials: an accreditor, an inspector whom it accredited, and trades that the
/// inspector allowed.
/// @dev A trade's credential, of either operator
///   ├ revoked, suspended, expired: refused
///   ├ its issuer's accreditation withdrawn or lapsed: refused
///   ├ of the other trade: refused
///   └ restored, issued again: accepted
contract EnergyCredentialsTest is EnergyRegistryFixture {
    uint40 private constant UNTIL = uint40(EPOCH + 365 days);
    uint256 private constant DAY_BYTES = 4 * 96;
    bytes32 private constant FEEDER_READINGS_TYPE = keccak256(
        "FeederReadings(uint16 feeder,uint32 day,bytes values,bytes headValues,bytes meterSignatures)"
    );

    Credentials private _credentials;
    MeterReadings private _readings;
    address private _accreditor;
    address private _inspector;
    /// @dev Counts down, so that every submission is of a day of its own that is over.
    uint32 private _day = uint32(EPOCH / 1 days);

    function setUp() public override {
        super.setUp();
        vm.prank(registrar);
        registry.changeFeeder(FEEDER, operator, grid, address(0));
        (_accreditor, ) = actor("accreditor");
        (_inspector, ) = actor("inspector");
        Identities identities = new Identities();
        _credentials = new Credentials(address(manager), identities);
        _appointItself(_accreditor);
        _appointItself(_inspector);
        bytes32[2] memory types = [EnergyCredentials.METERING_OPERATOR, EnergyCredentials.GRID_OPERATOR];
        for (uint256 i = 0; i < types.length; ++i) {
            _credentials.registerType(types[i], _accreditor, true, false, "");
            _accredit(types[i], UNTIL);
        }
        _issue(EnergyCredentials.METERING_OPERATOR, operator);
        _issue(EnergyCredentials.GRID_OPERATOR, grid);
        _readings = new MeterReadings(
            new CityEuro(address(manager)),
            registry,
            identities,
            _credentials,
            ReadingSettings({
                window: 1 days,
                amendDuration: 60 days,
                toleranceBp: 500,
                toleranceWh: 0,
                community: grid,
                minimumBond: 0,
                penalty: 0
            })
        );
    }

    function test_HoldersSayWhatMetersMeasured() external {
        _submit();
        assertEq(
            _readings.dayOf(FEEDER, _day).signedKeys,
            ReadingKeys.OPERATOR | ReadingKeys.GRID_OPERATOR,
            "both were believed"
        );
    }

    function test_RevertWhen_CredentialIsRevokedSuspendedOrOver() external {
        for (uint256 trade = 0; trade < 2; ++trade) {
            (bytes32 typeId, address holder) = _trade(trade);
            vm.prank(_inspector);
            _credentials.suspend(typeId, holder);
            _expectRefused(typeId, holder);
            vm.prank(_inspector);
            _credentials.restore(typeId, holder);
            _submit();

            vm.prank(_inspector);
            _credentials.revoke(typeId, holder);
            vm.warp(block.timestamp + 1);
            _expectRefused(typeId, holder);
            _issue(typeId, holder);
            _submit();

            uint40 until = uint40(block.timestamp + 1 days);
            vm.prank(_inspector);
            _credentials.issue(typeId, holder, until, 0);
            vm.warp(until);
            _submit();
            vm.warp(until + 1);
            _expectRefused(typeId, holder);
            _issue(typeId, holder);
        }
    }

    function test_RevertWhen_AccreditationOfTheIssuerLapsedOrWasWithdrawn() external {
        for (uint256 trade = 0; trade < 2; ++trade) {
            (bytes32 typeId, address holder) = _trade(trade);
            uint40 until = uint40(block.timestamp + 1 days);
            _accredit(typeId, until);
            vm.warp(until + 1);
            _expectRefused(typeId, holder);
            _accredit(typeId, UNTIL);
            _submit();

            vm.prank(_accreditor);
            _credentials.withdrawAccreditation(typeId, _inspector);
            vm.warp(block.timestamp + 1 days);
            _expectRefused(typeId, holder);
            // Only what was said anew counts.
            _accredit(typeId, UNTIL);
            _expectRefused(typeId, holder);
            _issue(typeId, holder);
            _submit();
        }
    }

    function test_RevertWhen_CredentialIsOfTheOtherTrade() external {
        vm.prank(registrar);
        registry.changeFeeder(FEEDER, grid, operator, address(0));
        (operator, grid) = (grid, operator);
        _expectRefused(EnergyCredentials.METERING_OPERATOR, operator);
        _issue(EnergyCredentials.METERING_OPERATOR, operator);
        _expectRefused(EnergyCredentials.GRID_OPERATOR, grid);
        _issue(EnergyCredentials.GRID_OPERATOR, grid);
        _submit();
    }

    // --- helpers

    function _trade(uint256 number) private view returns (bytes32 typeId, address holder) {
        return number == 0 ? (EnergyCredentials.METERING_OPERATOR, operator) : (EnergyCredentials.GRID_OPERATOR, grid);
    }

    function _appointItself(address account) private {
        Signature memory none;
        KeyAppointment memory appointment = KeyAppointment({
            issuer: account,
            key: account,
            until: UNTIL,
            nonce: 0,
            deadline: uint48(EPOCH + 1 hours)
        });
        vm.prank(account);
        _credentials.appointKey(appointment, none, none);
    }

    function _accredit(bytes32 typeId, uint40 until) private {
        vm.prank(_accreditor);
        _credentials.accredit(typeId, _inspector, until, false);
    }

    function _issue(bytes32 typeId, address subject) private {
        vm.prank(_inspector);
        _credentials.issue(typeId, subject, UNTIL, 0);
    }

    /// @dev A day on which the feeder's one meter measured nothing, as both operators say.
    function _submission() private returns (DaySubmission memory submission) {
        bytes memory values = new bytes(DAY_BYTES);
        bytes32 hash = keccak256(
            abi.encode(FEEDER_READINGS_TYPE, FEEDER, --_day, keccak256(values), keccak256(""), keccak256(""))
        );
        submission.feeder = FEEDER;
        submission.day = _day;
        submission.values = values;
        submission.operatorSignature = _sign(operator, hash);
        submission.gridOperatorSignature = _sign(grid, hash);
    }

    function _sign(address account, bytes32 hash) private returns (Signature memory signature) {
        (address first, uint256 firstKey) = actor("operator");
        (, uint256 secondKey) = actor("grid");
        uint256 privateKey = account == first ? firstKey : secondKey;
        return signTyped(privateKey, domainOf("Civitas Meter Readings", address(_readings)), hash);
    }

    function _submit() private {
        DaySubmission memory submission = _submission();
        _readings.submit(submission);
    }

    function _expectRefused(bytes32 typeId, address holder) private {
        DaySubmission memory submission = _submission();
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsNotAccredited.selector, typeId, holder));
        _readings.submit(submission);
    }
}
