// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEcoRewards, RewardSettings} from "../../../contracts/rewards/IEcoRewards.sol";
import {IWasteLots} from "../../../contracts/waste/lots/IWasteLots.sol";
import {EcoRewardsProgrammesTest, EcoRewardsSettingsTest} from "./EcoRewardsProgrammes.t.sol";
import {EcoRewardsPeopleTest} from "./EcoRewardsPeople.t.sol";
import {EcoRewardsEarnTest, EcoRewardsReleaseTest} from "./EcoRewardsActs.t.sol";
import {EcoRewardsCyclesTest, EcoRewardsDepositsTest} from "./EcoRewardsDeposits.t.sol";
import {EcoRewardsEpochsTest} from "./EcoRewardsEpochs.t.sol";
import {RewardAttacksTest} from "./RewardAttacks.t.sol";

// The rewards are built for deployment by another compiler pipeline than the tests: every test once more on the very code
// that is deployed. A run of all tests builds it; a run of this file alone takes the last build.

contract EcoRewardsSettingsAsDeployedTest is EcoRewardsSettingsTest {
    function deployRewards(
        IWasteLots lots,
        RewardSettings memory settings_
    ) internal override returns (IEcoRewards deployed) {
        return deployRewardsArtifact(lots, settings_);
    }
}

contract EcoRewardsProgrammesAsDeployedTest is EcoRewardsProgrammesTest {
    function deployRewards(
        IWasteLots lots,
        RewardSettings memory settings_
    ) internal override returns (IEcoRewards deployed) {
        return deployRewardsArtifact(lots, settings_);
    }
}

contract EcoRewardsPeopleAsDeployedTest is EcoRewardsPeopleTest {
    function deployRewards(
        IWasteLots lots,
        RewardSettings memory settings_
    ) internal override returns (IEcoRewards deployed) {
        return deployRewardsArtifact(lots, settings_);
    }
}

contract EcoRewardsEarnAsDeployedTest is EcoRewardsEarnTest {
    function deployRewards(
        IWasteLots lots,
        RewardSettings memory settings_
    ) internal override returns (IEcoRewards deployed) {
        return deployRewardsArtifact(lots, settings_);
    }
}

contract EcoRewardsReleaseAsDeployedTest is EcoRewardsReleaseTest {
    function deployRewards(
        IWasteLots lots,
        RewardSettings memory settings_
    ) internal override returns (IEcoRewards deployed) {
        return deployRewardsArtifact(lots, settings_);
    }
}

contract EcoRewardsDepositsAsDeployedTest is EcoRewardsDepositsTest {
    function deployRewards(
        IWasteLots lots,
        RewardSettings memory settings_
    ) internal override returns (IEcoRewards deployed) {
        return deployRewardsArtifact(lots, settings_);
    }
}

contract EcoRewardsCyclesAsDeployedTest is EcoRewardsCyclesTest {
    function deployRewards(
        IWasteLots lots,
        RewardSettings memory settings_
    ) internal override returns (IEcoRewards deployed) {
        return deployRewardsArtifact(lots, settings_);
    }
}

contract EcoRewardsEpochsAsDeployedTest is EcoRewardsEpochsTest {
    function deployRewards(
        IWasteLots lots,
        RewardSettings memory settings_
    ) internal override returns (IEcoRewards deployed) {
        return deployRewardsArtifact(lots, settings_);
    }
}

contract RewardAttacksAsDeployedTest is RewardAttacksTest {
    function deployRewards(
        IWasteLots lots,
        RewardSettings memory settings_
    ) internal override returns (IEcoRewards deployed) {
        return deployRewardsArtifact(lots, settings_);
    }
}
