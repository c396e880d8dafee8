/** Peers of identities and credentials, as their packages ship them. Who attests has attested before. */
import { type BaseContract, Signature, type TypedDataField, type Wallet, ZeroAddress, ZeroHash } from "ethers";

import { domainOf } from "../sdk/typedData.js";
import { type IERC1056, IERC1056__factory } from "../typechain-types/index.js";
import type { Chain } from "./chain.js";
import { gasAt, type Peers, sendTo } from "./peers.js";
import { type Cast, HOUR, YEAR } from "./town.js";

/** Fits one slot, which is cheapest for the peer: it reads the schema with every attestation. */
const SCHEMA = "bytes32 attributesRoot";
const NO_DATA = "0x";
const ATTEST: Record<string, TypedDataField[]> = {
  Attest: [
    { name: "attester", type: "address" },
    { name: "schema", type: "bytes32" },
    { name: "recipient", type: "address" },
    { name: "expirationTime", type: "uint64" },
    { name: "revocable", type: "bool" },
    { name: "refUID", type: "bytes32" },
    { name: "data", type: "bytes" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint64" },
  ],
};

export class PeerRegistries {
  private constructor(
    private readonly chain: Chain,
    private readonly cast: Cast,
    /** The reference registry of ERC-1056. */
    readonly erc1056: IERC1056,
    private readonly eas: BaseContract,
    private readonly schema: string,
    private readonly attester: Wallet,
  ) {}

  static async prepare(chain: Chain, compiled: Peers, cast: Cast): Promise<PeerRegistries> {
    const { deployer } = cast;
    const didRegistry = await compiled.deploy(chain, "EthereumDIDRegistry", deployer);
    const erc1056 = IERC1056__factory.connect(await didRegistry.getAddress(), deployer);
    const schemas = await compiled.deploy(chain, "SchemaRegistry", deployer);
    const eas = await compiled.deploy(chain, "EAS", deployer, await schemas.getAddress());
    const terms = [SCHEMA, ZeroAddress, true] as const;
    const schema = (await schemas.getFunction("register").staticCall(...terms)) as string;
    await sendTo(chain, schemas, "register", ...terms);
    return new PeerRegistries(chain, cast, erc1056, eas, schema, await chain.account("attester"));
  }

  /** One attestation. `data` as the schema says; nothing when left out. */
  async attest(subject: string, data = NO_DATA): Promise<number> {
    return this.gasOf("attest", { schema: this.schema, data: this.dataFor(subject, data) });
  }

  /** An attestation each, in one transaction. */
  async attestMany(subjects: readonly string[], dataOf: (subject: string) => string = () => NO_DATA): Promise<number> {
    const data = subjects.map((subject) => this.dataFor(subject, dataOf(subject)));
    return this.gasOf("multiAttest", [{ schema: this.schema, data }]);
  }

  /** One attestation without data, relayed. */
  async attestBySig(subject: string): Promise<number> {
    const { attester, chain, eas } = this;
    const data = this.dataFor(subject, NO_DATA);
    const deadline = BigInt(chain.now + HOUR);
    const nonce = (await eas.getFunction("getNonce")(attester.address)) as bigint;
    const { v, r, s } = Signature.from(
      await attester.signTypedData(await domainOf(eas), ATTEST, {
        attester: attester.address,
        schema: this.schema,
        ...data,
        nonce,
        deadline,
      }),
    );
    const request = { schema: this.schema, data, signature: { v, r, s }, attester: attester.address, deadline };
    return gasAt(chain, eas.connect(this.cast.relay), "attestByDelegation", request);
  }

  async revoke(subject: string): Promise<number> {
    const { attester, chain, eas, schema } = this;
    const request = { schema, data: this.dataFor(subject, NO_DATA) };
    const byAttester = eas.connect(attester);
    // The next attestation's number depends on the time of its block, so it is read from the log.
    await sendTo(chain, byAttester, "attest", request);
    const [log] = await eas.queryFilter("Attested", "latest");
    if (log === undefined || !("args" in log)) throw new Error("the peer logged no attestation");
    return this.gasOf("revoke", { schema, data: { uid: log.args.uid as string, value: 0n } });
  }

  private async gasOf(name: string, request: object): Promise<number> {
    return gasAt(this.chain, this.eas.connect(this.attester), name, request);
  }

  private dataFor(recipient: string, data: string) {
    const expirationTime = BigInt(this.chain.now + YEAR);
    return { recipient, expirationTime, revocable: true, refUID: ZeroHash, data, value: 0n };
  }
}
