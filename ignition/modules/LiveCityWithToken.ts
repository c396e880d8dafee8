import { buildCity } from "../city.js";

/** As LiveCity, with the ERC-20 of the parameter `settlementToken` in place of CityEuro. */
export default buildCity({ addresses: "parameters", token: "foreign" });
