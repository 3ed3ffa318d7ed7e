// web3 4.16.0: a string of typed data that is hex is hashed as the bytes that it says.
import { getEncodedEip712Data } from "web3-eth-abi";

const digest = (text) =>
  getEncodedEip712Data(
    {
      types: { EIP712Domain: [{ name: "name", type: "string" }], Mail: [{ name: "text", type: "string" }] },
      primaryType: "Mail",
      domain: { name: "d" },
      message: { text },
    },
    true,
  );
const right = "0xb9564960b9bd53902d845c73b5b784062702500e885829d062d6ea6e59e83187"; // ethers, viem and MetaMask
console.log(`the text 0x48656c6c6f\nhashes ${digest("0x48656c6c6f")}\nshould ${right}`);
console.log(`the text Hello\nhashes ${digest("Hello")}`);
process.exit(digest("0x48656c6c6f") === right ? 0 : 1);
