// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IMeterReadings, ReadingSettings} from "../../../../contracts/energy/readings/IMeterReadings.sol";
import {MeterReadingsAmendTest} from "./MeterReadingsAmend.t.sol";
import {MeterReadingsBondsTest} from "./MeterReadingsBonds.t.sol";
import {MeterReadingsChallengeTest} from "./MeterReadingsChallenge.t.sol";
import {MeterReadingsSubmitTest} from "./MeterReadingsSubmit.t.sol";

// The readings contract is built for deployment by another compiler pipeline than the tests: every test once more on the
// very code that is deployed. A run of all tests builds it; a run of this file alone takes the last build.

contract MeterReadingsSubmitAsDeployedTest is MeterReadingsSubmitTest {
    function deployReadings(
        IERC20 token,
        ReadingSettings memory settings_
    ) internal override returns (IMeterReadings deployed) {
        return deployReadingsArtifact(token, settings_);
    }
}

contract MeterReadingsChallengeAsDeployedTest is MeterReadingsChallengeTest {
    function deployReadings(
        IERC20 token,
        ReadingSettings memory settings_
    ) internal override returns (IMeterReadings deployed) {
        return deployReadingsArtifact(token, settings_);
    }
}

contract MeterReadingsAmendAsDeployedTest is MeterReadingsAmendTest {
    function deployReadings(
        IERC20 token,
        ReadingSettings memory settings_
    ) internal override returns (IMeterReadings deployed) {
        return deployReadingsArtifact(token, settings_);
    }
}

contract MeterReadingsBondsAsDeployedTest is MeterReadingsBondsTest {
    function deployReadings(
        IERC20 token,
        ReadingSettings memory settings_
    ) internal override returns (IMeterReadings deployed) {
        return deployReadingsArtifact(token, settings_);
    }
}
