/** Who has what of each token. */
import type { BaseContract } from "ethers";

import { join, type Lines, type StateReader, under } from "./state.js";

/** Supply and balances of an ERC-20. */
export async function fungible(reader: StateReader, token: BaseContract): Promise<Lines> {
  const parties = new Set([
    ...(await reader.found(token, "from", "Transfer")),
    ...(await reader.found(token, "to", "Transfer")),
  ]);
  return join(
    under("supply", await reader.ask(token, "totalSupply")),
    await reader.each(
      [...parties],
      (account) => reader.write(account),
      async (account) => reader.ask(token, "balanceOf", account),
    ),
  );
}

/** Balances of an ERC-1155, by id and account. */
export async function multiple(reader: StateReader, token: BaseContract): Promise<Lines> {
  const held = new Map<string, readonly [id: bigint, account: string]>();
  const hold = (id: bigint, account: string): unknown => held.set(`${id}/${reader.write(account)}`, [id, account]);
  for (const { args } of await reader.events(token, "TransferSingle")) hold(args.id as bigint, args.to as string);
  for (const { args } of await reader.events(token, "TransferBatch")) {
    for (const id of args.ids as bigint[]) hold(id, args.to as string);
  }
  return reader.each(
    [...held],
    ([key]) => key,
    async ([, [id, account]]) => reader.ask(token, "balanceOf", account, id),
  );
}

/** Every pack: its owner, its state, its certified health, and the roots of its log. */
export async function packs(reader: StateReader): Promise<Lines> {
  const { pack, telemetry } = reader.city;
  const ids = await reader.found(pack, "packId", "PackRegistered");
  const roots = await reader.events(telemetry, "DayRootCommitted", "DayRootCorrected");
  return join(
    await reader.each(ids, String, async (id) =>
      join(
        under("owner", await reader.ask(pack, "ownerOf", id)),
        under("tenant", await reader.ask(pack, "tenantOf", id)),
        under("pack", await reader.ask(pack, "packOf", id)),
        under("device", await reader.ask(telemetry, "stateOf", id)),
        under("health", await reader.ask(telemetry, "healthOf", id)),
      ),
    ),
    await reader.each(
      [...roots.entries()],
      ([, { args }]) => `${args.packId} log ${args.day}`,
      async ([, { args }]) =>
        reader.ask(telemetry, "dayRoot", args.packId, args.day, (args.index as bigint | undefined) ?? 0n),
    ),
  );
}
