// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Accreditation, Credential, Grant, KeyAppointment, Standing} from "../../../contracts/identity/ICredentials.sol";
import {CivitasTest} from "../utils/CivitasTest.sol";
import {CredentialsCity} from "./CredentialsFixture.sol";

/// @notice What the twin remembers of an accreditation.
struct Licence {
    /// @dev Number of the unbroken stretch in which the issuer is accredited. Zero: never accredited.
    uint256 life;
    /// @dev Stretch of the accreditor. Zero: the authority's own.
    uint256 aboveLife;
    address accreditor;
    uint40 until;
    uint256 depth;
    bool mayAccredit;
    bool withdrawn;
}

/// @notice What the twin remembers of a credential.
struct Said {
    address issuer;
    /// @dev Stretch in which it was said.
    uint256 life;
    uint40 until;
    uint32 index;
    bool suspended;
    bool revoked;
    bytes32 root;
}

/// @notice Five bodies and five people act at random, lawfully or not. A twin decides beforehand whether an act is
/// lawful, and keeps its own account.
/// @dev The twin ends a stretch of accreditation, and all that hang below it, in the moment of the withdrawal; the
/// contract compares epochs when it is asked.
contract CredentialsHandler is CredentialsCity {
    uint256 internal constant BODIES = 5;
    uint256 internal constant PEOPLE = 5;
    uint256 internal constant TYPES = 2;
    uint256 internal constant WORDS = 3;

    bytes32[TYPES] internal types = [NUMBERED, FREE];
    address[BODIES] internal bodies;
    address[BODIES] internal keys;
    address[PEOPLE] internal people;
    address internal silenced;
    mapping(address body => bool retired) internal retiredBodies;
    mapping(bytes32 typeId => address authority) internal authorities;
    mapping(bytes32 typeId => mapping(address issuer => Licence licence)) internal licences;
    mapping(bytes32 typeId => mapping(address subject => Said said)) internal statements;
    mapping(bytes32 typeId => uint32 count) internal counts;
    mapping(address issuer => mapping(uint256 position => uint256 cards)) internal revokedCards;
    mapping(address issuer => mapping(uint256 position => uint256 cards)) internal suspendedCards;
    /// @dev Stretches of accreditation: whose, of which type, hanging on which, and whether they ended.
    uint256 internal lives;
    mapping(uint256 life => address issuer) internal lifeIssuers;
    mapping(uint256 life => uint256 aboveLife) internal lifeAbove;
    mapping(uint256 life => bool ended) internal endedLives;

    /// @notice Set when an act went through that should not have, or the other way round. Begins with the number of the
    /// invariant.
    string public broken;
    /// @notice Acts that went through, by kind.
    mapping(string kind => uint256 count) public done;

    constructor() {
        buildCity();
        bodies = [city, office, lab, rival, actorOf("guild")];
        (, address guildKey) = organisation("guild");
        keys = [cityKey, officeKey, labKey, rivalKey, guildKey];
        people = [alice, bob, actorOf("carol"), actorOf("dave"), actorOf("erin")];
        for (uint256 i = 0; i < TYPES; ++i) {
            authorities[types[i]] = city;
            _tryAccredit(0, 0, types[i], 1, FOREVER, true);
            _tryAccredit(0, 0, types[i], 2, FOREVER, false);
            _tryAccredit(1, 1, types[i], 3, FOREVER, true);
        }
    }

    // --- acts

    function accredit(uint256 by, uint256 which, uint256 body, uint256 length, bool mayAccredit) external {
        by %= BODIES;
        uint40 until = uint40(block.timestamp + bound(length, 0, 60 days));
        _tryAccredit(by, by, types[which % TYPES], body % BODIES, until, mayAccredit);
    }

    /// @dev As the authority, so that there are always some that may issue.
    function accreditByAuthority(uint256 which, uint256 body, uint256 length) external {
        bytes32 typeId = types[which % TYPES];
        uint256 by = 0;
        while (bodies[by] != authorities[typeId]) ++by;
        _tryAccredit(by, by, typeId, body % BODIES, uint40(block.timestamp + bound(length, 1 days, 90 days)), true);
    }

    function withdraw(uint256 by, uint256 which, uint256 body) external {
        by %= BODIES;
        bytes32 typeId = types[which % TYPES];
        address issuer = bodies[body % BODIES];
        Licence memory licence = licences[typeId][issuer];
        address authority = authorities[typeId];
        address holder = licence.aboveLife == 0 ? authority : licence.accreditor;
        bool lawful = licence.life != 0 && (bodies[by] == holder || bodies[by] == authority) && !licence.withdrawn;
        vm.prank(keys[by]);
        try registry.withdrawAccreditation(typeId, issuer) {
            _expect(lawful, true, "C8: withdrawn unlawfully");
            licences[typeId][issuer].withdrawn = true;
            _end(licence.life);
            ++done["withdraw"];
        } catch {
            _expect(lawful, false, "C8: withdrawal refused");
        }
    }

    /// @dev Once in sixteen calls.
    function changeAuthority(uint256 which, uint256 body, uint256 chance) external {
        bytes32 typeId = types[which % TYPES];
        address authority = bodies[body % BODIES];
        if (chance % 16 != 0 || authority == authorities[typeId]) return;
        registry.changeTypeAuthority(typeId, authority);
        authorities[typeId] = authority;
    }

    function issue(uint256 by, uint256 which, uint256 subject, uint256 length, bytes32 root) external {
        Grant[] memory grants = new Grant[](1);
        grants[0] = _grant(subject, length, root);
        by %= BODIES;
        bytes32 typeId = types[which % TYPES];
        bool lawful = _mayState(by, typeId, grants[0].subject);
        vm.prank(keys[by]);
        try registry.issue(typeId, grants[0].subject, grants[0].until, root) {
            _expect(lawful, true, "C3/C4: issued unlawfully");
            _state(by, typeId, grants[0], 0);
            ++done["issue"];
        } catch {
            _expect(lawful, false, "C4: issuing refused");
        }
    }

    function issueMany(uint256 by, uint256 which, uint256 first, uint256 second, uint256 length) external {
        Grant[] memory grants = new Grant[](2);
        grants[0] = _grant(first, length, 0);
        grants[1] = _grant(second, length / 2, bytes32(length));
        by %= BODIES;
        bytes32 typeId = types[which % TYPES];
        bool lawful = _mayState(by, typeId, grants[0].subject) && _mayState(by, typeId, grants[1].subject);
        vm.prank(keys[by]);
        try registry.issueMany(typeId, grants) {
            _expect(lawful, true, "C3/C4: batch issued unlawfully");
            _state(by, typeId, grants[0], 0);
            _state(by, typeId, grants[1], 0);
            ++done["issueMany"];
        } catch {
            _expect(lawful, false, "C4: batch refused");
        }
    }

    function replace(uint256 by, uint256 which, uint256 first, uint256 second, uint256 length) external {
        by %= BODIES;
        bytes32 typeId = types[which % TYPES];
        address oldSubject = people[first % PEOPLE];
        Grant memory grant = _grant(second, length, 0);
        Said memory said = statements[typeId][oldSubject];
        bool lawful =
            licenceStanding(typeId, bodies[by]) == Standing.Current &&
                said.issuer == bodies[by] &&
                said.index != 0 &&
                statements[typeId][grant.subject].index == 0;
        vm.prank(keys[by]);
        try registry.replaceSubject(typeId, oldSubject, grant.subject, grant.until, 0) {
            _expect(lawful, true, "C5: replaced unlawfully");
            statements[typeId][oldSubject].revoked = true;
            statements[typeId][oldSubject].index = 0;
            _state(by, typeId, grant, said.index);
            ++done["replace"];
        } catch {
            _expect(lawful, false, "C5: replacement refused");
        }
    }

    function revoke(uint256 by, uint256 which, uint256 subject) external {
        by %= BODIES;
        Said storage said = statements[types[which % TYPES]][people[subject % PEOPLE]];
        bool lawful = said.issuer == bodies[by] && !said.revoked;
        vm.prank(keys[by]);
        try registry.revoke(types[which % TYPES], people[subject % PEOPLE]) {
            _expect(lawful, true, "C4: revoked unlawfully");
            said.revoked = true;
            ++done["revoke"];
        } catch {
            _expect(lawful, false, "C2: revocation refused");
        }
    }

    function suspend(uint256 by, uint256 which, uint256 subject, bool lift) external {
        by %= BODIES;
        Said storage said = statements[types[which % TYPES]][people[subject % PEOPLE]];
        bool lawful = said.issuer == bodies[by] && !said.revoked && said.suspended == lift;
        bool success;
        vm.prank(keys[by]);
        if (lift) (success, ) = address(registry).call(_call(registry.restore.selector, which, subject));
        else (success, ) = address(registry).call(_call(registry.suspend.selector, which, subject));
        _expect(lawful, success, "C2: suspended or restored unlawfully, or refused");
        if (!success) return;
        said.suspended = !lift;
        ++done["suspend"];
    }

    function revokeCards(uint256 by, uint256 position, uint256 cards) external {
        by %= BODIES;
        position %= WORDS;
        cards &= 0xff;
        uint256 revoked = revokedCards[bodies[by]][position];
        vm.prank(keys[by]);
        try registry.revokeCards(position, cards) {
            _expect(cards & ~revoked != 0, true, "C7: no new card");
            revokedCards[bodies[by]][position] = revoked | cards;
            ++done["revokeCards"];
        } catch {
            _expect(cards & ~revoked != 0, false, "C7: cards refused");
        }
    }

    function suspendCards(uint256 by, uint256 position, uint256 cards) external {
        by %= BODIES;
        position %= WORDS;
        vm.prank(keys[by]);
        try registry.suspendCards(position, cards) {
            suspendedCards[bodies[by]][position] = cards;
        } catch {
            _expect(cards != suspendedCards[bodies[by]][position], false, "C7: suspension refused");
        }
    }

    /// @dev A body takes another key; the one before falls silent.
    function rotate(uint256 by) external {
        by %= BODIES;
        if (retiredBodies[bodies[by]]) return;
        (address key, uint256 keyNumber) = actor(vm.toString(++nonces));
        KeyAppointment memory message = appointmentOf(bodies[by], key, FOREVER);
        vm.prank(bodies[by]);
        registry.appointKey(message, none(), sign(message, keyNumber));
        (silenced, keys[by]) = (keys[by], key);
        ++done["rotate"];
    }

    /// @dev A key that was replaced can say nothing, whomever it spoke for.
    function speakSilenced(uint256 which, uint256 subject, bytes32 root) external {
        if (silenced == address(0)) return;
        vm.prank(silenced);
        try registry.issue(types[which % TYPES], people[subject % PEOPLE], FOREVER, root) {
            broken = "C3: a replaced key issued";
        } catch {}
        vm.prank(silenced);
        try registry.revokeCards(subject % WORDS, uint256(root)) {
            broken = "C3: a replaced key revoked cards";
        } catch {}
    }

    /// @dev Once in sixty-four calls, and never the last two bodies, so that the city lives on.
    function retireBody(uint256 body, uint256 chance) external {
        address identity = bodies[body % (BODIES - 2)];
        if (chance % 64 != 0 || retiredBodies[identity]) return;
        retire(identity);
        retiredBodies[identity] = true;
    }

    function pass(uint256 duration) external {
        vm.warp(block.timestamp + bound(duration, 1, 12 days));
    }

    // --- what should be

    /// @notice How an accreditation should stand.
    function licenceStanding(bytes32 typeId, address issuer) public view returns (Standing standing) {
        Licence memory licence = licences[typeId][issuer];
        if (licence.life == 0) return Standing.None;
        if (endedLives[licence.life]) return Standing.IssuerWithdrawn;
        standing = Standing.Current;
        while (true) {
            if (block.timestamp > licence.until) standing = Standing.IssuerLapsed;
            if (licence.aboveLife == 0) return standing;
            licence = licences[typeId][lifeIssuers[licence.aboveLife]];
            if (!licence.mayAccredit) standing = Standing.IssuerLapsed;
        }
    }

    /// @notice How a credential should stand.
    function saidStanding(bytes32 typeId, address subject) public view returns (Standing standing) {
        Said memory said = statements[typeId][subject];
        if (said.issuer == address(0)) return Standing.None;
        if (said.revoked) return Standing.Revoked;
        if (said.suspended) return Standing.Suspended;
        if (block.timestamp > said.until) return Standing.Expired;
        if (typeId == FREE) return Standing.Current;
        return endedLives[said.life] ? Standing.IssuerWithdrawn : licenceStanding(typeId, said.issuer);
    }

    /// @notice Name of the first thing that is not as the twin has it. Empty: all is.
    function fault() external view returns (string memory name) {
        if (bytes(broken).length != 0) return broken;
        for (uint256 i = 0; i < TYPES; ++i) {
            for (uint256 k = 0; k < BODIES; ++k) {
                if (registry.accreditationStanding(types[i], bodies[k]) != licenceStanding(types[i], bodies[k])) {
                    return "C8: accreditation";
                }
                Accreditation memory stored = registry.accreditationOf(types[i], bodies[k]);
                Licence memory licence = licences[types[i]][bodies[k]];
                if (stored.accreditor != licence.accreditor || stored.until != licence.until) return "C8: stored";
                if (stored.mayAccredit != licence.mayAccredit || stored.withdrawn != licence.withdrawn) {
                    return "C8: flags";
                }
                if (stored.depth != licence.depth || stored.depth > 4) return "C8: depth";
            }
            name = _subjectFault(types[i]);
            if (bytes(name).length != 0) return name;
        }
        for (uint256 k = 0; k < BODIES; ++k) {
            for (uint256 word = 0; word < WORDS; ++word) {
                (uint256 revoked, uint256 suspended) = registry.cardsOf(bodies[k], word);
                if (revoked != revokedCards[bodies[k]][word]) return "C7: revoked cards";
                if (suspended != suspendedCards[bodies[k]][word]) return "C7: suspended cards";
            }
        }
    }

    function _subjectFault(bytes32 typeId) private view returns (string memory name) {
        if (registry.typeOf(typeId).subjectCount != counts[typeId]) return "C5: count";
        uint256 numbers = 0;
        for (uint256 k = 0; k < PEOPLE; ++k) {
            Standing standing = registry.check(typeId, people[k]);
            if (registry.holds(typeId, people[k]) != (standing == Standing.Current)) return "C6: holds";
            if (standing != saidStanding(typeId, people[k])) return "C2: standing";
            Credential memory stored = registry.credentialOf(typeId, people[k]);
            Said memory said = statements[typeId][people[k]];
            if (stored.issuer != said.issuer || stored.until != said.until) return "C1: another statement";
            if (stored.revoked != said.revoked || stored.suspended != said.suspended) return "C2: flags";
            if (stored.attributesRoot != said.root) return "C1: attributes";
            if (stored.index != said.index || stored.index > counts[typeId]) return "C5: number";
            uint256 bit = 1 << stored.index;
            if (stored.index != 0 && numbers & bit != 0) return "C5: number given twice";
            numbers |= bit;
        }
    }

    function _mayState(uint256 by, bytes32 typeId, address subject) private view returns (bool may) {
        if (licenceStanding(typeId, bodies[by]) != Standing.Current) return false;
        Said memory said = statements[typeId][subject];
        if (said.issuer == address(0) || said.issuer == bodies[by]) return true;
        if (said.revoked || block.timestamp > said.until || retiredBodies[said.issuer]) return true;
        return typeId == NUMBERED && endedLives[said.life];
    }

    function _state(uint256 by, bytes32 typeId, Grant memory grant, uint32 index) private {
        if (index == 0) index = statements[typeId][grant.subject].index;
        if (index == 0 && typeId == NUMBERED) index = ++counts[typeId];
        statements[typeId][grant.subject] = Said({
            issuer: bodies[by],
            life: licences[typeId][bodies[by]].life,
            until: grant.until,
            index: index,
            suspended: false,
            revoked: false,
            root: grant.attributesRoot
        });
    }

    function _tryAccredit(
        uint256 by,
        uint256 key,
        bytes32 typeId,
        uint256 body,
        uint40 until,
        bool mayAccredit
    ) private {
        address issuer = bodies[body];
        Licence memory prior = licences[typeId][issuer];
        (bool lawful, bool keeps, Licence memory licence) = _decide(bodies[by], typeId, issuer, until, mayAccredit);
        vm.prank(keys[key]);
        try registry.accredit(typeId, issuer, until, mayAccredit) {
            _expect(lawful, true, "C3/C8: accredited unlawfully");
            if (!keeps) {
                _end(prior.life);
                licence.life = ++lives;
                lifeIssuers[licence.life] = issuer;
            }
            lifeAbove[licence.life] = licence.aboveLife;
            licences[typeId][issuer] = licence;
            ++done["accredit"];
        } catch {
            _expect(lawful, false, "C8: accreditation refused");
        }
    }

    /// @dev Whether an accreditation is lawful, whether it goes on with the stretch before, and what it will be.
    function _decide(
        address by,
        bytes32 typeId,
        address issuer,
        uint40 until,
        bool mayAccredit
    ) private view returns (bool lawful, bool keeps, Licence memory licence) {
        bool isAuthority = by == authorities[typeId];
        Licence memory own = licences[typeId][by];
        Licence memory prior = licences[typeId][issuer];
        Standing standing = licenceStanding(typeId, issuer);
        lawful = isAuthority || (own.mayAccredit && own.depth < 4 && licenceStanding(typeId, by) == Standing.Current);
        address holder = prior.aboveLife == 0 ? authorities[typeId] : prior.accreditor;
        keeps = standing == Standing.Current || standing == Standing.IssuerLapsed;
        if (keeps && by != holder && !isAuthority) lawful = false;
        licence = Licence({
            life: prior.life,
            aboveLife: isAuthority ? 0 : own.life,
            accreditor: by,
            until: until,
            depth: isAuthority ? 1 : own.depth + 1,
            mayAccredit: mayAccredit,
            withdrawn: false
        });
        if (keeps && keccak256(abi.encode(licence)) == keccak256(abi.encode(prior))) lawful = false;
    }

    /// @dev Ends a stretch and all that hang below it, at most {MAX_DEPTH} levels.
    function _end(uint256 life) private {
        if (life == 0 || endedLives[life]) return;
        endedLives[life] = true;
        for (uint256 i = 1; i <= lives; ++i) {
            if (lifeAbove[i] == life) _end(i);
        }
    }

    function _expect(bool lawful, bool success, string memory name) private {
        if (lawful != success && bytes(broken).length == 0) broken = name;
    }

    function _grant(uint256 subject, uint256 length, bytes32 root) private view returns (Grant memory) {
        return grantOf(people[subject % PEOPLE], uint40(block.timestamp + bound(length, 0, 60 days)), root);
    }

    function _call(bytes4 selector, uint256 which, uint256 subject) private view returns (bytes memory data) {
        return abi.encodeWithSelector(selector, types[which % TYPES], people[subject % PEOPLE]);
    }

    function actorOf(string memory name) private returns (address account) {
        (account, ) = actor(name);
    }
}

/// @dev C1 there is at most one credential for a type and a subject, and it is what its issuer said last.
/// C2 a revocation is final: only a new credential follows; a suspension is lifted by its issuer alone.
/// C3 nobody writes without being accredited for the type at that moment, and no replaced key writes.
/// C4 no issuer erases or revokes another's statement that stands; each can always revoke its own.
/// C5 a number belongs to one living subject at most, and none above the count is given.
/// C6 a credential is held exactly when its check says that it is current.
/// C7 revoked cards never come back, and no issuer reaches another's cards.
/// C8 accreditations stand as the chain of those that gave them does; a withdrawal ends all below it for good.
contract CredentialsInvariantTest is CivitasTest {
    CredentialsHandler private _handler;

    function setUp() external {
        _handler = new CredentialsHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_C1_C8_TheTwinAgrees() external view {
        string memory fault = _handler.fault();
        assertEq(bytes(fault).length, 0, fault);
    }
}
