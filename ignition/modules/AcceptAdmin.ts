import { buildModule } from "@nomicfoundation/ignition-core";

/**
 * The admin takes over the city. To be run by the admin, as the deployment's default sender, apart from the deployer's
 * own deployment. Parameter: `handover`, address of the city's AdminHandover.
 */
export default buildModule("AcceptAdmin", (m) => {
  const handover = m.contractAt("AdminHandover", m.getParameter<string>("handover"));
  m.call(handover, "accept");
  return { handover };
});
