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
  type EnergyTariff,
  importEnergyTariff,
  isEnergyTariff,
  PRICE_DECIMALS,
  type RetailPrice,
} from "./energyTariff.js";
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
