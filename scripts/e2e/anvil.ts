/** anvil, Foundry's development node, from its own package. */
import process from "node:process";

import { npxCommand } from "../bootstrap.mjs";
import {
  ACCOUNTS,
  ask,
  Background,
  BLOCK_GAS,
  CHAIN_ID,
  type Client,
  COINS,
  freePort,
  localUrl,
  MNEMONIC,
} from "./client.js";

/** Fixed, as everything else that the suite is tested with. */
const PACKAGE = "@foundry-rs/anvil@1.7.1";

/** Starts anvil with its first block at an instant, and with flags of its own besides. */
export async function startAnvil(
  at: bigint,
  more: Readonly<Record<string, string | number | bigint>> = {},
): Promise<Client> {
  const port = await freePort();
  const flags: Readonly<Record<string, string | number | bigint>> = {
    ...more,
    "--host": "127.0.0.1",
    "--port": port,
    "--chain-id": CHAIN_ID,
    "--mnemonic": MNEMONIC,
    "--accounts": ACCOUNTS,
    "--balance": COINS,
    "--gas-limit": BLOCK_GAS,
    "--hardfork": "osaka",
    "--timestamp": at,
  };
  const words = Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]);
  const { command, args, shell } = npxCommand(["--yes", `--package=${PACKAGE}`, "anvil", "--silent", ...words]);
  const program = new Background(command, args, process.env, shell);
  const url = localUrl(port);
  try {
    await program.answers(url);
    return { version: String(await ask(url, "web3_clientVersion", [])), url, stop: async () => program.stop() };
  } catch (error) {
    await program.stop();
    throw error;
  }
}
