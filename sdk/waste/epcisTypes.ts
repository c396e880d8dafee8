/** EPCIS 2.0 in JSON-LD, as far as the history of waste needs it. Members are named as the standard names them. */

/** Mass of a lot, or of something in one. */
export interface QuantityElement {
  /** URI of the lot. */
  readonly epcClass: string;
  /** Absent where an event says nothing of the mass. */
  readonly quantity?: number;
  /** Unit of UN/CEFACT Recommendation 20: kilograms. */
  readonly uom?: "KGM";
}

/** Something that is named by a URI. */
export interface EpcisPlace {
  readonly id: string;
}

/** A paper or transaction that an event belongs to. */
export interface BizTransaction {
  readonly type?: string;
  readonly bizTransaction: string;
}

/** Who had it before. */
export interface SourceElement {
  readonly type: "possessing_party";
  readonly source: string;
}

/** Who has it then. */
export interface DestinationElement {
  readonly type: "possessing_party";
  readonly destination: string;
}

/** One value of a sensor. */
export interface SensorReport {
  readonly type: string;
  readonly exception?: "ALARM_CONDITION" | "ERROR_CONDITION";
  readonly value: number;
  readonly uom: string;
}

/** What a sensor said. */
export interface SensorElement {
  readonly sensorMetadata: {
    readonly time: string;
    readonly deviceID?: string;
    readonly dataProcessingMethod?: string;
  };
  readonly sensorReport: readonly SensorReport[];
}

/** Says that an event is wrong, and which one says what is right. */
export interface ErrorDeclaration {
  readonly declarationTime: string;
  readonly reason: "incorrect_data";
  readonly correctiveEventIDs: readonly string[];
  readonly [extension: `civitas:${string}`]: unknown;
}

/** What all events have. */
export interface EpcisEventBase {
  readonly eventID: string;
  readonly eventTime: string;
  readonly recordTime: string;
  readonly eventTimeZoneOffset: string;
  readonly errorDeclaration?: ErrorDeclaration;
  readonly bizStep: string;
  readonly disposition?: string;
  readonly readPoint?: EpcisPlace;
  readonly bizTransactionList?: readonly BizTransaction[];
  readonly sourceList?: readonly SourceElement[];
  readonly destinationList?: readonly DestinationElement[];
  /** Members of our own have the prefix of the document's context. */
  readonly [extension: `civitas:${string}`]: unknown;
}

/** What an event does to what it names. */
export type EpcisAction = "ADD" | "OBSERVE" | "DELETE";

/** Something happened to lots, or a sensor said something. */
export interface ObjectEvent extends EpcisEventBase {
  readonly type: "ObjectEvent";
  readonly action: EpcisAction;
  readonly quantityList?: readonly QuantityElement[];
  readonly persistentDisposition?: { readonly set?: readonly string[]; readonly unset?: readonly string[] };
  readonly sensorElementList?: readonly SensorElement[];
  /** Of a lot that begins. */
  readonly ilmd?: Readonly<Record<`civitas:${string}`, unknown>>;
}

/** Lots were put into another one. */
export interface AggregationEvent extends EpcisEventBase {
  readonly type: "AggregationEvent";
  readonly action: EpcisAction;
  readonly parentID: string;
  readonly childQuantityList: readonly QuantityElement[];
}

/** A lot changed hands. */
export interface TransactionEvent extends EpcisEventBase {
  readonly type: "TransactionEvent";
  readonly action: EpcisAction;
  readonly bizTransactionList: readonly BizTransaction[];
  readonly quantityList: readonly QuantityElement[];
}

/** Lots became others. */
export interface TransformationEvent extends EpcisEventBase {
  readonly type: "TransformationEvent";
  readonly transformationID: string;
  readonly inputQuantityList: readonly QuantityElement[];
  readonly outputQuantityList?: readonly QuantityElement[];
}

/** Any event of a document. */
export type EpcisEvent = ObjectEvent | AggregationEvent | TransactionEvent | TransformationEvent;

/** A document. */
export interface EpcisDocument {
  readonly "@context": readonly (string | Readonly<Record<string, string>>)[];
  readonly id: string;
  readonly type: "EPCISDocument";
  readonly schemaVersion: "2.0";
  readonly creationDate: string;
  readonly epcisBody: { readonly eventList: readonly EpcisEvent[] };
}
