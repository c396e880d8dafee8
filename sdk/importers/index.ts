/** Importers of public formats. */
export {
  BATTERY_HISTORY_COLUMNS,
  type BatteryCycle,
  type BatteryHistories,
  type BatteryHistory,
  type BatteryHistoryColumn,
  importBatteryHistories,
  isBatteryHistory,
  RATED_MAH,
} from "./batteryHistory.js";
export { hasColumns, headerOf, readTable, type SourceText, type Table, type TableRow } from "./csv.js";
export { readInstant, writeInstant } from "./cells.js";
export {
  ENERGY_ORDER_COLUMNS,
  type EnergyOrderColumn,
  type EnergyOrderRow,
  type EnergyOrderRows,
  importEnergyOrders,
  isEnergyOrders,
  type OrderFrame,
  type PriceBand,
} from "./energyOrders.js";
export {
  ENERGY_HOME_COLUMNS,
  ENERGY_READING_COLUMNS,
  type EnergyHome,
  type EnergyHomeColumn,
  type EnergyHomes,
  type EnergyMeterRecord,
  type EnergyReading,
  type EnergyReadingColumn,
  type EnergyReadings,
  importEnergyHomes,
  importEnergyReadings,
  isEnergyHomes,
  isEnergyReadings,
} from "./energyReadings.js";
export {
  compareDecimals,
  type Decimal,
  DecimalError,
  decimalUnits,
  MAX_DECIMAL_UNITS,
  MAX_DECIMALS,
  readExact,
  writeExact,
} from "./decimal.js";
export {
  type EnergyTariff,
  importEnergyTariff,
  isEnergyTariff,
  PRICE_DECIMALS,
  type RetailPrice,
} from "./energyTariff.js";
export { ExportError } from "./exports.js";
export {
  exportPabulib,
  importPabulib,
  isPabulib,
  PABULIB_VOTE_TYPES,
  type PabulibBallot,
  type PabulibElection,
  type PabulibFile,
  type PabulibProject,
  type PabulibVoteType,
  projectName,
} from "./pabulib.js";
export {
  exportPrefLib,
  importPrefLib,
  isPrefLib,
  PREFLIB_TYPES,
  type PrefLibElection,
  type PrefLibFile,
  prefLibOf,
  type PrefLibType,
} from "./preflib.js";
export {
  CANDIDATE_COLUMNS,
  type CandidateColumn,
  exportRankedBallots,
  importRankedBallots,
  isCandidates,
  isRankedBallots,
  pairRankedFiles,
  RANKED_BALLOT_COLUMNS,
  type RankedBallotColumn,
  type RankedFiles,
  type RankedPair,
  writeRanking,
} from "./rankedBallots.js";
export type { RankedBallots, RankedElection } from "./rankings.js";
export {
  exportReferendum,
  importReferendum,
  isReferendum,
  type Referendum,
  REFERENDUM_COUNT_COLUMNS,
  REFERENDUM_TEXT_COLUMNS,
  type ReferendumCountColumn,
  type ReferendumFile,
  type ReferendumRow,
  type ReferendumTextColumn,
  referendumTotals,
} from "./referendum.js";
export { describeFault, type Place, type RowFault } from "./faults.js";
export {
  importWasteBins,
  importWasteFills,
  isWasteBins,
  isWasteFills,
  WASTE_BIN_COLUMNS,
  WASTE_FILL_COLUMNS,
  type WasteBinColumn,
  type WasteBinRow,
  type WasteBins,
  type WasteFillColumn,
  type WasteFillHistory,
  type WasteFillRow,
  type WasteFills,
} from "./wasteBins.js";
export {
  importWasteCodes,
  isWasteCodes,
  WASTE_CODE_COLUMNS,
  type WasteCodeColumn,
  type WasteCodeEntry,
  type WasteCodes,
} from "./wasteCodes.js";
export {
  describeRepeated,
  importWasteTickets,
  isWasteTickets,
  type RepeatedContainer,
  WASTE_TICKET_COLUMNS,
  type WasteTicketColumn,
  type WasteTicketRow,
  type WasteTickets,
} from "./wasteTickets.js";
