// web3 4.16.0: a zero character at the beginning or the end of a text is not hashed.
import { hashMessage } from "web3-eth-accounts";

const right = "0x54cb1d54c232d2c11a83b77c9edea60ee190c3983ce13eed1b081f66edb976b2"; // over 0x0061, two bytes
const digest = hashMessage("\0a");
console.log(`the text U+0000 a\nhashes ${digest}\nshould ${right}\nthe text a\nhashes ${hashMessage("a")}`);
process.exit(digest === right ? 0 : 1);
