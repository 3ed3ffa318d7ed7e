// cc -O2 -shared -fPIC -o libzkvm_secp256k1.so libsecp256k1.c -lsecp256k1   (Debian: libsecp256k1-dev)
//
// libsecp256k1 behind the zkVM standards' function: ecrecheck check --subject library:./libzkvm_secp256k1.so
#include <secp256k1_recovery.h>
#include <stdint.h>
#include <string.h>

enum { EOK = 0, EFAIL = -1 };

int zkvm_secp256k1_ecrecover(const uint8_t msg[32], const uint8_t sig[64], uint8_t recid, uint8_t output[64]) {
  const secp256k1_context *context = secp256k1_context_static;
  secp256k1_ecdsa_recoverable_signature signature;
  secp256k1_pubkey key;
  uint8_t sec1[65];
  size_t length = sizeof sec1;
  if (recid > 3) return EFAIL; // libsecp256k1 aborts
  if (!secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, sig, recid)) return EFAIL;
  if (!secp256k1_ecdsa_recover(context, &key, &signature, msg)) return EFAIL;
  secp256k1_ec_pubkey_serialize(context, sec1, &length, &key, SECP256K1_EC_UNCOMPRESSED);
  memcpy(output, sec1 + 1, 64);
  return EOK;
}
