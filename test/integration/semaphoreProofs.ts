import * as semaphore from "@semaphore-protocol/proof";
import { Group } from "@semaphore-protocol/group";
import { Identity } from "@semaphore-protocol/identity";
import { expect } from "chai";
import { concat, id, toBeHex } from "ethers";
import { network } from "hardhat";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { anonymousTree } from "../../sdk/participation/census.js";
import {
  ballotSignals,
  endProving,
  hashSignal,
  importProver,
  MAX_PROOF_DEPTH,
  MAX_VOTES,
  messageOf,
  packVote,
  packVotes,
  PROOF_FIELD,
  proveVote,
  type Prover,
  ProverMissingError,
  raised,
  scopeOf,
  VOTE_BYTES,
  type VoteProof,
  VoteProofError,
  type VoteToProve,
} from "../../sdk/participation/proofs.js";
import { poseidonPair } from "../../sdk/participation/poseidon.js";
import { voterGroup } from "../../sdk/participation/votes.js";
import { SemaphoreBatchVerifier__factory } from "../../typechain-types/index.js";

/** Votes from the prover to the verifier, and the verifier's keys. Nothing is downloaded: the artifacts are a package's. */

const artifacts = dirname(createRequire(import.meta.url).resolve("@zk-kit/semaphore-artifacts/package.json"));
const DEPTH = 20;
const CHAIN = 31_337n;
const BALLOT_BOX = "0x00000000000000000000000000000000000ba110";
const PAPER = id("paper");

// The package's own types are not resolved, for they are imported without endings.
const { verifyProof } = semaphore as unknown as { verifyProof(proof: VoteProof): Promise<boolean> };

/** Verification key as the ceremony's artifacts have it. */
interface Key {
  readonly vk_alpha_1: readonly string[];
  readonly vk_beta_2: readonly (readonly string[])[];
  readonly vk_gamma_2: readonly (readonly string[])[];
  readonly vk_delta_2: readonly (readonly string[])[];
  readonly IC: readonly (readonly string[])[];
}

function keyOf(depth: number): Key {
  return JSON.parse(readFileSync(join(artifacts, `semaphore-${depth}.json`), "utf8")) as Key;
}

/** A point of G1 without its last coordinate, which is one. */
const g1 = (point: readonly string[]) => point.slice(0, 2).map(BigInt);
/** A point of G2 in the order of EIP-197. */
const g2 = (point: readonly (readonly string[])[]) => point.slice(0, 2).flatMap((pair) => pair.map(BigInt).reverse());

async function deployer() {
  const { ethers } = await network.create();
  const [signer] = await ethers.getSigners();
  return new SemaphoreBatchVerifier__factory(signer!);
}

/** Nine voters, of whom one is asked for, and a ballot. */
function ballot(member = 0, seq = 1): VoteToProve {
  const identities = Array.from({ length: 9 }, (_, index) => new Identity(`voter ${index}`));
  const scope = scopeOf(CHAIN, BALLOT_BOX, 1n);
  return {
    identity: identities[member]!,
    group: voterGroup(anonymousTree(identities.map(({ commitment }) => commitment))),
    scope,
    message: messageOf(scope, seq, PAPER),
    depth: DEPTH,
    artifacts,
  };
}

const signals = (proof: VoteProof): [bigint, bigint] => {
  const { root, scopeHash } = ballotSignals(proof);
  return [root, scopeHash];
};

/** A proof that was never made, which only looks like one. */
const made: VoteProof = {
  merkleTreeDepth: DEPTH,
  merkleTreeRoot: "11",
  nullifier: "12",
  message: "13",
  scope: "14",
  points: ["1", "2", "3", "4", "5", "6", "7", "8"],
};

describe("Semaphore's proofs", function () {
  after(endProving);

  it("are checked with the ceremony's key of each depth", async function () {
    const factory = await deployer();
    for (let depth = 1; depth <= MAX_PROOF_DEPTH; ++depth) {
      const verifier = await factory.deploy(depth);
      const { alpha, beta, gamma, delta, ic } = await verifier.verificationKey();
      const key = keyOf(depth);
      expect([...alpha], `alpha of depth ${depth}`).to.deep.equal(g1(key.vk_alpha_1));
      expect([...beta], `beta of depth ${depth}`).to.deep.equal(g2(key.vk_beta_2));
      expect([...gamma], `gamma of depth ${depth}`).to.deep.equal(g2(key.vk_gamma_2));
      expect([...delta], `delta of depth ${depth}`).to.deep.equal(g2(key.vk_delta_2));
      expect(
        ic.map((point) => [...point]),
        `inputs of depth ${depth}`,
      ).to.deep.equal(key.IC.map(g1));
    }
  });

  it("hold in the contract and in the package when they are fresh", async function () {
    const verifier = await (await deployer()).deploy(DEPTH);
    const proofs = [await proveVote(ballot(0)), await proveVote(ballot(8)), await proveVote(ballot(8, 2))];
    const [first, second, again] = proofs as [VoteProof, VoteProof, VoteProof];
    expect(await verifyProof(first), "package").to.equal(true);
    expect(again.nullifier, "nullifier of a second vote").to.equal(second.nullifier);
    expect(again.nullifier, "nullifier of another voter").not.to.equal(first.nullifier);

    const [x, y] = await verifier.prepare(...signals(first));
    expect(await verifier.verifyBatch(x, y, packVote(first)), "one").to.equal(true);
    expect(await verifier.verifyBatch(x, y, packVotes(proofs)), "batch").to.equal(true);
    const changed = { ...second, message: messageOf(BigInt(second.scope), 1, id("other paper")).toString() };
    expect(await verifier.verifyEach(x, y, packVotes([first, changed, again])), "bits").to.equal(0b101n);
    const [otherX, otherY] = await verifier.prepare(
      BigInt(first.merkleTreeRoot),
      hashSignal(scopeOf(CHAIN, BALLOT_BOX, 2n)),
    );
    expect(await verifier.verifyEach(otherX, otherY, packVotes(proofs)), "another ballot").to.equal(0n);
  });

  it("are laid out as the contract reads them", function () {
    const words = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 12n, hashSignal(13n)];
    const packed = concat(words.map((word) => toBeHex(word, 32)));
    expect(packVote(made)).to.equal(packed);
    expect(packed.length).to.equal(2 + 2 * VOTE_BYTES);
    expect(packVotes([made, made])).to.equal(concat([packed, packed]));
    expect(ballotSignals(made)).to.deep.equal({ root: 11n, scopeHash: hashSignal(14n) });
    expect(hashSignal(0n)).to.equal(BigInt("0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e5"));
  });

  it("are refused by name when the contract would refuse them", function () {
    const refused: readonly [() => unknown, string][] = [
      [() => packVotes([]), "0 votes are not 1 to 256"],
      [() => packVotes(Array<VoteProof>(MAX_VOTES + 1).fill(made)), "257 votes are not 1 to 256"],
      [() => packVotes([made, { ...made, merkleTreeDepth: 21 }]), "vote 1 has merkleTreeDepth 21, the first one 20"],
      [() => packVotes([made, { ...made, merkleTreeRoot: "10" }]), "vote 1 has merkleTreeRoot 10, the first one 11"],
      [() => packVotes([made, made, { ...made, scope: "1" }]), "vote 2 has scope 1, the first one 14"],
      [() => packVote({ ...made, points: ["1"] }), "1 words of a proof are not 8"],
      [
        () => packVote({ ...made, points: [...made.points.slice(1), "-1"] }),
        `coordinate -1 is not 0 to ${2n ** 256n - 1n}`,
      ],
      [
        () => packVote({ ...made, nullifier: PROOF_FIELD.toString() }),
        `nullifier ${PROOF_FIELD} is not 0 to ${PROOF_FIELD - 1n}`,
      ],
      [
        () => ballotSignals({ ...made, merkleTreeRoot: PROOF_FIELD.toString() }),
        `root ${PROOF_FIELD} is not 0 to ${PROOF_FIELD - 1n}`,
      ],
      [() => hashSignal(2n ** 256n), `signal ${2n ** 256n} is not 0 to ${2n ** 256n - 1n}`],
      [() => messageOf(1n, 2n ** 32n, PAPER), "sequence number 4294967296 is not 0 to 4294967295"],
      [() => messageOf(-1n, 0, PAPER), `scope -1 is not 0 to ${2n ** 256n - 1n}`],
      [() => scopeOf(-1n, BALLOT_BOX, 1n), `chain id -1 is not 0 to ${2n ** 256n - 1n}`],
      [() => scopeOf(CHAIN, BALLOT_BOX, -1n), `ballot -1 is not 0 to ${2n ** 256n - 1n}`],
    ];
    for (const [act, message] of refused) expect(act, message).to.throw(VoteProofError, message);
  });

  it("are made with what is given, by the prover that is given", async function () {
    const asked: unknown[] = [];
    const prover: Prover = {
      async generateProof(...args) {
        asked.push(...args);
        return made;
      },
    };
    const vote = ballot(3);
    expect(await proveVote({ ...vote, artifacts: "https://city.example/proofs/", prover })).to.equal(made);
    const file = "https://city.example/proofs/semaphore-20";
    expect(asked).to.deep.equal([
      vote.identity,
      raised(vote.group.generateMerkleProof(3), DEPTH),
      vote.message,
      vote.scope,
      DEPTH,
      { wasm: `${file}.wasm`, zkey: `${file}.zkey` },
    ]);
  });

  it("are of the root that a ballot has, with a zero on the right for each level more", function () {
    const way = ballot(8).group.generateMerkleProof(8);
    expect(raised(way, 4)).to.deep.equal(way);
    expect(raised(way, 3), "never lowered").to.deep.equal(way);
    expect(raised(way, 6)).to.deep.equal({
      ...way,
      root: poseidonPair(poseidonPair(way.root, 0n), 0n),
      siblings: [...way.siblings, 0n, 0n],
    });
  });

  it("are not begun when they cannot hold", async function () {
    const stranger = new Identity("stranger");
    const leaves = Array.from({ length: 9 }, (_, index) => new Identity(`voter ${index}`).commitment);
    const refused: readonly [Partial<VoteToProve>, string][] = [
      [{ depth: 0 }, "depth 0 is not 1 to 32"],
      [{ depth: 33 }, "depth 33 is not 1 to 32"],
      [{ depth: 1.5 }, "depth 1.5 is not 1 to 32"],
      [{ depth: 3 }, "depth 3 is less than that of the group's tree, 4"],
      [{ identity: stranger }, `commitment ${stranger.commitment} is not in the group`],
      [
        { identity: new Identity("voter 8"), group: new Group(leaves) },
        "a way of 1 steps to the root is not as long as the tree is deep, 4",
      ],
      [{ scope: -1n }, `scope -1 is not 0 to ${2n ** 256n - 1n}`],
      [{ message: 2n ** 256n }, `message ${2n ** 256n} is not 0 to ${2n ** 256n - 1n}`],
    ];
    for (const [part, message] of refused) {
      const error: unknown = await proveVote({ ...ballot(), ...part }).catch((thrown: unknown) => thrown);
      expect(error, message).to.be.instanceOf(VoteProofError);
      expect((error as Error).message).to.equal(message);
    }
  });

  it("need a package that says so when it is missing", async function () {
    const error: unknown = await importProver("@semaphore-protocol/absent").catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ProverMissingError);
    expect((error as Error).message).to.equal(
      "@semaphore-protocol/absent is needed to prove a vote and cannot be imported; install it",
    );
    expect((error as Error).cause).to.be.instanceOf(Error);
  });
});
