// hardhat starts its node with a configuration only. No compiler: none is downloaded.
module.exports = { solidity: "0.8.28" };
