import { buildCity } from "../city.js";

/** The city on a development network: bodies without a parameter are the network's accounts, in the table's order. */
export default buildCity({ addresses: "parametersOrAccounts", token: "CityEuro" });
