// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Act, Claim, ClaimStatus, Cycle, Deposit, ProgrammeTerms} from "../../../contracts/rewards/IEcoRewards.sol";
import {RewardIds} from "../../../contracts/rewards/RewardIds.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {RewardCity} from "./RewardFixture.sol";

/// @notice Drives rewards with people who act, deposit and claim, offices that change budgets, audit and void, and a clock. Beside
/// it runs a twin in plain mappings and sums, which says before each call what it must do.
contract RewardsHandler is RewardCity {
    struct TwinClaim {
        uint64 person;
        uint16 programme;
        uint256 amount;
        uint256 grams;
        uint256 unlockAt;
        uint256 spans;
        ClaimStatus status;
        uint64 cycle;
        uint256 released;
    }

    struct TwinCycle {
        uint256 claimed;
        uint256 collected;
        bool isCollected;
        uint256 settledAt;
        uint256 allowed;
        uint256 cutBp;
        bool released;
        uint256 paid;
        bool deposited;
        uint32 lastCounter;
    }

    struct TwinEpoch {
        uint256 total;
        uint256 left;
        uint40 claimableAt;
        bool struckOut;
        bytes32[4] leaves;
        uint256[4] amounts;
        bool[4] claimed;
    }

    uint256 internal constant SPANS = 8;
    uint48 internal constant PERSON_CAP = 6e6;

    uint64[] internal people;
    address[] internal accounts;
    uint32[] internal binIds;

    // The twin.
    uint256 public cityBudget;
    uint256 public setAside;
    mapping(uint256 day => uint256) public usedOn;
    mapping(uint256 year => uint256) public usedIn;
    mapping(uint16 programme => uint256) public budgetOf;
    mapping(uint16 programme => mapping(uint256 day => uint256)) public programmeUsed;
    /// @dev Attestors by programme and key, see {_speaker}.
    mapping(bytes32 attestor => uint256) public attestorBudget;
    mapping(bytes32 attestor => mapping(uint256 day => uint256)) public attestorUsed;
    mapping(uint64 person => mapping(uint256 day => uint256)) public depositUsed;
    mapping(uint64 person => uint256) public struckUntil;
    mapping(uint256 id => TwinClaim) internal claims;
    uint256[] public claimIds;
    mapping(uint64 cycle => TwinCycle) internal cycles;
    uint64[] public cycleIds;
    mapping(uint32 bin => uint32) internal collections;
    mapping(uint64 cycle => mapping(uint32 counter => bool)) internal recorded;
    mapping(uint40 epochId => TwinEpoch) internal epochs_;
    uint40[] public epochIds;
    uint256 public released;
    uint256 public claimedOfEpochs;

    // What was given, by the caps that were in force.
    uint256[] public daysSeen;
    mapping(uint256 day => uint256) public cityPaid;
    mapping(uint256 day => uint256) public cityPeak;
    mapping(uint256 year => uint256) public yearPaid;
    mapping(uint16 programme => mapping(uint256 day => uint256)) public programmePaid;
    mapping(uint16 programme => mapping(uint256 day => uint256)) public programmePeak;
    mapping(bytes32 attestor => mapping(uint256 day => uint256)) public attestorPeak;
    bytes32[] internal attestors;

    uint256 internal steps;
    uint256 public done;
    string public broken;

    constructor() {
        buildRewards();
        people = [aliceId, bobId, carolId, NULLIFIER, NULLIFIER + 1];
        accounts = [alice, bob, carol, stranger, relayer];
        binIds = [BIN, BIN + 1];
        bins.set(BIN + 1, vm.addr(deviceKey), 20, 1_000);
        ProgrammeTerms memory terms = attestedTerms();
        (terms.dayCapPerPerson, terms.dayBudget, terms.leastUnits) = (PERSON_CAP, 12e6, 10);
        setTerms(attested, terms);
        terms = nullifierTerms();
        (terms.dayCapPerPerson, terms.dayBudget, terms.leastUnits) = (PERSON_CAP, 10e6, 10);
        setTerms(byNullifier, terms);
        terms = depositTerms();
        (terms.dayCapPerPerson, terms.dayBudget) = (PERSON_CAP, 15e6);
        setTerms(deposits, terms);
        terms = epochTerms();
        terms.dayBudget = 5e6;
        setTerms(epochs, terms);
        (budgetOf[attested], budgetOf[deposits], budgetOf[epochs], budgetOf[byNullifier]) = (12e6, 15e6, 5e6, 10e6);
        // 195 tokens were freed while the programme was set up, which the first day and year count as used.
        (setAside, usedOn[today()], usedIn[_year(today())]) = (5e6, 195e6, 366 * 195e6);
        cityBudget = CITY_BUDGET;
        setCityBudget(230e6);
        cityBudget = 230e6;
        setAttestor(highKey, 4e6);
        attestors = [
            _speaker(attested, lowKey),
            _speaker(attested, highKey),
            _speaker(byNullifier, lowKey),
            _speaker(byNullifier, highKey)
        ];
        for (uint256 i = 0; i < attestors.length; ++i) attestorBudget[attestors[i]] = i == 1 ? 4e6 : ATTESTOR_BUDGET;
        _touch();
    }

    modifier step() {
        ++steps;
        _touch();
        _;
        _touch();
        vm.warp(block.timestamp + 1 minutes);
    }

    // --- calls

    function act(uint256 who, uint256 units, uint256 quality, uint256 daysBack, uint256 span, bool high) external step {
        (uint64 person, address account) = _person(who);
        Act memory made = actOf(person, account);
        made.units = uint32(bound(units, 0, 3_000));
        made.qualityBp = uint16(bound(quality, 5_000, 10_000));
        made.day -= uint24(bound(daysBack, 0, 40) / 6); // mostly today
        made.span = uint8(_pick(span, SPANS));
        uint256 key = high ? highKey : lowKey;
        uint16 programme = made.programmeId;
        // Sometimes in the programme of the other sort.
        bool ofItsSort = _pick(units, 8) != 0;
        if (!ofItsSort) made.programmeId = programme == attested ? byNullifier : attested;
        uint256 id = RewardIds.ofDay(programme, person, made.day);
        TwinClaim storage claim = claims[id];
        bytes32 attestor = _speaker(programme, key);
        bool fits = ofItsSort && claim.status < ClaimStatus.Released && (claim.spans >> made.span) & 1 == 0;
        uint256 paid = (uint256(made.units) * RATE * made.qualityBp) / 10_000_000;
        if (made.units < 10 || made.day <= struckUntil[person]) paid = 0;
        paid = _least(paid, PERSON_CAP - claim.amount);
        paid = _least(paid, _rest(attestorBudget[attestor], attestorUsed[attestor][today()]));
        paid = _leastOfCity(programme, paid);
        try rewards.earn(made, signed(made, key)) returns (uint256 given) {
            if (!fits) broken = "act counted twice, of the other sort, or into a claim that is over";
            if (given != paid) broken = "act paid otherwise than by the twin";
            attestorUsed[attestor][today()] += given;
            if (claim.status == ClaimStatus.None) _open(id, person, programme, 0);
            claim.spans |= 1 << made.span;
            _grow(claim, given);
            if (given == 0 && claim.amount == 0 && claim.unlockAt == 0) claim.unlockAt = block.timestamp + WINDOW;
        } catch {
            if (fits) broken = "act refused";
        }
    }

    function putIn(uint256 who, uint256 grams, uint256 which, bool late, bool twice) external step {
        (uint64 person, address account) = _person(who);
        Deposit memory deposit = depositOf(person, account, uint32(bound(grams, 0, 6_000)));
        deposit.binId = binIds[_pick(which, 2)];
        deposit.collection = collections[deposit.binId] + (late ? 0 : 1);
        uint64 cycleId = RewardIds.ofCycle(deposit.binId, deposit.collection);
        TwinCycle storage cycle = cycles[cycleId];
        // In no order; so one may come again by chance, too.
        deposit.counter = twice ? cycle.lastCounter : uint32(_pick(grams, 2_000));
        uint256 id = RewardIds.ofDeposits(deposits, person, cycleId);
        TwinClaim storage claim = claims[id];
        if (late) deposit.takenAt = bins.recordOf(deposit.binId).emptiedAt;
        uint24 day = uint24((uint256(deposit.takenAt) + 1 hours) / 1 days);
        bool fits =
            person < 1 << 63 &&
                !recorded[cycleId][deposit.counter] &&
                claim.status < ClaimStatus.Released &&
                day + 6 >= today() &&
                !(late && cycle.settledAt != 0 && block.timestamp >= cycle.settledAt + AUDIT_DURATION);
        uint256 room = (deposit.binId == BIN ? 220_000 : 20_000) - cycle.claimed;
        uint256 paid = deposit.grams < 50 || day <= struckUntil[person] ? 0 : uint256(deposit.grams) * 1_000;
        paid = _least(paid, room * 1_000);
        paid = _least(paid, PERSON_CAP - depositUsed[person][day]);
        paid = _leastOfCity(deposits, paid);
        try rewards.recordDeposit(deposit, compact(deviceKey, depositHash(deposit))) returns (uint256 given) {
            if (!fits) broken = "deposit counted twice, late, or into a claim that is over";
            if (given != paid) broken = "deposit paid otherwise than by the twin";
            (recorded[cycleId][deposit.counter], cycle.deposited, cycle.lastCounter) = (true, true, deposit.counter);
            if (cycle.claimed == 0 && !cycle.isCollected) _openCycle(cycleId);
            if (given == 0) return;
            if (claim.status == ClaimStatus.None) _open(id, person, deposits, cycleId);
            depositUsed[person][day] += given;
            uint256 claimed = (given + 999) / 1_000;
            cycle.claimed += claimed;
            claim.grams += claimed;
            _grow(claim, given);
        } catch {
            if (fits) broken = "deposit refused";
        }
    }

    function empty(uint256 which, uint256 factor) external step {
        uint32 binId = binIds[_pick(which, 2)];
        if (factor % 3 != 0) return;
        uint32 number = ++collections[binId];
        bins.empty(binId, uint40(block.timestamp));
        uint64 cycleId = RewardIds.ofCycle(binId, number);
        TwinCycle storage cycle = cycles[cycleId];
        if (!cycle.isCollected) _openCycle(cycleId);
        cycle.isCollected = true;
        cycle.collected = (cycle.claimed * bound(factor, 0, 20)) / 12;
        tickets.set(cycleId, CODE, uint32(cycle.collected));
    }

    function settle(uint256 which, uint256 revised) external step {
        if (cycleIds.length == 0) return;
        uint64 cycleId = cycleIds[_pick(which, cycleIds.length)];
        TwinCycle storage cycle = cycles[cycleId];
        (uint32 binId, uint32 number) = RewardIds.partsOf(cycleId);
        if (cycle.isCollected && revised % 4 == 0) {
            cycle.collected = (cycle.collected * 9) / 8;
            tickets.set(cycleId, CODE, uint32(cycle.collected));
        }
        uint256 allowed = (cycle.collected * 10_500) / 10_000;
        bool fits =
            cycle.deposited &&
                cycle.isCollected &&
                !cycle.released &&
                (cycle.settledAt == 0 || cycle.allowed != allowed);
        try rewards.settleCycle(binId, number) {
            if (!fits) broken = "cycle settled that cannot be";
            if (cycle.settledAt == 0) cycle.settledAt = block.timestamp;
            cycle.allowed = allowed;
        } catch {
            if (fits) broken = "cycle not settled";
        }
    }

    function audit(uint256 which, uint256 cutBp) external step {
        if (cycleIds.length == 0 || cutBp % 4 != 0) return;
        uint64 cycleId = cycleIds[_pick(which, cycleIds.length)];
        TwinCycle storage cycle = cycles[cycleId];
        (uint32 binId, uint32 number) = RewardIds.partsOf(cycleId);
        cutBp = bound(cutBp, 0, 10_000);
        bool fits = cycle.deposited && !cycle.released && cycle.cutBp != cutBp;
        vm.prank(auditor);
        try rewards.auditCycle(binId, number, uint16(cutBp), REASON) {
            if (!fits) broken = "cycle cut that cannot be";
            cycle.cutBp = cutBp;
        } catch {
            if (fits) broken = "cycle not cut";
        }
    }

    function release(uint256 which) external step {
        if (claimIds.length == 0) return;
        uint256 id = claimIds[_pick(which, claimIds.length)];
        TwinClaim storage claim = claims[id];
        TwinCycle storage cycle = cycles[claim.cycle];
        bool fits = claim.status == ClaimStatus.Pending && block.timestamp >= claim.unlockAt;
        uint256 amount = claim.amount;
        if (claim.programme == deposits) {
            fits = fits && cycle.settledAt != 0 && block.timestamp >= cycle.settledAt + AUDIT_DURATION;
            uint256 share = cycle.allowed < cycle.claimed ? cycle.allowed : cycle.claimed;
            amount = (amount * share * (10_000 - cycle.cutBp)) / (cycle.claimed * 10_000);
        }
        try rewards.release(id) returns (uint256 given) {
            if (!fits) broken = "claim released that cannot be";
            if (given != amount) broken = "claim released otherwise than by the twin";
            claim.status = ClaimStatus.Released;
            claim.released = given;
            cycle.released = true;
            cycle.paid += given;
            released += given;
            ++done;
        } catch {
            if (fits) broken = "claim not released";
        }
    }

    function void(uint256 which, uint256 strike) external step {
        if (claimIds.length == 0 || strike % 4 != 0) return;
        uint256 id = claimIds[_pick(which, claimIds.length)];
        TwinClaim storage claim = claims[id];
        bool fits = claim.status == ClaimStatus.Pending;
        uint16 strikeDays = uint16(strike >> 8) % 3;
        vm.prank(auditor);
        try rewards.voidClaim(id, REASON, strikeDays) {
            if (!fits) broken = "claim voided that cannot be";
            claim.status = ClaimStatus.Voided;
            TwinCycle storage cycle = cycles[claim.cycle];
            if (claim.programme == deposits && !cycle.released) cycle.claimed -= claim.grams;
            uint256 until = uint256(today()) + strikeDays;
            if (strikeDays != 0 && until > struckUntil[claim.person]) struckUntil[claim.person] = until;
        } catch {
            if (fits) broken = "claim not voided";
        }
    }

    function postRoot(uint256 seed, uint256 total) external step {
        TwinEpoch memory epoch;
        uint256 sum;
        for (uint256 i = 0; i < 4; ++i) {
            epoch.amounts[i] = 1 + (uint256(keccak256(abi.encode(seed, steps, i))) % 1.5e6);
            // The first two leaves may have one index: then one of them is paid.
            uint256 index = seed % 3 == 0 && i == 1 ? 0 : i;
            epoch.leaves[i] = leafOf(index, accounts[i], epoch.amounts[i]); // of today
            sum += epoch.amounts[i];
        }
        // Sometimes less than the leaves sum up to.
        epoch.total = bound(total, (sum * 3) / 4, sum);
        (epoch.left, epoch.claimableAt) = (epoch.total, uint40(block.timestamp + EPOCH_WINDOW));
        uint40 epochId = RewardIds.ofEpoch(epochs, today());
        bool fits = epochs_[epochId].total == 0 && epoch.total <= budgetOf[epochs];
        bytes32 root = _root(epoch);
        vm.prank(poster);
        try rewards.postEpoch(epochId, root, uint48(epoch.total), "") {
            if (!fits) broken = "epoch posted that cannot be";
            epochs_[epochId] = epoch;
            epochIds.push(epochId);
            _pay(epochs, epoch.total);
        } catch {
            if (fits) broken = "epoch not posted";
        }
    }

    function claimLeaf(uint256 which, uint256 leaf, bool sameIndex) external step {
        if (epochIds.length == 0) return;
        uint40 epochId = epochIds[_pick(which, epochIds.length)];
        TwinEpoch storage epoch = epochs_[epochId];
        leaf = _pick(leaf, 4);
        uint256 index = leaf == 1 && sameIndex ? 0 : leaf;
        bool known = epoch.leaves[leaf] == leafOf(epochId, index, accounts[leaf], epoch.amounts[leaf]);
        bool fits =
            known &&
                !epoch.struckOut &&
                block.timestamp >= epoch.claimableAt &&
                !epoch.claimed[index] &&
                epoch.amounts[leaf] <= epoch.left;
        bytes32[] memory proof = new bytes32[](2);
        proof[0] = epoch.leaves[leaf ^ 1];
        uint256 other = leaf < 2 ? 2 : 0;
        proof[1] = pairOf(epoch.leaves[other], epoch.leaves[other + 1]);
        try rewards.claimFromEpoch(epochId, epoch.claimableAt, index, accounts[leaf], epoch.amounts[leaf], proof) {
            if (!fits) broken = "leaf paid that cannot be";
            epoch.claimed[index] = true;
            epoch.left -= epoch.amounts[leaf];
            claimedOfEpochs += epoch.amounts[leaf];
            ++done;
        } catch {
            if (fits) broken = "leaf not paid";
        }
    }

    function strikeOut(uint256 which, uint256 chance) external step {
        if (epochIds.length == 0 || chance % 8 != 0) return;
        uint40 epochId = epochIds[_pick(which, epochIds.length)];
        TwinEpoch storage epoch = epochs_[epochId];
        bool fits = !epoch.struckOut && block.timestamp < epoch.claimableAt;
        bytes32 root = _root(epoch);
        vm.prank(auditor);
        try rewards.voidEpoch(epochId, root, epoch.claimableAt, REASON) {
            if (!fits) broken = "epoch struck out that cannot be";
            (epoch.struckOut, epoch.left) = (true, 0);
        } catch {
            if (fits) broken = "epoch not struck out";
        }
    }

    function changeBudgets(uint256 which, uint256 amount) external step {
        uint256 chosen = _pick(which, 4);
        if (chosen == 0) {
            uint256 budget = bound(amount, setAside, 40e6);
            if (budget == cityBudget) return;
            setCityBudget(uint56(budget));
            cityBudget = budget;
        } else if (chosen == 1) {
            _changeEpochs(bound(amount, 0, 8e6));
        } else if (chosen == 2) {
            uint256 budget = bound(amount, 1, 20e6);
            if (budget == budgetOf[attested]) return;
            ProgrammeTerms memory terms = attestedTerms();
            (terms.dayCapPerPerson, terms.dayBudget, terms.leastUnits) = (PERSON_CAP, uint48(budget), 10);
            setTerms(attested, terms);
            budgetOf[attested] = budget;
        } else {
            uint256 budget = bound(amount, 1, 8e6);
            if (budget == attestorBudget[attestors[1]]) return;
            setAttestor(highKey, uint48(budget));
            attestorBudget[attestors[1]] = budget;
        }
    }

    function pass(uint256 duration) external step {
        vm.warp(block.timestamp + bound(duration, 1 hours, 2 days));
    }

    // --- what the twin says

    function epochsLength() external view returns (uint256) {
        return epochIds.length;
    }

    function claimsLength() external view returns (uint256) {
        return claimIds.length;
    }

    function cyclesLength() external view returns (uint256) {
        return cycleIds.length;
    }

    function daysLength() external view returns (uint256) {
        return daysSeen.length;
    }

    /// @dev What the contract and the twin do not agree about; empty: nothing.
    function differences() external view returns (string memory difference) {
        (uint256 dayBudget, uint256 aside, uint256 left, uint256 leftInYear) = rewards.cityBudget();
        if (dayBudget != cityBudget || aside != setAside) return "city budget";
        if (left != _rest(cityBudget, setAside + usedOn[today()])) return "left today";
        if (leftInYear != YEAR_CAP - 366 * setAside - usedIn[_year(today())]) return "left this year";
        for (uint256 i = 0; i < claimIds.length; ++i) {
            TwinClaim storage twin = claims[claimIds[i]];
            Claim memory claim = rewards.claimOf(claimIds[i]);
            if (claim.amount != twin.amount || claim.status != twin.status) return "claim";
            if (claim.unlockAt != twin.unlockAt) return "time of a claim";
            if (claim.detail != (twin.programme == deposits ? twin.grams : twin.spans)) return "detail of a claim";
            if (twin.status == ClaimStatus.Voided && twin.released != 0) return "voided and paid";
        }
        for (uint256 i = 0; i < cycleIds.length; ++i) {
            (uint32 binId, uint32 number) = RewardIds.partsOf(cycleIds[i]);
            Cycle memory cycle = rewards.cycleOf(binId, number);
            TwinCycle storage twin = cycles[cycleIds[i]];
            if (cycle.claimedGrams != twin.claimed || cycle.released != twin.released) return "cycle";
        }
        for (uint256 i = 0; i < epochIds.length; ++i) {
            if (rewards.epochLeft(epochIds[i]) != epochs_[epochIds[i]].left) return "epoch";
        }
    }

    /// @dev Vested mass of each collection against what was weighed; empty: never more than that and the tolerance.
    function overdrawn() external view returns (string memory fault) {
        for (uint256 i = 0; i < cycleIds.length; ++i) {
            TwinCycle storage cycle = cycles[cycleIds[i]];
            // A token a kilogram is a thousand millionths a gram.
            if (cycle.paid * 10_000 > cycle.collected * 10_500 * 1_000) return "more vested than weighed";
        }
        for (uint256 i = 0; i < epochIds.length; ++i) {
            TwinEpoch storage epoch = epochs_[epochIds[i]];
            if (epoch.left > epoch.total) return "more claimed than posted";
        }
        for (uint256 i = 0; i < daysSeen.length; ++i) {
            uint256 day = daysSeen[i];
            if (cityPaid[day] > cityPeak[day]) return "more than the city's day";
            if (yearPaid[_year(day)] > YEAR_CAP) return "more than the city's year";
            uint16[4] memory all = [attested, deposits, epochs, byNullifier];
            for (uint256 j = 0; j < all.length; ++j) {
                if (programmePaid[all[j]][day] > programmePeak[all[j]][day]) return "more than a programme's day";
            }
            for (uint256 j = 0; j < attestors.length; ++j) {
                bytes32 attestor = attestors[j];
                if (attestorUsed[attestor][day] > attestorPeak[attestor][day]) return "more than an attestor's day";
            }
            for (uint256 j = 0; j < people.length; ++j) {
                if (depositUsed[people[j]][day] > PERSON_CAP) return "more than a person's day of deposits";
                if (claims[RewardIds.ofDay(programmeFor(people[j]), people[j], day)].amount > PERSON_CAP) {
                    return "more than a person's day of acts";
                }
            }
        }
    }

    function supply() external view returns (uint256) {
        return eco.totalSupply();
    }

    // --- internals

    function _changeEpochs(uint256 budget) private {
        uint256 previous = budgetOf[epochs];
        if (budget == previous) return;
        uint256 left = _rest(cityBudget, setAside + usedOn[today()]);
        uint256 leftInYear = YEAR_CAP - 366 * setAside - usedIn[_year(today())];
        bool fits = budget < previous || (budget - previous <= left && 366 * (budget - previous) <= leftInYear);
        ProgrammeTerms memory terms = epochTerms();
        terms.dayBudget = uint48(budget);
        vm.prank(programmes);
        try rewards.setProgramme(epochs, terms) {
            if (!fits) broken = "set aside more than is left";
            if (budget < previous) {
                usedOn[today()] += previous - budget;
                usedIn[_year(today())] += 366 * (previous - budget);
            }
            (setAside, budgetOf[epochs]) = (budget, budget);
        } catch {
            if (fits) broken = "not set aside";
        }
    }

    function _touch() private {
        uint256 day = today();
        if (daysSeen.length == 0 || daysSeen[daysSeen.length - 1] != day) daysSeen.push(day);
        if (cityBudget > cityPeak[day]) cityPeak[day] = cityBudget;
        uint16[4] memory all = [attested, deposits, epochs, byNullifier];
        for (uint256 i = 0; i < all.length; ++i) {
            if (budgetOf[all[i]] > programmePeak[all[i]][day]) programmePeak[all[i]][day] = budgetOf[all[i]];
        }
        for (uint256 i = 0; i < attestors.length; ++i) {
            bytes32 attestor = attestors[i];
            uint256 budget = attestorBudget[attestor];
            if (budget > attestorPeak[attestor][day]) attestorPeak[attestor][day] = budget;
        }
    }

    function _pay(uint16 programme, uint256 amount) private {
        cityPaid[today()] += amount;
        yearPaid[_year(today())] += amount;
        programmePaid[programme][today()] += amount;
    }

    function _open(uint256 id, uint64 person, uint16 programme, uint64 cycle) private {
        claimIds.push(id);
        TwinClaim storage claim = claims[id];
        (claim.person, claim.programme, claim.cycle, claim.status) = (person, programme, cycle, ClaimStatus.Pending);
    }

    function _openCycle(uint64 cycleId) private {
        for (uint256 i = 0; i < cycleIds.length; ++i) if (cycleIds[i] == cycleId) return;
        cycleIds.push(cycleId);
    }

    function _grow(TwinClaim storage claim, uint256 amount) private {
        if (amount == 0) return;
        claim.amount += amount;
        claim.unlockAt = block.timestamp + WINDOW;
        usedOn[today()] += amount;
        usedIn[_year(today())] += amount;
        programmeUsed[claim.programme][today()] += amount;
        _pay(claim.programme, amount);
    }

    function _leastOfCity(uint16 programme, uint256 amount) private view returns (uint256) {
        amount = _least(amount, _rest(budgetOf[programme], programmeUsed[programme][today()]));
        amount = _least(amount, _rest(cityBudget, setAside + usedOn[today()]));
        return _least(amount, YEAR_CAP - 366 * setAside - usedIn[_year(today())]);
    }

    function _person(uint256 who) private view returns (uint64 person, address account) {
        uint256 place = _pick(who, 5);
        return (people[place], accounts[place]);
    }

    /// @dev The same call twice picks differently.
    function _pick(uint256 seed, uint256 count) private view returns (uint256) {
        return uint256(keccak256(abi.encode(seed, steps))) % count;
    }

    function _speaker(uint16 programme, uint256 key) private pure returns (bytes32 attestor) {
        return keccak256(abi.encode(programme, key));
    }

    function _root(TwinEpoch memory epoch) private pure returns (bytes32) {
        return pairOf(pairOf(epoch.leaves[0], epoch.leaves[1]), pairOf(epoch.leaves[2], epoch.leaves[3]));
    }

    function _least(uint256 left, uint256 right) private pure returns (uint256) {
        return left < right ? left : right;
    }

    function _rest(uint256 whole, uint256 part) private pure returns (uint256) {
        return whole > part ? whole - part : 0;
    }

    function _year(uint256 day) private pure returns (uint256) {
        return (day * 400) / 146_097;
    }
}

/// @dev 1 the contract does and stores what the twin says; 2 on no day and in no year more is given than the caps of person,
/// programme, attestor, city and year; vested mass of a collection is at most what was weighed and the tolerance; claims of an
/// epoch are at most its total; 3 tokens are what was released and claimed, and nothing voided is paid.
contract EcoRewardsInvariantTest is CivitasTest {
    RewardsHandler private handler;

    function setUp() external {
        handler = new RewardsHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_TwinAgrees() external view {
        assertEq(keccak256(bytes(handler.broken())), keccak256(""), string.concat("1: ", handler.broken()));
        string memory difference = handler.differences();
        assertEq(keccak256(bytes(difference)), keccak256(""), string.concat("1: ", difference));
    }

    function invariant_NobodyIsPaidAboveACap() external view {
        string memory fault = handler.overdrawn();
        assertEq(keccak256(bytes(fault)), keccak256(""), string.concat("2: ", fault));
    }

    function invariant_TokensAreWhatWasReleasedAndClaimed() external view {
        assertEq(handler.supply(), handler.released() + handler.claimedOfEpochs(), "3: supply");
    }
}
