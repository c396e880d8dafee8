export { Random } from "../../../scripts/lib/random.js";
