// Botan 2 as a subject of ecrecheck: docs/protocol.md. What it does wrong is in botan.divergences.toml.
// Debian: libbotan-2-dev, nlohmann-json3-dev. Compile, in this folder:
//
//     g++ -O2 -std=c++17 -Wall -Wextra -I/usr/include/botan-2 botan.cpp -lbotan-2 -o bin/botan
#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <botan/exceptn.h>
#include <botan/hex.h>
#include <botan/version.h>
#include <iostream>
#include <nlohmann/json.hpp>

using json = nlohmann::json;

static std::vector<uint8_t> bytes(const json& hex) { return Botan::hex_decode(hex.get<std::string>().substr(2)); }

static void say(const json& line) { std::cout << line.dump() << std::endl; }

int main() {
    const Botan::EC_Group group("secp256k1");
    const std::string version = std::to_string(Botan::version_major()) + "." + std::to_string(Botan::version_minor()) +
                                "." + std::to_string(Botan::version_patch());
    say({{"ecrecheck", 1}, {"name", "botan"}, {"version", version}, {"operations", {"recover", "prehash"}}});
    for (std::string line; std::getline(std::cin, line);) {
        const json question = json::parse(line);
        const json& id = question["id"];
        try {
            const std::vector<uint8_t> message = bytes(question[question["op"] == "prehash" ? "prehash" : "digest"]);
            const Botan::BigInt r(bytes(question["r"])), s(bytes(question["s"]));
            const Botan::ECDSA_PublicKey key(group, message, r, s, question["recovery_id"].get<uint8_t>());
            const auto point = key.public_point().encode(Botan::PointGFp::UNCOMPRESSED);
            say({{"id", id}, {"key", "0x" + Botan::hex_encode(point)}});
        } catch (const Botan::Decoding_Error& error) {
            say({{"id", id}, {"rejected", error.what()}});
        } catch (const Botan::Invalid_Argument& error) {
            say({{"id", id}, {"rejected", error.what()}});
        } catch (const std::exception& error) {
            say({{"id", id}, {"panicked", error.what()}});
        }
    }
}
