import { expect } from "chai";
import { id } from "ethers";

import {
  EPCIS_CONTEXT,
  EPCIS_NAMESPACE,
  epcisEventId,
  EpcisUris,
  type EpcisDocument,
  type EpcisEvent,
  kilograms,
  lotHistory,
  LotLedger,
  MAX_LOT_GRAMS,
} from "../../sdk/waste/index.js";
import { validatorOf } from "./utils/epcisSchema.js";
import { DEVICE, MORNING, WasteStory } from "./utils/wasteStory.js";

const LOTS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const FRAME = { chainId: 31_337n, wasteLots: LOTS };
const BASE = `urn:civitas:eip155:31337:${LOTS.toLowerCase()}:`;

const validate = validatorOf();

/** Asserts that a document is valid; what is wrong with it is told. */
function expectValid(document: unknown): void {
  expect(validate(document), JSON.stringify(validate.errors, undefined, 1)).to.be.true;
}

function historyOf(story: WasteStory, lotId: bigint): { document: EpcisDocument; list: readonly EpcisEvent[] } {
  const document = lotHistory({ ...FRAME, events: story.events }, lotId);
  expectValid(document);
  // What is written as JSON and read again is the same: no member is undefined.
  const again: unknown = JSON.parse(JSON.stringify(document));
  expect(again).to.deep.equal(document);
  return { document, list: document.epcisBody.eventList };
}

/** Type, action and step of each event. */
function told(list: readonly EpcisEvent[]): string[] {
  return list.map((event) => {
    const action = "action" in event ? ` ${event.action}` : "";
    return `${event.type}${action} ${event.bizStep}${event.errorDeclaration === undefined ? "" : " wrong"}`;
  });
}

const lot = (lotId: bigint): string => `${BASE}lot:${lotId.toString()}`;
const mass = (lotId: bigint, quantity: number) => ({ epcClass: lot(lotId), quantity, uom: "KGM" });

/** Containers to ends: two collections, custody with loss and refusal, a group in part, and a process. */
function wholeStory() {
  const story = new WasteStory();
  story.at({ name: "DeviceSet", binId: 7, device: DEVICE });
  story.fill(7, 7_600);
  story.fill(7, 8_100, "alert");
  story.fill(9, 3_000);
  const first = story.collect(7, 500_000n);
  story.fill(7, 4_200);
  story.fill(7, 900, "unrecorded", 4_200);
  const second = story.collect(9, 200_000n);
  const refused = story.hand(first, 500_000n, 492_000n, 450_000n);
  story.hand(second, 200_000n, 200_000n);
  const grouped = story.group([first, second], [300_000n, 150_000n]);
  const [paper, metal, rest] = story.process(
    [grouped],
    [
      ["19 12 04", 300_000n, "R3"],
      ["19 12 02", 60_000n, ""],
      ["19 12 12", 81_000n, "D1"],
    ],
    9_000n,
  );
  story.finalise(metal!, 60_000n, "R4");
  return { story, first, second, refused, grouped, paper: paper!, metal: metal!, rest: rest! };
}

describe("EPCIS", () => {
  describe("lotHistory", () => {
    it("tells a product's way back to the containers and their readings", () => {
      const { story, paper, first, second, grouped } = wholeStory();
      const { document, list } = historyOf(story, paper);
      expect(told(list)).to.deep.equal([
        "ObjectEvent OBSERVE sensor_reporting",
        "ObjectEvent OBSERVE sensor_reporting",
        "ObjectEvent OBSERVE sensor_reporting",
        "ObjectEvent ADD collecting",
        "ObjectEvent ADD collecting",
        "TransactionEvent ADD receiving",
        "ObjectEvent ADD inspecting",
        "TransactionEvent ADD receiving",
        "AggregationEvent ADD packing",
        "TransformationEvent creating_class_instance",
        "ObjectEvent DELETE decommissioning",
      ]);
      expect(document).to.include({ id: `${BASE}history:${paper.toString()}`, schemaVersion: "2.0" });
      expect(document["@context"]).to.deep.equal([EPCIS_CONTEXT, { civitas: EPCIS_NAMESPACE }]);
      // That of the process; what became of its other outputs is not part of this one's history.
      expect(document.creationDate).to.equal(new Date(Number(story.now - 3_600n) * 1_000).toISOString());
      const group = list[8]!;
      expect(group).to.deep.include({
        parentID: lot(grouped),
        childQuantityList: [mass(first, 300), mass(second, 150)],
        "civitas:kg": 450,
      });
    });

    it("tells a lot's way to its ends", () => {
      const { story, second, paper, metal, rest, grouped } = wholeStory();
      const { list } = historyOf(story, second);
      const transformation = list.find(({ type }) => type === "TransformationEvent")!;
      expect(transformation).to.deep.include({
        inputQuantityList: [mass(grouped, 450)],
        outputQuantityList: [mass(paper, 300), mass(metal, 60), mass(rest, 81)],
        "civitas:lossKg": 9,
        "civitas:operator": `${BASE}operator:2`,
      });
      const ends = list.filter((event) => event.type === "ObjectEvent" && event.action === "DELETE");
      expect(ends.map((event) => [event["civitas:operation"], event.disposition, event["civitas:fate"]])).to.deep.equal(
        [
          ["R3", "inactive", "recycled"],
          ["D1", "disposed", "disposed"],
          ["R4", "inactive", "recycled"],
        ],
      );
      // The end of an output stands behind the process that made it.
      expect(list.indexOf(ends[0]!)).to.be.greaterThan(list.indexOf(transformation));
    });

    it("tells how full a container was since the collection before, and what the contract called out", () => {
      const { story, first } = wholeStory();
      const later = story.collect(7, 90_000n);
      const sensors = (lotId: bigint) =>
        historyOf(story, lotId).list.flatMap((event) =>
          event.type === "ObjectEvent" && event.sensorElementList !== undefined ? [event] : [],
        );
      // The other container's readings belong to the lot that was put together with this one, not to this one.
      expect(sensors(first).map((event) => event.sensorElementList![0]!.sensorReport[0])).to.deep.equal([
        { type: "VolumeFraction", value: 0.76, uom: "C62" },
        { type: "VolumeFraction", exception: "ALARM_CONDITION", value: 0.81, uom: "C62" },
      ]);
      expect(sensors(later).map((event) => event.sensorElementList![0]!.sensorReport[0])).to.deep.equal([
        { type: "VolumeFraction", value: 0.42, uom: "C62" },
        { type: "VolumeFraction", exception: "ERROR_CONDITION", value: 0.09, uom: "C62" },
      ]);
      const [reading] = sensors(later);
      expect(reading!.readPoint).to.deep.equal({ id: `${BASE}container:7` });
      expect(reading!.sensorElementList![0]!.sensorMetadata).to.include({
        deviceID: `${BASE}device:${DEVICE}`,
        dataProcessingMethod: `${EPCIS_NAMESPACE}signed-by-device`,
      });
    });

    it("tells which readings a gateway answers for, each as an event of its own", () => {
      const story = new WasteStory();
      const gateway = "0x00000000000000000000000000000000000000Fa";
      const fills = [5, 6].map((binId) => ({ binId, counter: 1, takenAt: MORNING, fillBp: 1_234 }));
      story.at({ name: "FillsReported", gateway, fills });
      const { list } = historyOf(story, story.collect(6, 1n));
      expect(list).to.have.length(2);
      expect(list[0]).to.deep.include({ readPoint: { id: `${BASE}container:6` } });
      const [sensor] = list[0]!.type === "ObjectEvent" ? list[0]!.sensorElementList! : [];
      expect(sensor!.sensorMetadata.dataProcessingMethod).to.equal(`${EPCIS_NAMESPACE}brought-by-gateway`);
      expect(sensor!.sensorMetadata).not.to.have.property("deviceID");
      expect(sensor!.sensorReport[0]).to.include({ value: 0.1234 });
    });

    it("says who gave a lot to whom, and what was refused", () => {
      const { story, first, refused } = wholeStory();
      const { list } = historyOf(story, refused);
      const received = list.find(({ type }) => type === "TransactionEvent")!;
      expect(received).to.deep.include({
        sourceList: [{ type: "possessing_party", source: `${BASE}operator:1` }],
        destinationList: [{ type: "possessing_party", destination: `${BASE}operator:2` }],
        quantityList: [mass(first, 450)],
        "civitas:sentKg": 500,
        "civitas:receivedKg": 492,
        "civitas:acceptedKg": 450,
      });
      expect(list.find(({ disposition }) => disposition === "returned")).to.deep.include({
        action: "ADD",
        quantityList: [mass(refused, 42)],
        ilmd: { "civitas:partOf": lot(first) },
        "civitas:reasonHash": id("wet"),
        "civitas:refusedBy": `${BASE}operator:2`,
      });
    });

    it("leaves a lot that is wholly refused with its sender", () => {
      const story = new WasteStory();
      const lotId = story.collect(3, 1_000n);
      story.hand(lotId, 1_000n, 990n, 0n);
      const { list } = historyOf(story, lotId);
      expect(list[1]).to.deep.include({
        disposition: "non_conformant",
        quantityList: [mass(lotId, 0.99)],
        destinationList: [{ type: "possessing_party", destination: `${BASE}operator:1` }],
      });
      expect(list[2]).to.deep.include({ action: "OBSERVE", disposition: "returned" });
    });

    it("declares the last statement of a mass wrong and gives the right one, as often as it is revised", () => {
      const story = new WasteStory();
      const lotId = story.collect(3, 23_500n);
      story.revise(lotId, 23_500n, 32_500n);
      story.revise(lotId, 32_500n, 32_501n, 2, 0);
      const { list } = historyOf(story, lotId);
      expect(told(list)).to.deep.equal([
        "ObjectEvent ADD collecting",
        "ObjectEvent ADD collecting wrong",
        "ObjectEvent ADD collecting",
        "ObjectEvent ADD collecting wrong",
        "ObjectEvent ADD collecting",
      ]);
      const [original, wrong, right, wrongAgain, last] = list;
      const { errorDeclaration, recordTime, ...content } = wrong!;
      const { recordTime: recordedAt, ...same } = original!;
      expect(content).to.deep.equal(same);
      expect(recordTime).not.to.equal(recordedAt);
      expect(errorDeclaration).to.deep.equal({
        declarationTime: recordTime,
        reason: "incorrect_data",
        correctiveEventIDs: [right!.eventID],
        "civitas:reasonHash": id("scale was off"),
        "civitas:approver": `${BASE}operator:2`,
      });
      expect(right).to.deep.include({ quantityList: [mass(lotId, 32.5)], eventTime: original!.eventTime });
      expect(wrongAgain!.eventID).to.equal(right!.eventID);
      expect(wrongAgain!.errorDeclaration!.correctiveEventIDs).to.deep.equal([last!.eventID]);
      expect(wrongAgain!.errorDeclaration!["civitas:approver"]).to.equal("auditor");
      expect(last).to.deep.include({ quantityList: [mass(lotId, 32.501)] });
    });

    it("corrects lots that came of groups and processes too, and nothing else in their events", () => {
      const story = new WasteStory();
      const source = story.collect(3, 1_000n);
      const grouped = story.group([source], [1_000n], 1);
      story.revise(grouped, 1_000n, 900n);
      const [made, other] = story.process(
        [grouped],
        [
          ["19 12 04", 500n, ""],
          ["19 12 12", 400n, ""],
        ],
        0n,
        1,
      );
      story.revise(made!, 500n, 510n);
      const { list } = historyOf(story, source);
      const groups = list.filter(({ type }) => type === "AggregationEvent");
      expect(groups.map((event) => event["civitas:kg"])).to.deep.equal([1, 1, 0.9]);
      const processes = list.filter((event) => event.type === "TransformationEvent");
      expect(processes.map(({ outputQuantityList }) => outputQuantityList)).to.deep.equal([
        [mass(made!, 0.5), mass(other!, 0.4)],
        [mass(made!, 0.5), mass(other!, 0.4)],
        [mass(made!, 0.51), mass(other!, 0.4)],
      ]);
      expect(processes.map(({ inputQuantityList }) => inputQuantityList)).to.deep.equal(
        processes.map(() => [mass(grouped, 0.9)]),
      );
    });

    it("tells disputes, broken traces and exports", () => {
      const story = new WasteStory();
      const lotId = story.collect(3, 500_000n);
      const dispute = { sentGrams: 500_000n, receivedGrams: 489_999n, toleranceGrams: 10_000n };
      story.at({ name: "Disputed", lotId, receiver: 2, ...dispute });
      story.at({ name: "DisputeRuled", lotId, grams: 495_000n, reasonHash: id("second scale") });
      story.at({ name: "TraceBroken", lotId, reasonHash: id("label lost") });
      story.at({ name: "Exported", lotId, operatorId: 1, grams: 495_000n, documentHash: id("Basel") });
      const { list } = historyOf(story, lotId);
      expect(list.map(({ disposition }) => disposition)).to.deep.equal([
        "in_progress",
        "mismatch_quantity",
        "in_progress",
        "no_pedigree_match",
        "in_transit",
      ]);
      expect(list[1]).to.deep.include({ persistentDisposition: { set: ["mismatch_quantity"] } });
      expect(list[2]).to.deep.include({ persistentDisposition: { unset: ["mismatch_quantity"] } });
      expect(list[3]).to.deep.include({ quantityList: [{ epcClass: lot(lotId) }] });
      expect(list[4]).to.deep.include({
        bizTransactionList: [{ type: "bol", bizTransaction: `${BASE}document:${id("Basel").slice(2)}` }],
      });
    });

    it("tells a process that loses all as a transformation without outputs", () => {
      const story = new WasteStory();
      const lotId = story.collect(3, 10n);
      story.process([lotId], [], 10n, 1);
      const { list } = historyOf(story, lotId);
      expect(list[1]).to.include({ type: "TransformationEvent", "civitas:lossKg": 0.01 });
      expect(list[1]).not.to.have.property("outputQuantityList");
    });

    it("gives an event the same id whatever lot it is asked for, and no two events one id", () => {
      const { story, first, paper } = wholeStory();
      const [one, other] = [first, paper].map((lotId) => historyOf(story, lotId).list);
      const ids = (list: readonly EpcisEvent[]) => list.map(({ eventID }) => eventID);
      expect(new Set(ids(one!)).size).to.equal(one!.length);
      const shared = one!.filter(({ eventID }) => ids(other!).includes(eventID));
      expect(shared).to.have.length.greaterThan(3);
      for (const event of shared) expect(other).to.deep.include(event);
      for (const eventID of ids(one!)) {
        expect(eventID).to.match(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }
    });

    it("names things under the city's own base, and is dated as it is told to be", () => {
      const { story, first } = wholeStory();
      const baseUri = "https://id.city.example/waste/";
      const document = lotHistory({ ...FRAME, baseUri, createdAt: 0n, events: story.events }, first);
      expectValid(document);
      expect(document.creationDate).to.equal("1970-01-01T00:00:00.000Z");
      expect(JSON.stringify(document)).not.to.include(BASE);
      expect(JSON.stringify(document)).to.include(`${baseUri}lot:${first.toString()}`);
    });

    it("does not depend on the order in which events are given", () => {
      const { story, first } = wholeStory();
      const events = story.events.toReversed();
      expect(lotHistory({ ...FRAME, events }, first)).to.deep.equal(historyOf(story, first).document);
    });

    it("refuses a lot of which no event tells, and what is no contract", () => {
      const { story, first } = wholeStory();
      expect(() => lotHistory({ ...FRAME, events: story.events }, 99n)).to.throw(
        RangeError,
        "no event tells of lot 99",
      );
      const elsewhere = { ...FRAME, wasteLots: "0x12", events: story.events };
      expect(() => lotHistory(elsewhere, first)).to.throw(TypeError);
    });

    it("balances: what lots of a whole history weigh in, comes out", () => {
      const { story } = wholeStory();
      const balance = LotLedger.of(story.lotEvents).balance();
      expect(balance.input).to.equal(balance.output);
    });
  });

  describe("parts", () => {
    it("tell mass in kilograms, exact", () => {
      expect([0n, 1n, 23_500n, 40_000_001n, MAX_LOT_GRAMS].map(kilograms)).to.deep.equal([
        0, 0.001, 23.5, 40_000.001, 1_099_511_627.775,
      ]);
      expect(() => kilograms(MAX_LOT_GRAMS + 1n)).to.throw(RangeError, "1099511627776");
    });

    it("give other ids to other logs, chains and parts", () => {
      const place = { blockNumber: 1, logIndex: 0, transactionHash: id("tx"), at: 0n };
      const ids = [
        epcisEventId(1, place),
        epcisEventId(2, place),
        epcisEventId(1, { ...place, logIndex: 1 }),
        epcisEventId(1, { ...place, transactionHash: id("other") }),
        epcisEventId(1, place, "1"),
      ];
      expect(new Set(ids).size).to.equal(ids.length);
      expect(epcisEventId(1n, { ...place, blockNumber: 2, at: 5n })).to.equal(ids[0]);
    });

    it("name lots, containers, devices, operators, papers and acts", () => {
      const uris = new EpcisUris({ ...FRAME, baseUri: "urn:x:" });
      expect([uris.lot(5n), uris.container(7), uris.operator(2), uris.document("0xab")]).to.deep.equal([
        "urn:x:lot:5",
        "urn:x:container:7",
        "urn:x:operator:2",
        "urn:x:document:ab",
      ]);
      expect(uris.device("0xAB")).to.equal("urn:x:device:0xab");
      const place = { blockNumber: 1, logIndex: 3, transactionHash: "0x01", at: 0n };
      expect(uris.act("ticket", place)).to.equal("urn:x:ticket:01:3");
    });
  });

  describe("schema", () => {
    const { story, first } = wholeStory();
    story.revise(story.collect(8, 5n), 5n, 6n);
    const good = lotHistory({ ...FRAME, events: story.events }, first);
    const [sensor, , collected, received, , group, process, end] = good.epcisBody.eventList;

    /** The document with one event alone, changed. */
    const withEvent = (event: EpcisEvent | undefined, change: object) => ({
      ...good,
      epcisBody: { eventList: [{ ...event, ...change }] },
    });

    const bad: Readonly<Record<string, object>> = {
      "no context": { ...good, "@context": undefined },
      "no date": { ...good, creationDate: "today" },
      "another document": { ...good, type: "EPCISQueryDocument" },
      "a member without prefix": { ...good, lot: 5 },
      "an unknown kind of event": withEvent(collected, { type: "WasteEvent" }),
      "an event without action": withEvent(collected, { action: undefined }),
      "an action that is none": withEvent(collected, { action: "COLLECT" }),
      "an unknown step": withEvent(collected, { bizStep: "emptying" }),
      "a step of the vocabulary as a URI": withEvent(collected, { bizStep: "urn:epcglobal:cbv:bizstep:collecting" }),
      "an unknown disposition": withEvent(collected, { disposition: "recycled" }),
      "a local time": withEvent(collected, { eventTime: "2026-11-20T08:00:00" }),
      "no offset": withEvent(collected, { eventTimeZoneOffset: "UTC" }),
      "a lot that is no URI": withEvent(collected, { quantityList: [{ epcClass: "lot 5" }] }),
      "a mass in words": withEvent(collected, { quantityList: [{ epcClass: "urn:x:lot:5", quantity: "5" }] }),
      "an unknown unit": withEvent(collected, { quantityList: [{ epcClass: "urn:x:lot:5", quantity: 5, uom: "kg" }] }),
      "a quantity with more": withEvent(collected, { quantityList: [{ epcClass: "urn:x:lot:5", "civitas:code": 1 }] }),
      "nothing that is observed": withEvent(collected, { quantityList: [] }),
      "a sensor nowhere": withEvent(sensor, { readPoint: undefined }),
      "a sensor that says nothing": withEvent(sensor, { sensorElementList: [{ sensorReport: [] }] }),
      "an unknown measurement": withEvent(sensor, { sensorElementList: [{ sensorReport: [{ type: "Fullness" }] }] }),
      "master data of a lot that ends": withEvent(end, { ilmd: { "civitas:code": "15 01 06" } }),
      "a transaction without papers": withEvent(received, { bizTransactionList: [] }),
      "an unknown paper": withEvent(received, { bizTransactionList: [{ type: "ticket", bizTransaction: "urn:x:1" }] }),
      "an unknown party": withEvent(received, { sourceList: [{ type: "sender", source: "urn:x:operator:1" }] }),
      "a group of nothing": withEvent(group, { childQuantityList: [] }),
      "a process of nothing": withEvent(process, { inputQuantityList: undefined, outputQuantityList: undefined }),
      "an error without its time": withEvent(collected, { errorDeclaration: { reason: "incorrect_data" } }),
      "an error for no reason": withEvent(collected, {
        errorDeclaration: { declarationTime: good.creationDate, reason: "typo" },
      }),
    };

    it("takes the document, and each of its events alone", () => {
      expectValid(good);
      for (const event of good.epcisBody.eventList) expectValid(withEvent(event, {}));
    });

    for (const [fault, document] of Object.entries(bad)) {
      it(`refuses ${fault}`, () => {
        // As JSON has it, where a member that is undefined is not there.
        expect(validate(JSON.parse(JSON.stringify(document)))).to.be.false;
      });
    }
  });
});
