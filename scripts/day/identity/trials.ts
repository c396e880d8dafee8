/** Wrongs that somebody tries at the end of the day: a forged credential, a revoked card and a retired device. */
import type { Wallet } from "ethers";

import { type CredentialName, typeIdOf } from "../../../ignition/credentials.js";
import { buildIssuance, nameIn, signHealthCertificate, signIssuance, textHash } from "../../../sdk/index.js";
import {
  type AcceptedCard,
  appointKey,
  bitOf,
  changeDevice,
  entry,
  Identity,
  positionOf,
  type RefusedCard,
  SoftwareJwtKey,
  Standing,
} from "../../../sdk/identity/index.js";
import type { Day } from "../day.js";
import { seeded, seededWallet } from "../seeds.js";
import { CARD_LIST, CityDesk } from "./desk.js";
import { SIGNATURE_SECONDS } from "./offices.js";
import { Refusals, type Verdict } from "./refusals.js";
import { KEY_VALIDITY } from "./register.js";

const YEAR = 365n * 86_400n;
const TESTER: CredentialName = "BATTERY_TESTER";

/** A pack that is nobody's: who may certify is asked before what. */
const NO_PACK = 1n;
const MEASURED_WH = 5_000n;
/** Nonces of a device's changes, apart from that of its commissioning, which is the number of devices before it. */
const FIRST_CHANGE = 1n << 64n;
/** Places in the registry's list of cards. */
const CARDS = { forged: 41n, lost: 42n };

/** Tries every wrong, and tells how each was refused. */
export async function tryWrongs(day: Day): Promise<Refusals> {
  const refusals = new Refusals(day);
  const desk = new CityDesk(day);
  await desk.open(day.clock.now);
  await forgeCredential(day, refusals);
  await forgeCard(day, desk, refusals);
  await certifyWhenRevoked(day, refusals);
  await showRevokedCard(day, desk, refusals);
  await changeRetiredDevice(day, refusals);
  return refusals;
}

// --- forged

/** A body that nobody accredited makes a friend a tester; the friend certifies a pack. */
async function forgeCredential(day: Day, refusals: Refusals): Promise<void> {
  const { city, clock, register } = day;
  const body = seededWallet("identity/diploma mill");
  const friend = seededWallet("identity/backyard laboratory");
  register.stranger("Diploma mill", body);
  register.stranger("Backyard laboratory", friend);
  // Any organisation may appoint itself a key: it opens nothing.
  await day.send("credential.appointKey", clock.now, async (time) =>
    appointKey(city, {
      issuer: body.address,
      key: body.address,
      until: time + YEAR,
      deadline: time + SIGNATURE_SECONDS,
      ownerSigner: body,
      nonce: 0n,
    }),
  );
  await refusals.send(
    {
      key: "forgedCredential",
      attempt: "a body that nobody accredited makes a laboratory a tester",
      expected: "CredentialsNotAccredited (None)",
    },
    async (time) => {
      const issuance = buildIssuance({
        key: body.address,
        typeId: typeIdOf(TESTER),
        subject: friend.address,
        until: time + YEAR,
        nonce: 1n,
        deadline: time + SIGNATURE_SECONDS,
      });
      return city.credentials.issueBySig(issuance, await signIssuance(city, body, issuance));
    },
  );
  await refusals.send(
    {
      key: "forgedTester",
      attempt: "that laboratory certifies a pack",
      expected: "BatteryTelemetryNotTester (None)",
    },
    (time) => certify(day, friend, time),
  );
}

/** Somebody makes a card in the registry's name, and signs it with another key. */
async function forgeCard(day: Day, desk: CityDesk, refusals: Refusals): Promise<void> {
  const forger = seededWallet("identity/forger");
  day.register.stranger("Forger", forger);
  const press = new SoftwareJwtKey(seeded("identity/forger's press"));
  const card = await desk.issue(forger, CARDS.forged, press);
  refusals.judge(
    { key: "forgedCard", attempt: "a forged resident's card is shown at the desk", expected: "ForgedSignature" },
    verdictOf(await desk.show(card, forger)),
  );
}

// --- revoked

/** A laboratory whose credential was revoked certifies a pack. */
async function certifyWhenRevoked(day: Day, refusals: Refusals): Promise<void> {
  const { city, clock, register } = day;
  const laboratory = seededWallet("identity/careless laboratory");
  register.body("Careless laboratory", laboratory);
  register.give(TESTER, laboratory.address);
  await register.enrol(clock.now);
  const standing = await city.credentials.check(typeIdOf(TESTER), laboratory.address);
  refusals.before("the careless laboratory's credential before", nameIn(Standing, standing), "Current");
  await register.offices.revoke(TESTER, laboratory.address, clock.now);
  await refusals.send(
    {
      key: "revokedLaboratory",
      attempt: "a laboratory whose credential was revoked certifies a pack",
      expected: "BatteryTelemetryNotTester (Revoked)",
    },
    (time) => certify(day, laboratory, time),
  );
}

/** A resident shows a card, reports it lost, and somebody shows it again. */
async function showRevokedCard(day: Day, desk: CityDesk, refusals: Refusals): Promise<void> {
  const { clock, register } = day;
  const resident = seededWallet("identity/resident who lost a card");
  register.person("Resident who lost a card", resident);
  await register.enrol(clock.now);
  const card = await desk.issue(resident, CARDS.lost);
  const before = verdictOf(await desk.show(card, resident));
  refusals.before("a resident's card before it was lost", before.message ?? "accepted", "accepted");
  const position = positionOf({ list: CARD_LIST, card: CARDS.lost });
  await register.offices.revokeCard(desk.registry, position, bitOf(CARDS.lost), clock.now);
  refusals.judge(
    { key: "revokedCard", attempt: "a card that was reported lost is shown at the desk", expected: "CardRevoked" },
    verdictOf(await desk.show(card, resident)),
  );
}

// --- retired

/** A device changes its firmware, is retired, and changes it again. */
async function changeRetiredDevice(day: Day, refusals: Refusals): Promise<void> {
  const { actors, city, clock, register } = day;
  const key = seededWallet("identity/street cabinet");
  const { depot: operator } = actors;
  register.device({ name: "Street cabinet", key, operator });
  await register.enrol(clock.now);
  const identities = city.identities.connect(operator);
  const device = new Identity(identities, key.address);

  const install = (version: bigint) => async (time: bigint) => {
    const image = entry("device/firmware", textHash(`firmware ${version}`));
    const terms = { validity: KEY_VALIDITY, nonce: FIRST_CHANGE + version, deadline: time + SIGNATURE_SECONDS };
    return changeDevice(identities, { device: key.address, key: key.address, ...image, ...terms }, key);
  };
  await day.send("identity.changeDevice", clock.now, install(1n));
  await day.send("identity.retire", clock.now, () => device.retire());
  register.retired(key.address);

  await refusals.send(
    { key: "retiredDevice", attempt: "a retired device changes its firmware", expected: "IdentitiesRetired" },
    install(2n),
  );
  await refusals.send(
    { key: "retiredWrite", attempt: "its operator writes for a retired device", expected: "IdentitiesRetired" },
    () => device.setAttribute(entry("device/site", textHash("another street")), KEY_VALIDITY),
  );
  const { didDocumentMetadata } = await device.resolve();
  refusals.judge(
    { key: "retiredDid", attempt: "the DID of a retired device is resolved", expected: "deactivated" },
    didDocumentMetadata.deactivated === true
      ? { reason: "deactivated", message: `the DID of ${key.address} is deactivated` }
      : {},
  );
}

/** Sends a certificate of a laboratory for a pack of the day. */
async function certify({ city, register }: Day, laboratory: Wallet, time: bigint) {
  const certificate = {
    packId: register.devices.find(({ packId }) => packId !== undefined)?.packId ?? NO_PACK,
    tester: laboratory.address,
    measuredWh: MEASURED_WH,
    testedAt: time,
    methodHash: textHash("a look at it"),
    nonce: 0n,
    deadline: time + SIGNATURE_SECONDS,
  };
  return city.telemetry.certify(certificate, await signHealthCertificate(city, laboratory, certificate));
}

function verdictOf(verdict: AcceptedCard | RefusedCard): Verdict {
  return verdict.accepted ? {} : { reason: verdict.reason, message: verdict.message };
}
