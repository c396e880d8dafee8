import { expect } from "chai";
import { type Bindings, powersOf, rolesIn, whoIn, writePowers } from "../../scripts/lib/powers.js";
import { compileDocsAndTrees } from "../../scripts/lib/solidity.js";

const HEAD = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n";

/** A contract with one function for each way in which a call is judged. */
const GATE = `${HEAD}
interface ICredentials { function holds(address account) external view returns (bool); }
interface IERC20 { function transferFrom(address from, address to, uint256 amount) external returns (bool); }
library Checks {
    function requireParty(address party) internal view { require(msg.sender == party); }
    function signerOf(bytes32 digest) external pure returns (address) { return ecrecover(digest, 27, 0, 0); }
    function lowSigner() internal view { assembly { pop(staticcall(gas(), 1, 0, 0, 0, 0)) } }
}
abstract contract Base {
    event Seen(address caller);
    modifier restricted() { _; }
    function _guard() internal virtual {}
    /// @notice Runs the guard. The owner calls.
    function guarded() external { _guard(); }
}
contract Gate is Base {
    ICredentials private _credentials;
    IERC20 private _token;
    address private _owner;
    function _guard() internal override { Checks.requireParty(_owner); }
    /// @notice Opens. Only KEEPER.
    function open() external restricted {}
    /// @notice Passes on. Anybody.
    function pass() external { emit Seen(msg.sender); }
    /// @notice Pays in. Anybody may.
    function pay() external { _token.transferFrom(msg.sender, address(this), 1); }
    /// @notice Signs. Anybody may relay it.
    function sign() external { Checks.signerOf(0); }
    /// @notice Signs shortly. Anybody may relay it.
    function signLow() external { Checks.lowSigner(); }
    /// @notice Shows a card. Only a holder.
    function show() external { require(_credentials.holds(msg.sender)); }
    /// @notice Looks.
    function look() external view returns (address) { return msg.sender; }
}`;

const bindings = (roleOf: Bindings["roleOf"]): Bindings => ({
  roles: [{ name: "KEEPER", holder: "keeper", delay: 172_800, grantDelay: 0 }],
  credentials: [{ name: "CARD", authority: "registry" }],
  roleOf,
});
const bound = bindings((contract, name) => (contract === "Gate" && name === "open" ? "KEEPER" : undefined));
const compile = (source: string) => compileDocsAndTrees(new Map([["contracts/gates/Gate.sol", source]]));
const rolesSource = `library Roles {
    /// @notice Keeps the gate.
    /// @dev At worst: keeps it shut
    /// for ever.
    uint64 internal constant KEEPER = 1;
}`;

describe("table of powers", function () {
  it("tells what the code asks for, through libraries and what a contract overrides", function () {
    const { powers, faults } = powersOf(compile(GATE), bound);
    expect(faults).to.deep.equal([]);
    expect(Object.fromEntries(powers.map(({ name, who, asked }) => [name, [who, ...asked]]))).to.deep.equal({
      guarded: ["The owner calls.", "caller"],
      open: ["KEEPER", "role"],
      pass: ["Anybody."],
      pay: ["Anybody may.", "caller's tokens"],
      sign: ["Anybody may relay it.", "signature"],
      signLow: ["Anybody may relay it.", "signature"],
      show: ["Only a holder.", "caller", "credential"],
    });
  });

  it("finds a function without its role, a role without its function, and comments that say otherwise", function () {
    const none = powersOf(
      compile(GATE),
      bindings(() => undefined),
    );
    expect(none.faults).to.deep.equal([
      "Gate.open() is restricted to no role",
      "The comment on Gate.open() names KEEPER, which it does not ask for",
    ]);
    const all = powersOf(
      compile(GATE),
      bindings((_contract, name) => (name === "open" || name === "pass" ? "KEEPER" : undefined)),
    );
    expect(all.faults).to.deep.equal([
      "Gate.pass() has a role, but asks for none",
      "The comment on Gate.pass() does not name KEEPER, which it needs",
    ]);
    const silent = powersOf(compile(GATE.replace("Shows a card. Only a holder.", "Shows a card.")), bound);
    expect(silent.faults).to.deep.equal(["The comment on Gate.show() does not say who may call it"]);
  });

  it("reads who may call out of the sentences of a comment", function () {
    expect(whoIn("Ends it. The member's account, or by signature. Nobody can stop it.", "")).to.equal(
      "The member's account, or by signature.",
    );
    expect(whoIn("Proposes. A key of its holder.", "Only while it is open. Emits {Proposed}.")).to.equal(
      "A key of its holder.",
    );
    expect(whoIn("Does it.", "Emits {Done} for the caller.")).to.equal("");
  });

  it("writes a page with every role, and misses a role of which nothing is said", function () {
    const { page, faults } = writePowers(compile(GATE), rolesSource, bound);
    expect(faults).to.deep.equal([]);
    expect(page).to.contain("| KEEPER | keeper | 2 d | no | Keeps the gate. | keeps it shut for ever. |");
    expect(page).to.contain("| registry | `CARD` |");
    expect(page).to.contain("### Gate\n\n| Function | Who | The code asks for |");
    expect(page).to.contain("| `open` | KEEPER | role |");
    expect(rolesIn(rolesSource.replace(/@dev At worst: /, "@dev ")).get("KEEPER")?.worst ?? "").to.equal("");
    expect(writePowers(compile(GATE), "", bound).faults).to.deep.equal([
      "contracts/authority/Roles.sol does not say what KEEPER can do at worst",
    ]);
  });
});
