/** Money, energy, mass and rewards that contracts keep account of. */
import { join, type Lines, type StateReader, under } from "./state.js";

/** Every lease with its accounts, and what parties may withdraw. */
export async function leases(reader: StateReader): Promise<Lines> {
  const { lease } = reader.city;
  const started = await reader.events(lease, "LeaseStarted");
  const parties = new Set([
    ...started.flatMap(({ args }) => {
      const offer = args.offer as { readonly lessor: string };
      return [args.lessee as string, offer.lessor];
    }),
    ...(await reader.found(lease, "owner", "RentCredited")),
    ...(await reader.found(lease, "account", "Withdrawn")),
  ]);
  return join(
    await reader.each(
      started.map(({ args }) => args.leaseId as bigint),
      (id) => `lease ${id}`,
      async (id) =>
        join(
          under("state", await reader.ask(lease, "stateOf", id)),
          under("terms", await reader.ask(lease, "leaseOf", id)),
          await reader.ask(lease, "accountsOf", id),
        ),
    ),
    await reader.each(
      [...parties],
      (party) => `credit ${reader.write(party)}`,
      async (party) => reader.ask(lease, "balanceOf", party),
    ),
  );
}

/** Accounts of the energy market, bonds of operators, and accounts of sharing. */
export async function energy(reader: StateReader): Promise<Lines> {
  const { energyCertificates, energyMarket, energySharing, meterReadings } = reader.city;
  const operators = await reader.found(meterReadings, "operator", "BondPosted");
  const slashed = await reader.found(meterReadings, "beneficiary", "BondSlashed");
  const sharers = new Set([
    ...(await reader.found(energySharing, "account", "MemberJoined", "Deposited")),
    ...(await reader.found(energySharing, "organiser", "CommunityFounded")),
  ]);
  return join(
    under("market", await reader.ask(energyMarket, "balances")),
    under("sharing", await reader.ask(energySharing, "balances")),
    await reader.each(
      await reader.found(energyMarket, "account", "AccountOpened"),
      (account) => `account ${String(account)}`,
      async (account) => reader.ask(energyMarket, "accountOf", account),
    ),
    await reader.each(
      await reader.found(energyMarket, "previous", "AccountHandedOver"),
      (owner) => `former ${reader.write(owner)}`,
      async (owner) => reader.ask(energyMarket, "formerOf", owner),
    ),
    await reader.each(
      operators,
      (operator) => `bond ${reader.write(operator)}`,
      async (operator) => reader.ask(meterReadings, "bondOf", operator),
    ),
    await reader.each(
      slashed,
      (account) => `credit ${reader.write(account)}`,
      async (account) => reader.ask(meterReadings, "creditOf", account),
    ),
    await reader.each(
      [...sharers],
      (account) => `sharing ${reader.write(account)}`,
      async (account) => reader.ask(energySharing, "balanceOf", account),
    ),
    await reader.each(
      await reader.found(energyCertificates, "meter", "CertificatesIssued"),
      (meter) => `shortfall ${String(meter)}`,
      async (meter) => reader.ask(energyCertificates, "shortfallOf", meter),
    ),
  );
}

/** Mass by fate, every lot, every container, and what was certified. */
export async function waste(reader: StateReader): Promise<Lines> {
  const { containers, recyclingCertificates, wasteLots } = reader.city;
  const lots = new Set([
    ...(await reader.found(wasteLots, "lotId", "Collected", "Received", "Refused", "Grouped", "Finalised", "Exported")),
    ...(await reader.events(wasteLots, "Processed")).flatMap(({ args }) => [...(args.outputLots as bigint[])]),
  ]);
  return join(
    under("totals", await reader.ask(wasteLots, "totals")),
    await reader.each(
      [...lots],
      (lot) => `lot ${String(lot)}`,
      async (lot) => reader.ask(wasteLots, "lotOf", lot),
    ),
    await reader.each(
      await reader.found(containers, "binId", "BinRegistered"),
      (bin) => `container ${String(bin)}`,
      async (bin) => join(await reader.ask(containers, "stateOf", bin), await reader.ask(containers, "recordOf", bin)),
    ),
    await reader.each(
      await reader.found(recyclingCertificates, "id", "CertificatesIssued"),
      (id) => `certificate ${String(id)}`,
      async (id) => reader.ask(recyclingCertificates, "suppliesOf", id),
    ),
  );
}

/** Claims and people of the rewards, and what the shop owes. */
export async function rewards(reader: StateReader): Promise<Lines> {
  const { ecoRewards, redemption } = reader.city;
  const vouchers = await reader.found(redemption, "voucherId", "Redeemed");
  const merchants = await reader.found(redemption, "merchant", "VoucherUsed");
  return join(
    await reader.each(
      await reader.found(ecoRewards, "claimId", "Earned", "Deposited"),
      (claim) => `claim ${String(claim)}`,
      async (claim) => reader.ask(ecoRewards, "claimOf", claim),
    ),
    await reader.each(
      await reader.found(ecoRewards, "person", "Enrolled", "Earned"),
      (person) => `person ${String(person)}`,
      async (person) => reader.ask(ecoRewards, "personOf", person),
    ),
    under("pool", await reader.ask(redemption, "pool")),
    under("shop", await reader.ask(redemption, "counts")),
    await reader.each(
      vouchers,
      (voucher) => `voucher ${String(voucher)}`,
      async (voucher) => reader.ask(redemption, "voucherOf", voucher),
    ),
    await reader.each(
      merchants,
      (merchant) => `merchant ${reader.write(merchant)}`,
      async (merchant) => reader.ask(redemption, "creditOf", merchant),
    ),
  );
}

/** Who is what: owners of identities, and credentials with their standing. */
export async function register(reader: StateReader): Promise<Lines> {
  const { credentials, identities } = reader.city;
  const issued = await reader.events(credentials, "CredentialIssued");
  const known = await reader.found(
    identities,
    "identity",
    "DIDOwnerChanged",
    "DIDAttributeChanged",
    "DIDDelegateChanged",
  );
  const devices = await reader.found(identities, "device", "DeviceCommissioned");
  return join(
    await reader.each(
      [...new Set([...known, ...devices])],
      (identity) => `identity ${reader.write(identity)}`,
      async (identity) =>
        join(
          under("owner", await reader.ask(identities, "identityOwner", identity)),
          under("retired", await reader.ask(identities, "isRetired", identity)),
        ),
    ),
    await reader.each(
      issued,
      ({ args }) => `credential ${args.typeId}/${reader.write(args.subject)}`,
      async ({ args }) =>
        join(
          await reader.ask(credentials, "credentialOf", args.typeId, args.subject),
          under("held", await reader.ask(credentials, "holds", args.typeId, args.subject)),
        ),
    ),
  );
}
