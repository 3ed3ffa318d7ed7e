// CosmJS 0.39.0 (cosmjs-types 0.11.0): an account number of 2^31 to 2^32 - 1 is written as no protobuf.
import { makeSignBytes, makeSignDoc } from "@cosmjs/proto-signing";

const bytes = makeSignBytes(makeSignDoc(new Uint8Array(), new Uint8Array(), "c", 2 ** 31));
const signed = Buffer.from(bytes).toString("hex");
const right = "1a0163" + "20" + "8080808008"; // chain id "c" in field 3, a varint in field 4
console.log(`account number 2147483648\nhashes ${signed}\nshould ${right}`);
process.exit(signed === right ? 0 : 1);
