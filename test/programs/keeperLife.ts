// A keeper as a program: takes an interval as far as it can, and ends.
//
//   node --import tsx test/programs/keeperLife.ts '{"url":…,"addresses":…,"interval":…,"orders":…,"sender":…,"options":…}'

import { readFileSync } from "node:fs";
import process from "node:process";

import { Keeper, type KeeperOptions, type SignedOrder } from "../../sdk/energy/index.js";
import { type CityAddresses, connectCity, SteadyProvider } from "../../sdk/index.js";
import { revived } from "../integration/utils/plain.js";

/** What the program is told. */
interface KeeperLife {
  readonly url: string;
  readonly addresses: CityAddresses;
  readonly interval: number;
  /** File with signed orders, which is the mempool of the district. */
  readonly orders: string;
  readonly sender: string;
  readonly options: KeeperOptions;
}

const { addresses, interval, options, orders, sender, url } = JSON.parse(process.argv[2] ?? "{}") as KeeperLife;
const provider = await SteadyProvider.connect(url);
provider.pollingInterval = 10;
const source = {
  signedOrders: async () => Promise.resolve(JSON.parse(readFileSync(orders, "utf8"), revived) as SignedOrder[]),
};
const city = connectCity(addresses, await provider.getSigner(sender));
await new Keeper(city.energyMarket, { ...options, source }).run(interval);
provider.destroy();
