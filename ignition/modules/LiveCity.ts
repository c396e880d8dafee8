import { buildCity } from "../city.js";

/** The city on a network where the deployer's is the only key at hand: every body's address is a parameter. */
export default buildCity({ addresses: "parameters", token: "CityEuro" });
