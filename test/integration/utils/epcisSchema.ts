/**
 * What the standard EPCIS 2.0 asks of a capture document in JSON, as far as documents without queries and master data need
 * it, written down anew as a table of members. The schema that GS1 publishes carries no licence to copy it. It lets other
 * kinds of events pass as extensions, and members of master data; here they are refused.
 */
import { Ajv, type ValidateFunction } from "ajv";
import addFormatsModule from "ajv-formats";

type Schema = Readonly<Record<string, unknown>>;

const addFormats = addFormatsModule.default;

const URI: Schema = { type: "string", format: "uri" };
const TIME: Schema = { type: "string", format: "date-time" };
const NUMBER: Schema = { type: "number" };
const TEXT: Schema = { type: "string" };

/** A list of something. */
const listOf = (items: Schema, limits: Schema = {}): Schema => ({ type: "array", items, ...limits });

/** An object with known members, and with members of others under their prefix where it is open. */
function object(members: Readonly<Record<string, Schema>>, required: readonly string[], open = true): Schema {
  const shape = { type: "object", properties: members, required };
  if (!open) return { ...shape, additionalProperties: false };
  return { ...shape, propertyNames: { anyOf: [{ enum: Object.keys(members) }, URI] } };
}

/** A word of the Core Business Vocabulary, or a URI of somebody else's vocabulary. */
function word(words: string): Schema {
  const foreign = { ...URI, not: { pattern: "^(urn:epcglobal:cbv|https?://ns\\.gs1\\.org/cbv/)" } };
  return { anyOf: [{ enum: words.trim().split(/\s+/) }, foreign] };
}

const BIZ_STEP = word(`
  accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
  decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting installing
  killing loading other packing picking receiving removing repackaging repairing replacing reserving retail_selling
  sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting unloading unpacking
  void_shipping
`);
const DISPOSITION = word(`
  active available completeness_inferred completeness_verified conformant container_closed container_open damaged
  destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
  mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled
  reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
`);
const PAPER = word("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt");
const PARTY = word("owning_party possessing_party location");

/** A word of GS1's web vocabulary, or a URI of somebody else's. */
function webWord(words: readonly string[]): Schema {
  return { anyOf: [{ enum: words }, { ...URI, not: { pattern: "^https?://(www\\.)?gs1\\.org/voc/" } }] };
}

/** The kinds of measurements that the history of waste can have; any other must be somebody else's. */
const MEASUREMENT = webWord([
  "Count",
  "Density",
  "Dimensionless",
  "Mass",
  "Temperature",
  "Time",
  "Volume",
  "VolumeFraction",
]);
const ALERT = webWord(["ALARM_CONDITION", "ERROR_CONDITION"]);

const ACTION: Schema = { enum: ["ADD", "OBSERVE", "DELETE"] };
const QUANTITY = object(
  { epcClass: URI, quantity: NUMBER, uom: { type: "string", pattern: "^[A-Z0-9]{2,3}$" } },
  ["epcClass"],
  false,
);
const PLACE: Schema = { type: "object", properties: { id: URI }, required: ["id"] };
const STATES = listOf(DISPOSITION, { minItems: 1, uniqueItems: true });

const ERROR = object(
  {
    declarationTime: TIME,
    reason: word("did_not_occur incorrect_data"),
    correctiveEventIDs: listOf(URI),
  },
  ["declarationTime"],
);

const SENSOR = object(
  {
    sensorMetadata: object(
      {
        time: TIME,
        startTime: TIME,
        endTime: TIME,
        deviceID: URI,
        deviceMetadata: URI,
        rawData: URI,
        dataProcessingMethod: URI,
        bizRules: URI,
      },
      [],
    ),
    sensorReport: listOf(
      object(
        {
          type: MEASUREMENT,
          exception: ALERT,
          deviceID: URI,
          value: NUMBER,
          minValue: NUMBER,
          maxValue: NUMBER,
          meanValue: NUMBER,
          uom: TEXT,
          time: TIME,
        },
        ["type"],
      ),
      { minItems: 1 },
    ),
  },
  ["sensorReport"],
);

/** What every event can have. */
const COMMON: Readonly<Record<string, Schema>> = {
  "@context": {},
  eventID: URI,
  eventTime: TIME,
  recordTime: TIME,
  eventTimeZoneOffset: { type: "string", pattern: "^[+-]((0\\d|1[0-3]):[0-5]\\d|14:00)$" },
  certificationInfo: { anyOf: [URI, listOf(URI)] },
  errorDeclaration: ERROR,
  bizStep: BIZ_STEP,
  disposition: DISPOSITION,
  readPoint: PLACE,
  bizLocation: PLACE,
  bizTransactionList: listOf(object({ type: PAPER, bizTransaction: URI }, ["bizTransaction"], false)),
  sourceList: listOf(object({ type: PARTY, source: URI }, ["type", "source"], false)),
  destinationList: listOf(object({ type: PARTY, destination: URI }, ["type", "destination"], false)),
  sensorElementList: listOf(SENSOR),
};
const PERSISTENT: Schema = {
  ...object({ set: STATES, unset: STATES }, [], false),
  anyOf: [{ required: ["set"] }, { required: ["unset"] }],
};
const ILMD: Schema = { type: "object", propertyNames: URI };

/** A list that is there and not empty. */
const filled = (name: string): Schema => ({ required: [name], properties: { [name]: { minItems: 1 } } });

interface Kind {
  readonly members: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
  /** What must be true of several members at once. */
  readonly rules: readonly Schema[];
}

/** The four kinds of events that a history of waste is made of. */
const KINDS: Readonly<Record<string, Kind>> = {
  ObjectEvent: {
    members: {
      action: ACTION,
      epcList: listOf(URI, { uniqueItems: true }),
      quantityList: listOf(QUANTITY),
      persistentDisposition: PERSISTENT,
      ilmd: ILMD,
    },
    required: ["action"],
    rules: [
      {
        anyOf: [
          { required: ["epcList"] },
          filled("quantityList"),
          { allOf: [filled("sensorElementList"), { required: ["readPoint"] }] },
        ],
      },
      // Master data of a lot is said where it begins.
      { anyOf: [{ properties: { action: { const: "ADD" } } }, { not: { required: ["ilmd"] } }] },
    ],
  },
  AggregationEvent: {
    members: {
      action: ACTION,
      parentID: URI,
      childEPCs: listOf(URI),
      childQuantityList: listOf(QUANTITY),
    },
    required: ["action"],
    rules: [
      {
        anyOf: [
          filled("childEPCs"),
          filled("childQuantityList"),
          { required: ["action"], properties: { action: { const: "DELETE" } } },
        ],
      },
    ],
  },
  TransactionEvent: {
    members: {
      action: ACTION,
      parentID: URI,
      epcList: listOf(URI),
      quantityList: listOf(QUANTITY),
    },
    required: ["action", "bizTransactionList"],
    rules: [
      { properties: { bizTransactionList: { minItems: 1 } } },
      {
        anyOf: [
          { required: ["epcList"] },
          filled("quantityList"),
          { required: ["action"], properties: { action: { const: "DELETE" } } },
        ],
      },
    ],
  },
  TransformationEvent: {
    members: {
      inputEPCList: listOf(URI, { uniqueItems: true }),
      inputQuantityList: listOf(QUANTITY),
      outputEPCList: listOf(URI, { uniqueItems: true }),
      outputQuantityList: listOf(QUANTITY),
      transformationID: URI,
      persistentDisposition: PERSISTENT,
      ilmd: ILMD,
    },
    required: [],
    rules: [
      {
        anyOf: [
          {
            allOf: [
              { anyOf: [filled("inputEPCList"), filled("inputQuantityList")] },
              { anyOf: [filled("outputEPCList"), filled("outputQuantityList")] },
            ],
          },
          // Parts of a transformation that is told in several events.
          {
            required: ["transformationID"],
            anyOf: ["inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList"].map(filled),
          },
        ],
      },
    ],
  },
};

function eventOf(type: string, { members, required, rules }: Kind): Schema {
  const all = object({ ...COMMON, ...members, type: { const: type } }, [
    "type",
    "eventTime",
    "eventTimeZoneOffset",
    ...required,
  ]);
  return { allOf: [all, ...rules] };
}

const CONTEXT: Schema = {
  anyOf: [URI, { type: "object" }, listOf({ anyOf: [URI, { type: "object" }] }, { uniqueItems: true })],
};

/** The schema of a document. */
export const EPCIS_DOCUMENT: Schema = object(
  {
    "@context": CONTEXT,
    id: URI,
    type: { const: "EPCISDocument" },
    schemaVersion: { type: "string", pattern: "^\\d+(\\.\\d+)*$" },
    creationDate: TIME,
    instanceIdentifier: TEXT,
    sender: TEXT,
    receiver: TEXT,
    epcisBody: {
      type: "object",
      required: ["eventList"],
      properties: {
        eventList: listOf({
          type: "object",
          required: ["type"],
          properties: { type: { enum: Object.keys(KINDS) } },
          allOf: Object.entries(KINDS).map(([type, kind]) => ({
            if: { properties: { type: { const: type } } },
            then: eventOf(type, kind),
          })),
        }),
      },
    },
  },
  ["@context", "type", "schemaVersion", "creationDate", "epcisBody"],
);

/** Checks documents against a schema. */
export function validatorOf(schema: Schema = EPCIS_DOCUMENT): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats(ajv);
  return ajv.compile(schema);
}
