import { bn254 } from "@noble/curves/bn254";
import { expect } from "chai";
import { concat, id, keccak256, toBeHex, Wallet, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import { BallotKind, BallotState, RollKind, Rule, Secrecy, VoteFault } from "../../sdk/enums.js";
import { explainRevert } from "../../sdk/errors.js";
import {
  actionsHash,
  ActionsError,
  ballotTerms,
  type BallotEvent,
  type BallotTerms,
  BallotTermsError,
  checkPaper,
  checkTerms,
  commitment,
  commitmentSalt,
  creditsOf,
  type Envelope,
  envelopeHash,
  isSealKey,
  isValidPaper,
  languageBytes,
  LanguageError,
  languageTag,
  lanesOf,
  linkVote,
  LEAST_COUNT,
  lotSeed,
  MAX_CREDITS,
  MAX_DURATION,
  MAX_OBJECTION,
  openPaper,
  openSealed,
  packForm,
  packOrder,
  packPaper,
  type Paper,
  PaperError,
  type PaperFault,
  type PaperRules,
  parseBallotLog,
  payloadHash,
  placeScope,
  readPaper,
  type Recount,
  recountBallot,
  RecountError,
  RelayError,
  relayVotes,
  SealKeyError,
  sealKeyOf,
  sealKeyPair,
  sealPaper,
  shuffled,
  termsHash,
  textHash,
  textHashes,
  TieRule,
  unpackOrder,
  USUAL_ANONYMITY,
  voterName,
} from "../../sdk/participation/index.js";
import { structHash } from "../../sdk/typedData/messages.js";
import { paperEntriesHash } from "../../sdk/typedData/participation.js";
import { BallotBox__factory, IBallotBox__factory } from "../../typechain-types/index.js";
import {
  ANONYMOUS_ROLL,
  KEY,
  NAMED_ROLL,
  QUESTIONS,
  randomFields,
  randomPayload,
  SEGMENTS,
  settingOf,
} from "./utils/ballotsByChance.js";
import type { Connection } from "./utils/city.js";
import { deployedBox, NOTICE } from "./utils/polls.js";
import { Random } from "./utils/random.js";

/** Terms, papers, seals and recounts of the SDK, each against what the contracts make of the same. */

const DEEP = process.env.CIVITAS_DEEP === "1";
const BALLOTS = DEEP ? 400 : 40;
const PAPERS = 60;
const SPOILT_TERMS = DEEP ? 2_000 : 250;
const ORDER = bn254.fields.Fr.ORDER;
const FIELD = bn254.fields.Fp.ORDER;
const WORD = 1n << 256n;
const PLACE = { chainId: 31_337n, ballotBox: "0x00000000000000000000000000000000000ba110", ballotId: 7 };

const { networkHelpers } = await network.create();

/** The box over a census whose rolls are what the test says, and a harness with its parts. */
async function deployedParts(connection: Connection) {
  const { ethers } = connection;
  const [clerk] = await ethers.getSigners();
  const manager = await ethers.deployContract("AccessManager", [clerk]);
  const census = await ethers.deployContract("MockCensus");
  const none = ZeroAddress;
  const { box, kinds } = await deployedBox(connection, { manager, census, credentials: none, identities: none });
  await census.getFunction("setRoll")(NAMED_ROLL, RollKind.Named, 16, SEGMENTS);
  await census.getFunction("setRoll")(ANONYMOUS_ROLL, RollKind.Anonymous, 16, SEGMENTS);
  const harness = await ethers.deployContract("BallotHarness", [], {
    libraries: { BallotKinds: kinds },
  });
  return { box, harness, clerk: clerk!, provider: ethers.provider, ethers };
}

const parts = async () => networkHelpers.loadFixture(deployedParts);

/** What `act` throws. */
function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function revertOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (failure: unknown) => failure,
  );
}

/** Something about terms that is changed, for good or ill. */
function randomChange(random: Random, terms: BallotTerms, now: bigint): Partial<BallotTerms> {
  const { freezesAt, opensAt, closesAt, texts, segments } = terms;
  const [first] = texts as [BallotTerms["texts"][number], ...BallotTerms["texts"]];
  const some = (...values: [number, ...number[]]) => random.pick(values);
  return random.pick<Partial<BallotTerms>>([
    { rollId: 3 - terms.rollId },
    { kind: random.between(0n, 7n) },
    { rule: random.between(0n, 4n) },
    { secrecy: random.between(0n, 2n) },
    { options: some(0, 1, 2, 3, 16, 17, 32, 33, 255) },
    { limit: some(0, 1, 2, 32, 255, 256, 65_535, 65_536, MAX_CREDITS, MAX_CREDITS + 1) },
    { blankLast: true },
    { form: random.pick([0n, packForm(QUESTIONS)]) },
    { minCell: some(1, 2, 3) },
    { minAnonymity: some(0, 2, 3) },
    { paperElectorate: 1 },
    { actionsHash: id("others") },
    { freezesAt: now - random.bits(1n) },
    { opensAt: random.pick([freezesAt + NOTICE, freezesAt + NOTICE + 1n, freezesAt]) },
    { closesAt: random.pick([opensAt, opensAt + 1n]) },
    { countsUntil: closesAt + random.pick([-1n, 0n, LEAST_COUNT - 1n, LEAST_COUNT]) },
    { countsUntil: now + MAX_DURATION + random.bits(1n) },
    { objectionPeriod: MAX_OBJECTION + random.bits(1n) },
    { segments: random.pick([[], [3, 3], [4, 3], [0, 10], [...segments], Array.from({ length: 501 }, () => 0)]) },
    { turnoutBp: some(10_000, 10_001) },
    { approvalBp: some(10_000, 10_001, 1) },
    { segmentsBp: some(10_000, 10_001, 1) },
    { texts: random.pick([[], [first, first], [{ ...first, hash: ZeroHash }], [...texts].reverse()]) },
    { texts: [{ ...first, language: "0x0000000000000000" }] },
    { sealX: 0n, sealY: 0n },
    { sealX: KEY.x, sealY: KEY.y + 1n },
    { sealX: KEY.x + FIELD, sealY: KEY.y },
    { sealX: 1n, sealY: 2n },
  ]);
}

describe("Terms of ballots", () => {
  it("have the hash that the contracts give them", async () => {
    const { harness } = await parts();
    const random = new Random(1);
    for (let ballot = 0; ballot < BALLOTS; ballot++) {
      const fields = randomFields(random, 1_000n);
      const terms = ballotTerms(fields, settingOf(fields, 1_000n));
      expect(await harness.getFunction("hashOfTerms")(terms)).to.equal(termsHash(terms));
    }
  });

  it("are refused where the contract refuses them, with the same error", async () => {
    const { box, provider } = await parts();
    const random = new Random(2);
    const met = new Set<string>();
    // Calls are made at the time of the latest block.
    const now = BigInt((await provider.getBlock("latest"))!.timestamp);
    for (let step = 0; step < SPOILT_TERMS; step++) {
      const fields = randomFields(random, now);
      const good = ballotTerms(fields, settingOf(fields, now));
      const terms = { ...good, ...randomChange(random, good, now) };
      const mine = thrown(() => {
        checkTerms(terms, settingOf(terms, now));
      });
      const theirs = explainRevert(await revertOf(box.publish.staticCall(terms)));
      if (mine instanceof BallotTermsError) {
        expect([theirs?.name, Object.values(theirs?.args ?? {})], mine.message).to.deep.equal([mine.revert, mine.args]);
        met.add(mine.revert);
      } else if (mine === undefined) expect(theirs?.name).to.equal(undefined);
      else expect(theirs?.name).to.match(/^SurveyAnswers/);
    }
    expect([...met].sort()).to.deep.equal([
      "BallotBoxAnonymityTooSmall",
      "BallotBoxBadCombination",
      "BallotBoxBadKey",
      "BallotBoxBadOptions",
      "BallotBoxBadSegments",
      "BallotBoxBadTexts",
      "BallotBoxBadTimes",
      "BallotBoxOutOfRange",
    ]);
  });

  it("are of fewer segments where pairs of many options are counted", async () => {
    const { box, provider } = await parts();
    const now = BigInt((await provider.getBlock("latest"))!.timestamp);
    const random = new Random(5);
    for (const [options, most] of [
      [9, 500],
      [10, 416],
      [16, 166],
    ] as const) {
      const fields = { ...randomFields(random, now), kind: BallotKind.Ranked, rule: Rule.Schulze, options, limit: 1 };
      const usual = { form: 0n, minCell: 0, blankLast: false, approvalBp: 0, segmentsBp: 0 };
      for (const [count, args] of [
        [most, [0n, 0n]],
        [most + 1, [BigInt(most + 1), BigInt(most + 1)]],
      ] as const) {
        const good = ballotTerms({ ...fields, ...usual, segments: [0] }, settingOf(fields, now));
        const terms = { ...good, segments: Array.from({ length: count }, () => 0) };
        const mine = thrown(() => {
          checkTerms(terms, settingOf(terms, now));
        });
        const theirs = explainRevert(await revertOf(box.publish.staticCall(terms)));
        expect(mine).to.be.instanceOf(BallotTermsError).and.to.have.deep.property("args", args);
        expect(Object.values(theirs?.args ?? {}), `${count} of ${options}`).to.deep.equal(args);
      }
    }
  });

  it("are usual where nothing is said", () => {
    const fields = {
      rollId: ANONYMOUS_ROLL,
      segments: [0],
      freezesAt: 10n,
      opensAt: 11n + NOTICE,
      closesAt: 12n + NOTICE,
      kind: BallotKind.Approval,
      options: 5,
      texts: textHashes({ en: "Which?" }),
    };
    const terms = ballotTerms(fields, settingOf(fields, 0n));
    expect(terms).to.deep.include({ ...fields, limit: 5, minAnonymity: USUAL_ANONYMITY, countsUntil: 12n + NOTICE });
    expect(terms).to.deep.include({ rule: Rule.MostFirst, secrecy: Secrecy.Public, tieRule: TieRule.LowestNumber });
    const error = thrown(() => ballotTerms({ ...fields, limit: 6 }, settingOf(fields, 0n)));
    expect(error).to.be.instanceOf(BallotTermsError);
    expect(error).to.deep.include({ field: "limit", value: 6n, limit: 5n, revert: "BallotBoxOutOfRange" });
    expect((error as Error).message).to.equal("limit 6 is above 5");
    // The present is far later.
    const { rollKind, rollSegments, noticePeriod } = settingOf(fields, 0n);
    expect(thrown(() => ballotTerms(fields, { rollKind, rollSegments, noticePeriod }))).to.deep.include({
      field: "freezesAt",
      value: 10n,
    });
  });

  it("have texts by language", () => {
    const texts = textHashes({ "pt-BR": "Sim", de: "Ja", en: "Yes" });
    expect(texts.map(({ language }) => languageTag(language))).to.deep.equal(["de", "en", "pt-BR"]);
    expect(texts[0]).to.deep.equal({ language: "0x6465000000000000", hash: textHash("Ja") });
    expect(textHash("Ja")).to.equal(id("Ja"));
    expect(languageTag(languageBytes("zh-Hant"))).to.equal("zh-Hant");
    for (const tag of ["", "d", "de_DE", "ca-valencia", "ä"]) {
      expect(() => languageBytes(tag), tag).to.throw(LanguageError, `language "${tag}" is no tag`);
    }
  });

  it("have a hash of actions as the executor has it", async () => {
    const { ethers, box, clerk } = await parts();
    const executor = await ethers.deployContract("BallotExecutor", [clerk, box, clerk]);
    const actions = { targets: [clerk.address, ZeroAddress], values: [5n, 0n], payloads: ["0x", "0x1234"] };
    expect(actionsHash(actions)).to.equal(await executor.getFunction("hashOf")(actions));
    expect(() => actionsHash({ ...actions, payloads: [] })).to.throw(
      ActionsError,
      "0 payloads are not 2, one for each target",
    );
  });
});

describe("Ballot papers", () => {
  it("are judged as the contracts judge them", async () => {
    const { harness } = await parts();
    const random = new Random(3);
    let [good, bad] = [0, 0];
    for (let ballot = 0; ballot < BALLOTS; ballot++) {
      const fields = randomFields(random, 1_000n);
      const terms = ballotTerms(fields, settingOf(fields, 1_000n));
      await harness.getFunction("begin")(terms, terms.rollId === NAMED_ROLL);
      const payloads = Array.from({ length: PAPERS }, () => randomPayload(random, terms));
      payloads.push(0n, WORD - 1n, 1n << 255n, random.edgy(256n));
      const valid = (await harness.getFunction("areValid")(payloads)) as boolean[];
      for (const [index, payload] of payloads.entries()) {
        expect(isValidPaper(terms, payload), `${payload} of ${JSON.stringify({ ...terms }, text)}`).to.equal(
          valid[index],
        );
        if (!isValidPaper(terms, payload)) {
          bad += 1;
          continue;
        }
        good += 1;
        expect(packPaper(terms, readPaper(terms, payload)), "read and written").to.equal(payload);
      }
    }
    expect(Math.min(good, bad), "papers of both kinds").to.be.greaterThan(BALLOTS * 5);
  });

  const of = (kind: bigint, options: number, limit: number, rest: Partial<PaperRules> = {}): PaperRules => ({
    kind,
    rule: kind === BallotKind.Ranked ? Rule.Schulze : Rule.MostFirst,
    options,
    blankLast: false,
    limit,
    form: 0n,
    ...rest,
  });
  const runoff = of(BallotKind.Ranked, 4, 3, { rule: Rule.InstantRunoff });
  const survey = of(BallotKind.Survey, 0, 0, { form: packForm(QUESTIONS) });

  it("are the words that the contracts read", () => {
    const papers: readonly [PaperRules, Paper, bigint][] = [
      [of(BallotKind.Single, 3, 0), { kind: "single", option: 2 }, 2n],
      [of(BallotKind.Approval, 5, 2), { kind: "approval", approved: [4, 0] }, 0b10001n],
      [of(BallotKind.Score, 3, 10), { kind: "score", scores: [10, 0, 7] }, 0x07000an],
      [of(BallotKind.Quadratic, 3, 14), { kind: "quadratic", votes: [1, 2, 3] }, 0x030201n],
      [of(BallotKind.Points, 2, 1_000), { kind: "points", points: [400, 600] }, (600n << 16n) | 400n],
      [of(BallotKind.Ranked, 4, 4), { kind: "ranked", levels: [[2, 1], [0]] }, 0x018302n],
      [runoff, { kind: "ranked", levels: [[3], [0]] }, 0x0104n],
      [survey, { kind: "survey", answers: [2, [1, 5], ["agree", "pass"]] }, (0b1101n << 7n) | (0b10001n << 2n) | 2n],
    ];
    for (const [rules, paper, word] of papers) expect(packPaper(rules, paper), paper.kind).to.equal(word);
    expect(readPaper(of(BallotKind.Score, 3, 10), 0xan)).to.deep.equal({ kind: "score", scores: [10, 0, 0] });
    expect(lanesOf(of(BallotKind.Single, 3, 0), 1n)).to.deep.equal([0n, 1n, 0n]);
    expect(creditsOf([1, 2, 3])).to.equal(14);
  });

  it("are refused by name, with value and limit", () => {
    const refused: readonly [() => unknown, PaperFault, bigint, bigint][] = [
      [() => packPaper(survey, { kind: "single", option: 0 }), "other kind", BallotKind.Single, BallotKind.Survey],
      [() => packPaper(of(BallotKind.Single, 3, 0), { kind: "single", option: 3 }), "no such option", 3n, 2n],
      [() => packPaper(of(BallotKind.Single, 3, 0), { kind: "single", option: NaN }), "no such option", -1n, 2n],
      [() => packPaper(of(BallotKind.Approval, 3, 2), { kind: "approval", approved: [0, 0] }), "option twice", 0n, 1n],
      [
        () => packPaper(of(BallotKind.Approval, 3, 2), { kind: "approval", approved: [0, 1, 2] }),
        "too many options",
        3n,
        2n,
      ],
      [
        () => packPaper(of(BallotKind.Approval, 3, 2, { blankLast: true }), { kind: "approval", approved: [0, 2] }),
        "blank and others",
        0b101n,
        0b100n,
      ],
      [() => packPaper(of(BallotKind.Score, 2, 9), { kind: "score", scores: [0, 10] }), "too high", 10n, 9n],
      [() => packPaper(of(BallotKind.Score, 2, 9), { kind: "score", scores: [256] }), "too high", 256n, 255n],
      [() => packPaper(of(BallotKind.Score, 2, 9), { kind: "score", scores: [0, 0, 1] }), "no such option", 2n, 1n],
      [
        () => packPaper(of(BallotKind.Quadratic, 2, 12), { kind: "quadratic", votes: [2, 3] }),
        "too many credits",
        13n,
        12n,
      ],
      [() => packPaper(of(BallotKind.Points, 2, 10), { kind: "points", points: [5, 6] }), "too many points", 11n, 10n],
      [() => packPaper(runoff, { kind: "ranked", levels: [[4]] }), "no ranking", 4n, 3n],
      [() => packPaper(runoff, { kind: "ranked", levels: [[0, 1]] }), "tie not allowed", 0x8201n, 0n],
      [() => packPaper(runoff, { kind: "ranked", levels: [[0], [1], [2], [3]] }), "too many options", 4n, 3n],
      [() => packPaper(survey, { kind: "survey", answers: [4] }), "no answers", 4n, 3n],
      [() => readPaper(survey, 3n << 20n), "no answers", 3n << 9n, 0n],
      [() => readPaper(runoff, 0x0100n), "no ranking", 0x0100n, 4n],
      [() => readPaper(of(BallotKind.Approval, 3, 2), 0b10001n), "no such option", 4n, 2n],
      [() => readPaper(of(BallotKind.Points, 2, 9), 1n << 32n), "no such option", 2n, 1n],
      [() => readPaper(runoff, -1n), "no word", -1n, WORD - 1n],
      [() => readPaper(runoff, WORD), "no word", WORD, WORD - 1n],
    ];
    for (const [act, fault, value, limit] of refused) {
      const error = thrown(act);
      expect(error, fault).to.be.instanceOf(PaperError);
      expect(error, String(error)).to.deep.include({ fault, value, limit });
    }
    expect(() => {
      checkPaper(of(BallotKind.Survey, 0, 0), 0n);
    }, "a survey without questions").to.throw(RangeError);
  });
});

describe("Sealed papers", () => {
  const owner = { nullifier: 11n, scope: placeScope(PLACE) };

  it("open in the contract, for who put them in", async () => {
    const { harness } = await parts();
    const open = harness.getFunction("open");
    const random = new Random(4);
    for (let paper = 0; paper < 20; paper++) {
      const { secret, ...key } = sealKeyPair();
      const [payload, mine] = [random.edgy(256n), { nullifier: random.bits(250n), scope: random.bits(256n) }];
      const envelope = sealPaper(key, payload, mine);
      expect(openPaper(secret, envelope, mine)).to.equal(payload);
      expect(openPaper(secret + ORDER, envelope, mine), "the same key").to.equal(payload);
      expect(await open(secret, envelope, mine.nullifier, mine.scope)).to.deep.equal([true, payload]);
      expect(await harness.getFunction("hashOfEnvelope")(envelope)).to.equal(envelopeHash(envelope));
      expect(await harness.getFunction("isKey")(secret, key.x, key.y)).to.equal(true);
      for (const [other, whose] of [
        [secret, { ...mine, nullifier: mine.nullifier + 1n }],
        [secret, { ...mine, scope: mine.scope ^ 1n }],
        [secret + 1n, mine],
      ] as const) {
        expect(openPaper(other, envelope, whose)).to.equal(undefined);
        const [intact] = (await open(other, envelope, whose.nullifier, whose.scope)) as unknown as [boolean];
        expect(intact).to.equal(false);
      }
    }
  });

  it("are spoilt in the same way where they are malformed", async () => {
    const { harness } = await parts();
    const good = sealPaper(KEY, 5n, owner);
    // Who seals to the point at infinity seals to everybody: it opens with any key.
    const forAll = sealedWith(0n, 0n, 6n);
    const malformed: readonly [Envelope, bigint | undefined][] = [
      [good, 5n],
      [{ ...good, check: good.check ^ 1n }, undefined],
      [{ ...good, cipher: good.cipher ^ 1n }, undefined],
      [{ ...good, x: good.x + FIELD }, undefined],
      [{ ...good, y: FIELD - good.y }, undefined],
      [{ ...good, y: good.y + 1n }, undefined],
      [sealedWith(1n, 1n, 6n), undefined],
      [sealedWith(WORD - 1n, 2n, 6n), undefined],
      [forAll, 6n],
    ];
    for (const [index, [envelope, payload]] of malformed.entries()) {
      expect(openPaper(KEY.secret, envelope, owner), `paper ${index}`).to.equal(payload);
      const [intact, said] = (await harness.getFunction("open")(
        KEY.secret,
        envelope,
        owner.nullifier,
        owner.scope,
      )) as unknown as [boolean, bigint];
      expect(intact ? said : undefined, `paper ${index} on the chain`).to.equal(payload);
    }
    const entries = [good, forAll, { ...good, check: 0n }].map((envelope) => ({
      nullifier: owner.nullifier,
      sequence: 1,
      envelope,
    }));
    expect(openSealed(KEY.secret, entries, owner.scope)).to.deep.equal([5n, 6n, undefined]);
  });

  it("have keys that are points of the curve", () => {
    expect(sealKeyOf(1n)).to.deep.equal({ x: 1n, y: 2n });
    expect(sealKeyOf(ORDER - 1n)).to.deep.equal({ x: 1n, y: FIELD - 2n });
    for (const secret of [0n, ORDER, -ORDER]) expect(() => sealKeyOf(secret)).to.throw(SealKeyError, secret.toString());
    const { secret, ...key } = sealKeyPair();
    expect(sealKeyOf(secret)).to.deep.equal(key);
    expect(
      [
        { x: 1n, y: 2n },
        { x: 0n, y: 0n },
        { x: 1n, y: 3n },
        { x: 1n + FIELD, y: 2n },
      ].map(isSealKey),
    ).to.deep.equal([true, false, false, false]);
    expect(() => sealPaper({ x: 1n, y: 3n }, 1n, owner)).to.throw(SealKeyError, "(1, 3)");
    expect(sealPaper(KEY, 1n, owner)).not.to.deep.equal(sealPaper(KEY, 1n, owner));
  });

  it("can be commitments, with the hash that the box gives them", async () => {
    const { box } = await parts();
    const place = { chainId: 31_337n, ballotBox: await box.getAddress(), ballotId: 3 };
    const paper = { segment: 2, index: 70_000, payload: 5n, salt: commitmentSalt() };
    expect(commitment(place, paper)).to.equal(await box.commitmentOf(3, 2, 70_000, 5n, paper.salt));
    expect(commitmentSalt()).not.to.equal(paper.salt);
    expect(placeScope(place)).to.equal(await box.scopeOf(3));
    expect(voterName(2, 70_000)).to.equal((2n << 32n) | 70_000n);
  });

  /** A paper sealed with a shared point of one's own choice. */
  function sealedWith(x: bigint, y: bigint, payload: bigint): Envelope {
    const words = (...values: bigint[]) => BigInt(keccak256(concat(values.map((value) => toBeHex(value, 32)))));
    const pad = words(x, y, owner.nullifier, owner.scope);
    return { x, y, cipher: payload ^ pad, check: words(pad, payload) >> 192n };
  }
});

describe("Messages of ballots", () => {
  it("have the hashes that the contracts give them", async () => {
    const { harness } = await parts();
    const vote = { ballotId: 1, segment: 2, index: 3, sequence: 4, payload: 5n, previous: 6n, deadline: 7n };
    expect(await harness.getFunction("hashOfVote")(vote)).to.equal(structHash("Vote", vote));
    const { payload, ...rest } = vote;
    expect(await harness.getFunction("hashOfCommitment")(vote)).to.equal(
      structHash("Commitment", { ...rest, commitment: payload }),
    );
    const head = {
      ballotId: 1,
      segment: 2,
      spoilt: 3,
      documentHash: id("document"),
      officer: Wallet.createRandom().address,
    };
    const protocol = { ...head, nonce: 4n, deadline: 5n };
    const entries = [
      { payload: 6n, count: 7 },
      { payload: WORD - 1n, count: 1 },
    ];
    const owner = Wallet.createRandom().address;
    expect(await harness.getFunction("hashOfProtocol")(protocol, entries, owner)).to.equal(
      structHash("Protocol", { ...protocol, entriesHash: paperEntriesHash(entries), owner }),
    );
  });

  it("have errors that say what is wrong", async () => {
    const { box } = await parts();
    const encode = box.interface.encodeErrorResult.bind(box.interface);
    const states = explainRevert(encode("BallotBoxWrongState", [5, BallotState.Closed]));
    expect(states?.message).to.equal("ballot box wrong state: ballot id 5, state Closed");
    const combination = [BallotKind.Ranked, Rule.MostFirst, Secrecy.Sealed];
    expect(explainRevert(encode("BallotBoxBadCombination", combination))?.message).to.equal(
      "ballot box bad combination: kind Ranked, rule MostFirst, secrecy Sealed",
    );
  });
});

// --- recounts of events that never were

const TERMS: BallotTerms = {
  ...ballotTerms(
    {
      rollId: NAMED_ROLL,
      segments: [0, 1],
      freezesAt: 10n,
      opensAt: 11n + NOTICE,
      closesAt: 12n + NOTICE,
      countsUntil: 20_000n + NOTICE,
      kind: BallotKind.Single,
      options: 3,
      revotes: true,
      paperElectorate: 4,
      turnoutBp: 5_000,
      objectionPeriod: 60n,
      texts: textHashes({ en: "Which?" }),
    },
    settingOf({ rollId: NAMED_ROLL }, 0n),
  ),
};
const { ballotId } = PLACE;
const published = (terms: BallotTerms): BallotEvent[] => [
  { name: "BallotPublished", ballotId, termsHash: termsHash(terms), terms },
  ...terms.segments.map((segment) => ({
    name: "CensusFrozen" as const,
    ballotId,
    segment,
    root: BigInt(segment) + 1n,
    members: 3,
  })),
];
const recorded = (voter: bigint, segment: number, sequence: number, payload: bigint): BallotEvent => ({
  name: "VoteRecorded",
  ballotId,
  voter,
  segment,
  sequence,
  payload,
});
const [ANNA, BEN] = [voterName(0, 1), voterName(1, 2)];
const RESULT = {
  order: packOrder([1, 0, 2]),
  passed: false,
  decided: true,
  tied: false,
  finalAt: 5n,
  objectionUntil: 65n,
};
const STORY: readonly BallotEvent[] = [
  ...published(TERMS),
  recorded(ANNA, 0, 1, 0n),
  recorded(BEN, 1, 1, 1n),
  { name: "VoteRejected", ballotId, voter: BEN, sequence: 1, fault: VoteFault.StaleSequence },
  recorded(ANNA, 0, 3, 1n),
  {
    name: "ProtocolRecorded",
    ballotId,
    segment: 1,
    officer: ZeroAddress,
    papers: 3,
    spoilt: 1,
    documentHash: ZeroHash,
    entries: [
      { payload: 0n, count: 1 },
      { payload: 1n, count: 2 },
    ],
  },
  { name: "ResultFinal", ballotId, result: RESULT, tallies: [1n, 4n, 0n] },
];

/** The story with one event changed. */
function retold(at: number, change: object): Recount {
  return recountBallot(
    STORY.map((event, index) => (index === at ? { ...event, ...change } : event)),
    PLACE,
  );
}

describe("Recounts", () => {
  it("tell what stands, and what came of it", () => {
    const recount = recountBallot(STORY, PLACE);
    expect(recount.differences).to.deep.equal([]);
    expect(recount).to.deep.include({
      electorate: 10,
      cast: 6,
      valid: 5,
      spoilt: 1,
      onPaper: 4,
      hidden: 0,
      result: RESULT,
    });
    expect(recount.outcome).to.deep.equal({
      order: [1, 0, 2],
      tallies: [1n, 4n, 0n],
      tied: false,
      decided: true,
      passed: false,
      rounds: [],
    });
    const [first, second] = recount.segments;
    expect(first).to.deep.include({ segment: 0, root: 1n, members: 3, cast: 1, tallies: [0n, 1n, 0n] });
    expect(first?.votes).to.deep.equal([{ voter: ANNA, sequence: 3, payload: 1n, valid: true }]);
    expect(first?.chain).to.equal(linkVote(linkVote(0n, ANNA, 1, 0n), ANNA, 3, 1n));
    expect(second?.tallies).to.deep.equal([1n, 3n, 0n]);
    expect([...recount.papers]).to.deep.equal([
      [1n, 4n],
      [0n, 1n],
    ]);
    expect(unpackOrder(RESULT.order)).to.deep.equal([1, 0, 2]);
  });

  it("find what does not fit", () => {
    const changes: readonly [number, object, string][] = [
      [0, { termsHash: id("others") }, "hash of the terms"],
      [3, { payload: 3n }, `validity of the vote of ${ANNA}`],
      [4, { payload: 0n }, "tallies"],
      [4, { payload: 2n }, "tallies"],
      [6, { sequence: 1 }, `votes of voter ${ANNA}`],
      [6, { segment: 1 }, `segment of voter ${ANNA}`],
      [7, { papers: 4 }, "papers of a protocol of segment 1"],
      [7, { spoilt: 2 }, "papers of protocols"],
      [7, { entries: [{ payload: 7n, count: 3 }] }, "validity of payload 7 of a protocol"],
      [8, { tallies: [4n, 1n, 0n] }, "tallies"],
      [8, { result: { ...RESULT, order: packOrder([0, 1, 2]) } }, "order"],
      [8, { result: { ...RESULT, passed: true } }, "passed"],
      [8, { result: { ...RESULT, decided: false } }, "decided"],
      [8, { result: { ...RESULT, tied: true } }, "tied"],
      [8, { result: { ...RESULT, objectionUntil: 5n } }, "end of the objection period"],
    ];
    for (const [at, change, what] of changes) {
      expect(
        retold(at, change).differences.map((difference) => difference.what),
        what,
      ).to.include(what);
    }
    const few = published({ ...TERMS, paperElectorate: 0 });
    const many = Array.from({ length: 7 }, (_, index) => recorded(voterName(0, index), 0, 1, 0n));
    expect(recountBallot([...few, ...many], PLACE).differences).to.deep.equal([
      { what: "papers", recounted: "at most 6", found: "7" },
    ]);
    expect(() => recountBallot(STORY.slice(1), PLACE)).to.throw(RecountError, "ballot 7 is not published");
    expect(() => recountBallot(STORY, { ...PLACE, ballotId: 8 })).to.throw(
      RecountError,
      "BallotPublished is of ballot 7",
    );
    expect(() => retold(3, { segment: 2 })).to.throw(RecountError, "segment 2 is none of ballot 7");
  });

  it("open sealed papers by themselves, and find what was opened wrongly", () => {
    const terms = {
      ...TERMS,
      minAnonymity: 3,
      paperElectorate: 0,
      secrecy: Secrecy.Sealed,
      sealX: KEY.x,
      sealY: KEY.y,
    };
    const scope = placeScope(PLACE);
    const sealed = (nullifier: bigint, sequence: number, payload: bigint): BallotEvent => ({
      name: "VoteSealed",
      ballotId,
      nullifier,
      segment: 0,
      sequence,
      envelope: sealPaper(KEY, payload, { nullifier, scope }),
    });
    const copied = { ...(sealed(1n, 1, 2n) as Extract<BallotEvent, { name: "VoteSealed" }>), nullifier: 4n };
    const events = [
      ...published(terms),
      sealed(1n, 1, 0n),
      sealed(2n, 1, 2n),
      sealed(1n, 2, 2n),
      sealed(3n, 1, 9n),
      copied,
    ];
    const before = recountBallot(events, PLACE);
    expect([before.outcome, before.hidden, before.cast, before.valid]).to.deep.equal([undefined, 4, 4, 0]);
    const released: BallotEvent[] = [...events, { name: "KeyReleased", ballotId, key: KEY.secret }];
    const opened = {
      name: "VotesOpened",
      ballotId,
      segment: 0,
      firstEntry: 0,
      nextEntry: 5,
      payloads: [2n, 2n, 9n, 0n],
      spoilt: [0b1100n],
    } as const;
    const after = recountBallot([...released, opened], PLACE);
    expect(after.differences).to.deep.equal([]);
    expect(after.outcome).to.deep.include({ order: [2, 0, 1], tallies: [0n, 0n, 2n] });
    expect([after.cast, after.valid, after.spoilt, after.hidden]).to.deep.equal([4, 2, 2, 0]);
    for (const [change, whats] of [
      [{ payloads: [2n, 1n, 9n, 0n] }, ["paper of 1"]],
      [{ payloads: [2n, 2n, 9n, 8n] }, ["paper of 4"]],
      [{ spoilt: [0b1101n] }, ["validity of the paper of 2"]],
      [{ spoilt: [0b0100n] }, ["validity of the paper of 4"]],
      [{ payloads: [2n, 2n, 9n] }, ["papers opened from entry 0 of segment 0", "paper of 4"]],
    ] as const) {
      const { differences } = recountBallot([...released, { ...opened, ...change }], PLACE);
      expect(differences.map(({ what }) => what)).to.deep.equal(whats);
    }
  });

  it("find reveals that nobody committed to, and rounds that were not counted so", () => {
    const secret = { ...TERMS, paperElectorate: 0, secrecy: Secrecy.Committed };
    const salt = id("salt");
    const hash = commitment(PLACE, { segment: 0, index: 1, payload: 1n, salt });
    const commits: BallotEvent = { name: "VoteCommitted", ballotId, voter: ANNA, sequence: 1, commitment: hash };
    const reveals = { name: "VoteRevealed", ballotId, voter: ANNA, payload: 1n, salt, valid: true } as const;
    const told = (...events: BallotEvent[]) => recountBallot([...published(secret), ...events], PLACE);
    expect(told(commits, reveals).differences).to.deep.equal([]);
    expect(told(commits).outcome?.decided).to.equal(false);
    expect(told(commits, reveals, reveals).differences.length).to.equal(1);
    expect(told(reveals).differences.length).to.equal(1);
    expect(told(commits, { ...reveals, valid: false }).differences.length).to.equal(1);
    for (const change of [{ payload: 0n }, { salt: id("another") }]) {
      const [difference] = told(commits, { ...reveals, ...change }).differences;
      expect(difference?.what).to.equal(`commitment of voter ${ANNA.toString()}`);
    }
    expect(told(commits).segments[0]?.chain).to.equal(linkVote(0n, ANNA, 1, BigInt(payloadHash(BigInt(hash)))));

    const ranked = { ...TERMS, paperElectorate: 0, kind: BallotKind.Ranked, rule: Rule.InstantRunoff, limit: 3 };
    const counted = {
      name: "RoundCounted",
      ballotId,
      counter: ZeroAddress,
      round: 1,
      eliminated: 255,
      tied: false,
    } as const;
    const votes = [recorded(ANNA, 0, 1, 0x0201n), recorded(BEN, 1, 1, 0x0301n)];
    const rounds = (change: object) =>
      recountBallot([...published(ranked), ...votes, { ...counted, tallies: [2n, 0n, 0n], ...change }], PLACE)
        .differences;
    expect(rounds({})).to.deep.equal([]);
    for (const change of [{ eliminated: 2 }, { tied: true }, { tallies: [1n, 0n, 0n] }]) {
      expect(rounds(change).length, JSON.stringify(change, text)).to.equal(1);
    }
    const lots = { ...ranked, tieRule: TieRule.Lot };
    expect(recountBallot([...published(lots), ...votes], PLACE).outcome).to.equal(undefined);
    const drawn: BallotEvent = { name: "LotDrawn", ballotId, seed: lotSeed(PLACE, id("block")) };
    expect(recountBallot([...published(lots), ...votes, drawn], PLACE).outcome?.order[0]).to.equal(0);
  });

  it("read events as the chain logs them", () => {
    const box = IBallotBox__factory.createInterface();
    for (const event of STORY) {
      if (event.name === "VoteRecorded") {
        const word = (BigInt(event.sequence) << 224n) | (BigInt(event.segment) << 208n);
        const log = box.encodeEventLog("VoteRecorded", [ballotId, event.voter, word, event.payload]);
        expect(parseBallotLog(log)).to.deep.equal(event);
        continue;
      }
      const fragment = box.getEvent(event.name);
      const values = fragment.inputs.map(({ name }) => (event as unknown as Record<string, unknown>)[name]);
      expect(parseBallotLog(box.encodeEventLog(fragment, values)), event.name).to.deep.equal(event);
    }
    expect(parseBallotLog({ topics: [id("Other()")], data: "0x" })).to.equal(undefined);
  });
});

describe("Relays", () => {
  it("shuffle, so that each order can come", () => {
    const seen = new Set<string>();
    for (let first = 0; first < 3; first++) {
      for (let second = 0; second < 2; second++) {
        const dice = [first, second];
        seen.add(shuffled("abc".split(""), () => dice.shift()!).join(""));
      }
    }
    expect(seen.size).to.equal(6);
    const list = Array.from({ length: 50 }, (_, index) => index);
    const order = shuffled(list);
    expect(order).not.to.deep.equal(list);
    expect(order.sort((a, b) => a - b)).to.deep.equal(list);
  });

  it("refuse sizes that the box would not take, and leave out what is no vote of the ballot's kind", async () => {
    const { box } = await parts();
    const ballot = { ballotId: 1, segment: 0, terms: { ...TERMS, minAnonymity: 10 } };
    const [proof, previous] = [
      [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n] as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint],
      0n,
    ];
    const open = { nullifier: 1n, sequence: 1, payload: 0n, previous, proof };
    const sealed = { nullifier: 2n, sequence: 1, envelope: { x: 0n, y: 0n, cipher: 0n, check: 0n }, proof };
    for (const batchSize of [0, 101, 1.5]) {
      const error = await revertOf(relayVotes(box, ballot, [open], { batchSize }));
      expect(error).to.be.instanceOf(RelayError);
      expect((error as Error).message).to.equal(`${batchSize} votes of a call are not 1 to 100`);
    }
    const strangers = [
      ...[sealed, null, undefined, "vote", {}, { ...open, nullifier: "1" }, { ...open, sequence: 1n }],
      { ...open, proof: [0n] },
    ] as unknown as (typeof open)[];
    const { rejected } = await relayVotes(box, ballot, strangers);
    expect(rejected).to.deep.equal(strangers.map((vote) => ({ vote, fault: VoteFault.BadProof })));
    const closed = { ...ballot, terms: { ...ballot.terms, secrecy: Secrecy.Sealed } };
    const { rejected: unsealed } = await relayVotes(box, closed, [open]);
    expect(unsealed).to.deep.equal([{ vote: open, fault: VoteFault.BadProof }]);
    const named = { ...ballot, terms: { ...ballot.terms, minAnonymity: 0 } };
    const { rejected: unsigned } = await relayVotes(box, named, [open, sealed]);
    expect(unsigned.map(({ fault }) => fault)).to.deep.equal([VoteFault.BadSignature, VoteFault.BadSignature]);
    const error = await revertOf(relayVotes(box, ballot, [open]));
    expect(explainRevert(error)?.name, "no such ballot").to.equal("BallotBoxUnknownSegment");
    const none = await relayVotes(box, ballot, []);
    expect(none).to.deep.equal({ accepted: [], known: [], rejected: [], receipts: [] });
    expect(BallotBox__factory.connect(await box.getAddress()).runner).to.equal(null);
  });
});

/** Numbers of any size in JSON. */
function text(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
