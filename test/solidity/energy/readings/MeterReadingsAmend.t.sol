// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signature, ISigned} from "../../../../contracts/authority/ISigned.sol";
import {EnergyCredentials} from "../../../../contracts/energy/EnergyCredentials.sol";
import {MeterStatus} from "../../../../contracts/energy/registry/IEnergyRegistry.sol";
import {
    AcceptedDay,
    IMeterReadings,
    Override,
    SignedDay
} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {ReadingsFixture} from "./ReadingsFixture.sol";
import {ValuesTwin} from "./ValuesTwin.sol";

/// @dev amend
///   ├ day of which nothing is accepted: UnknownDay; meter not there: UnknownMeter; proof of another: WrongProof
///   ├ from the end of the period on: WindowClosed; a second before, long after the window, accepted
///   ├ keys
///   │   ├ none, one: QuorumTooSmall
///   │   ├ each two, all three: accepted
///   │   ├ meter's signature of another day or length, over another value, or of a suspended meter: refused
///   │   └ operator's of another, for another meter, interval, value, version or chain: SignedInvalidSignature; without
///   │     credential: NotAccredited
///   ├ value as it stands, or missing: Unchanged; out of range: OutOfRange
///   └ accepted: stored, told, no bond touched; again with the next version; the meter's say is kept
contract MeterReadingsAmendTest is ReadingsFixture {
    event ReadingReplaced(
        uint32 indexed meter,
        uint32 indexed interval,
        int32 previousWh,
        int32 wh,
        uint16 version,
        bool byMeter
    );

    uint256 private constant POSITION = 2;
    uint32 private constant METER = (uint32(STREET) << 8) | uint32(POSITION);
    uint256 private constant HOUR = 17;
    uint32 private constant INTERVAL = FIRST + uint32(HOUR);
    int32 private constant WH = -1_234;

    bytes private _values;
    AcceptedDay private _accepted;

    function setUp() public override {
        super.setUp();
        _values = valuesOf(STREET_METERS);
        readings.submit(streetWith(_values, METERS | OPERATOR));
        _accepted = acceptedOf(_values, METER);
    }

    function test_OperatorsAmend() external {
        (Signature memory byOperator, Signature memory byGrid) = (_byOperator(WH, 0), _byGrid(WH, 0));
        vm.expectEmit(address(readings));
        emit ReadingReplaced(METER, INTERVAL, whAt(HOUR, POSITION), WH, 1, false);
        vm.prank(stranger);
        readings.amend(METER, INTERVAL, WH, noDay(), _accepted, byOperator, byGrid);
        _expectOverride(WH, 1, false);
        assertEq(readings.overriddenOf(METER, DAY), 1 << HOUR, "column");
        (, , , uint256 overridden) = readings.rowOf(STREET, INTERVAL);
        assertEq(overridden, 1 << POSITION, "row");
        (uint256 bond, , ) = readings.bondOf(operator);
        assertEq(bond, 4 * MINIMUM_BOND, "bond");
        assertEq(readings.creditOf(household), 0, "credit");
    }

    function test_MeterAndOperatorAmend() external {
        readings.amend(METER, INTERVAL, WH, _byMeter(WH), _accepted, _byOperator(WH, 0), noSignature());
        _expectOverride(WH, 1, true);
    }

    function test_MeterAndGridOperatorAmend() external {
        readings.amend(METER, INTERVAL, WH, _byMeter(WH), _accepted, noSignature(), _byGrid(WH, 0));
        _expectOverride(WH, 1, true);
    }

    function test_AllThreeAmend() external {
        readings.amend(METER, INTERVAL, WH, _byMeter(WH), _accepted, _byOperator(WH, 0), _byGrid(WH, 0));
        _expectOverride(WH, 1, true);
    }

    function test_AgainWithTheNextVersion() external {
        readings.amend(METER, INTERVAL, WH, _byMeter(WH), _accepted, noSignature(), _byGrid(WH, 0));
        (Signature memory byOperator, Signature memory byGrid) = (_byOperator(5, 1), _byGrid(5, 1));
        vm.expectEmit(address(readings));
        emit ReadingReplaced(METER, INTERVAL, WH, 5, 2, false);
        readings.amend(METER, INTERVAL, 5, noDay(), _accepted, byOperator, byGrid);
        // The meter has had its say, although it was overruled.
        _expectOverride(5, 2, true);
    }

    /// @dev What stood before can be restored, and the messages that amended it do not serve again.
    function test_RevertWhen_AnAmendmentIsReplayed() external {
        (Signature memory byOperator, Signature memory byGrid) = (_byOperator(WH, 0), _byGrid(WH, 0));
        readings.amend(METER, INTERVAL, WH, noDay(), _accepted, byOperator, byGrid);
        int32 first = whAt(HOUR, POSITION);
        readings.amend(METER, INTERVAL, first, noDay(), _accepted, _byOperator(first, 1), _byGrid(first, 1));
        _expectOverride(first, 2, false);
        _expectInvalidSigner(operator, WH, noDay(), byOperator, byGrid, 2);
    }

    // --- day, meter, time

    function test_RevertWhen_NothingIsAccepted() external {
        vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsUnknownDay.selector, STREET, DAY - 1));
        readings.amend(METER, FIRST - 1, WH, noDay(), _accepted, noSignature(), noSignature());
    }

    function test_RevertWhen_TheMeterIsNotThere() external {
        uint32[2] memory unknown = [meterOf(STREET, STREET_METERS), METER | (1 << 24)];
        for (uint256 i = 0; i < unknown.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IMeterReadings.MeterReadingsUnknownMeter.selector, unknown[i], DAY));
            readings.amend(unknown[i], INTERVAL, WH, noDay(), _accepted, noSignature(), noSignature());
        }
    }

    function test_RevertWhen_TheProofIsWrong() external {
        _accepted = acceptedOf(_values, METER + 1);
        _expectRefusal(
            WH,
            noDay(),
            _byOperator(WH, 0),
            _byGrid(WH, 0),
            abi.encodeWithSelector(IMeterReadings.MeterReadingsWrongProof.selector, METER, DAY)
        );
    }

    function test_RevertWhen_ThePeriodIsOver() external {
        (Signature memory byOperator, Signature memory byGrid) = (_byOperator(WH, 0), _byGrid(WH, 0));
        vm.warp(BROUGHT_AT + AMEND_DURATION);
        _expectRefusal(
            WH,
            noDay(),
            byOperator,
            byGrid,
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsWindowClosed.selector,
                STREET,
                DAY,
                BROUGHT_AT + AMEND_DURATION
            )
        );
        vm.warp(BROUGHT_AT + AMEND_DURATION - 1);
        readings.amend(METER, INTERVAL, WH, noDay(), _accepted, byOperator, byGrid);
        _expectOverride(WH, 1, false);
    }

    // --- keys

    function test_RevertWhen_OneKeySigned() external {
        _expectQuorum(noDay(), noSignature(), noSignature(), 0);
        _expectQuorum(_byMeter(WH), noSignature(), noSignature(), METERS);
        _expectQuorum(noDay(), _byOperator(WH, 0), noSignature(), OPERATOR);
        _expectQuorum(noDay(), noSignature(), _byGrid(WH, 0), GRID);
    }

    function test_RevertWhen_TheMeterSignedAnotherValue() external {
        _expectInvalidMeter(_byMeter(WH + 1));
    }

    function test_RevertWhen_TheMeterSignedAnotherDay() external {
        bytes memory column = _column(WH);
        bytes32 hash = dayHash(METER, DAY + 1, column);
        _expectInvalidMeter(SignedDay(column, compact(meterKey(STREET, POSITION), hash)));
    }

    function test_RevertWhen_AnotherMeterSigned() external {
        _expectInvalidMeter(signedBy(meterKey(STREET, POSITION + 1), METER, _column(WH)));
    }

    function test_RevertWhen_TheMeterIsSuspended() external {
        registry.setStatus(METER, MeterStatus.Suspended);
        _expectInvalidMeter(_byMeter(WH));
    }

    function test_SuspendedMetersValueIsAmendedByTheOthers() external {
        registry.setStatus(METER, MeterStatus.Suspended);
        readings.amend(METER, INTERVAL, WH, noDay(), _accepted, _byOperator(WH, 0), _byGrid(WH, 0));
        _expectOverride(WH, 1, false);
    }

    function test_RevertWhen_TheMetersDayIsOfAnotherLength() external {
        bytes memory column = new bytes(4 * HOURS - 4);
        _expectRefusal(
            WH,
            signedDay(METER, column),
            _byOperator(WH, 0),
            noSignature(),
            abi.encodeWithSelector(IMeterReadings.MeterReadingsWrongLength.selector, 4 * HOURS - 4, 4 * HOURS)
        );
    }

    function test_RevertWhen_OperatorsSignedSomethingElse() external {
        bytes32[4] memory hashes = [
            amendmentHash(METER + 1, INTERVAL, WH, 0),
            amendmentHash(METER, INTERVAL + 1, WH, 0),
            amendmentHash(METER, INTERVAL, WH + 1, 0),
            amendmentHash(METER, INTERVAL, WH, 1)
        ];
        for (uint256 i = 0; i < hashes.length; ++i) {
            _expectInvalidSigner(
                operator,
                WH,
                _byMeter(WH),
                signTyped(operatorKey, domain(), hashes[i]),
                noSignature(),
                0
            );
            _expectInvalidSigner(grid, WH, _byMeter(WH), noSignature(), signTyped(gridKey, domain(), hashes[i]), 0);
        }
        vm.chainId(99);
        Signature memory elsewhere = _byOperator(WH, 0);
        vm.chainId(31_337);
        _expectInvalidSigner(operator, WH, _byMeter(WH), elsewhere, noSignature(), 0);
    }

    function test_RevertWhen_OneOperatorSignedForBoth() external {
        Signature memory byOperator = _byOperator(WH, 0);
        _expectInvalidSigner(grid, WH, noDay(), byOperator, byOperator, 0);
    }

    function test_RevertWhen_AnOperatorHasNoCredential() external {
        credentials.set(EnergyCredentials.GRID_OPERATOR, grid, false);
        _expectRefusal(
            WH,
            noDay(),
            _byOperator(WH, 0),
            _byGrid(WH, 0),
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsNotAccredited.selector,
                EnergyCredentials.GRID_OPERATOR,
                grid
            )
        );
    }

    /// @dev Whoever reads the feeder now amends what its predecessor posted.
    function test_TheFeedersPresentOperatorSigns() external {
        registry.changeFeeder(STREET, stranger, grid, address(0));
        credentials.set(EnergyCredentials.METERING_OPERATOR, stranger, true);
        bytes32 hash = amendmentHash(METER, INTERVAL, WH, 0);
        _expectInvalidSigner(stranger, WH, _byMeter(WH), _byOperator(WH, 0), noSignature(), 0);
        readings.amend(METER, INTERVAL, WH, noDay(), _accepted, signTyped(strangerKey, domain(), hash), _byGrid(WH, 0));
        _expectOverride(WH, 1, false);
        assertEq(readings.dayOf(STREET, DAY).poster, operator, "poster stays");
    }

    // --- values

    function test_RevertWhen_TheValueStands() external {
        int32 first = whAt(HOUR, POSITION);
        _expectUnchanged(first, 0);
        readings.amend(METER, INTERVAL, WH, noDay(), _accepted, _byOperator(WH, 0), _byGrid(WH, 0));
        _expectUnchanged(WH, 1);
    }

    function test_RevertWhen_TheValueIsMissing() external {
        _expectUnchanged(ValuesTwin.MISSING, 0);
    }

    function test_RevertWhen_TheValueIsOutOfRange() external {
        int32[2] memory whs = [int32(IMPORT_CAP) + 1, -int32(EXPORT_CAP) - 1];
        for (uint256 i = 0; i < whs.length; ++i) {
            _expectRefusal(
                whs[i],
                noDay(),
                _byOperator(whs[i], 0),
                _byGrid(whs[i], 0),
                abi.encodeWithSelector(
                    IMeterReadings.MeterReadingsOutOfRange.selector,
                    METER,
                    INTERVAL,
                    whs[i],
                    -int256(uint256(EXPORT_CAP)),
                    int256(uint256(IMPORT_CAP))
                )
            );
        }
    }

    /// @dev Only the value named changes, whichever it is, and it is told as what stood before.
    function testFuzz_OneValueIsAmended(uint256 position, uint256 hour, int32 wh) external {
        position = bound(position, 0, STREET_METERS - 1);
        hour = bound(hour, 0, HOURS - 1);
        wh = int32(int256(bound(uint256(uint32(wh)), 0, IMPORT_CAP + EXPORT_CAP)) - int256(uint256(EXPORT_CAP)));
        if (wh == whAt(hour, position)) wh = wh == 0 ? int32(1) : -wh / 2;
        uint32 meter = meterOf(STREET, position);
        uint32 interval = FIRST + uint32(hour);
        bytes32 hash = amendmentHash(meter, interval, wh, 0);
        AcceptedDay memory accepted = acceptedOf(_values, meter);
        (Signature memory a, Signature memory b) = (
            signTyped(operatorKey, domain(), hash),
            signTyped(gridKey, domain(), hash)
        );
        vm.expectEmit(address(readings));
        emit ReadingReplaced(meter, interval, whAt(hour, position), wh, 1, false);
        readings.amend(meter, interval, wh, noDay(), accepted, a, b);
        assertTrue(readings.overrideOf(meter, interval).wh == wh, "wh");
        assertEq(readings.overriddenOf(meter, DAY), 1 << hour, "column");
        (, , , uint256 overridden) = readings.rowOf(STREET, interval);
        assertEq(overridden, 1 << position, "row");
    }

    // --- helpers

    function _column(int32 wh) private view returns (bytes memory column) {
        column = ValuesTwin.columnOf(_values, STREET_METERS, POSITION);
        ValuesTwin.set(column, HOUR, wh);
    }

    function _byMeter(int32 wh) private view returns (SignedDay memory signed) {
        return signedDay(METER, _column(wh));
    }

    function _byOperator(int32 wh, uint16 version) private view returns (Signature memory signature) {
        return signTyped(operatorKey, domain(), amendmentHash(METER, INTERVAL, wh, version));
    }

    function _byGrid(int32 wh, uint16 version) private view returns (Signature memory signature) {
        return signTyped(gridKey, domain(), amendmentHash(METER, INTERVAL, wh, version));
    }

    function _expectOverride(int32 wh, uint16 version, bool byMeter) private view {
        Override memory replacement = readings.overrideOf(METER, INTERVAL);
        assertTrue(replacement.wh == wh, "wh");
        assertEq(replacement.version, version, "version");
        assertTrue(replacement.byMeter == byMeter, "byMeter");
    }

    function _expectRefusal(
        int32 wh,
        SignedDay memory signed,
        Signature memory byOperator,
        Signature memory byGrid,
        bytes memory reason
    ) private {
        vm.expectRevert(reason);
        readings.amend(METER, INTERVAL, wh, signed, _accepted, byOperator, byGrid);
    }

    function _expectQuorum(
        SignedDay memory signed,
        Signature memory byOperator,
        Signature memory byGrid,
        uint8 keys
    ) private {
        _expectRefusal(
            WH,
            signed,
            byOperator,
            byGrid,
            abi.encodeWithSelector(IMeterReadings.MeterReadingsQuorumTooSmall.selector, keys, 2)
        );
    }

    function _expectInvalidMeter(SignedDay memory signed) private {
        _expectRefusal(
            WH,
            signed,
            _byOperator(WH, 0),
            _byGrid(WH, 0),
            abi.encodeWithSelector(
                IMeterReadings.MeterReadingsInvalidSignature.selector,
                METER,
                vm.addr(meterKey(STREET, POSITION))
            )
        );
    }

    function _expectInvalidSigner(
        address signer,
        int32 wh,
        SignedDay memory signed,
        Signature memory byOperator,
        Signature memory byGrid,
        uint16 version
    ) private {
        bytes32 digest = digestOf(amendmentHash(METER, INTERVAL, wh, version));
        _expectRefusal(
            wh,
            signed,
            byOperator,
            byGrid,
            abi.encodeWithSelector(ISigned.SignedInvalidSignature.selector, signer, digest)
        );
    }

    function _expectUnchanged(int32 wh, uint16 version) private {
        _expectRefusal(
            wh,
            noDay(),
            _byOperator(wh, version),
            _byGrid(wh, version),
            abi.encodeWithSelector(IMeterReadings.MeterReadingsUnchanged.selector, METER, INTERVAL, wh)
        );
    }
}
