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
export { describeFault, type Place, type RowFault } from "./faults.js";
