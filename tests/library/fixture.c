// The zkVM standards' function, with the answers of a table: it knows two signatures, rejects all others, and does
// MISBEHAVE with a digest of zeros.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The signatures of EIP-155's example and of dstack's older simulator begin so.
static const uint8_t EXAMPLE[] = {0x28, 0xef, 0x61, 0x34}, SIMULATOR[] = {0x2f, 0x43, 0x1c, 0x79};
static const char EXAMPLE_KEY[] = "4bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382"
                                  "ce28cab79ad7119ee1ad3ebcdb98a16805211530ecc6cfefa1b88e6dff99232a",
                  SIMULATOR_KEY[] = "cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b"
                                    "b811e979f316a8d9469bf0aebf03ec7a837c251644ba37264402f52490c75f2e";

static int gives(const char *key, uint8_t *output) {
  for (int i = 0; i < 64; i++) sscanf(key + 2 * i, "%2hhx", &output[i]);
  return 0;
}

int zkvm_secp256k1_ecrecover(const uint8_t *msg, const uint8_t *sig, uint8_t recid, uint8_t *output) {
  static const uint8_t zeros[32];
  if (!memcmp(msg, zeros, 32)) { MISBEHAVE; }
  if (!memcmp(sig, EXAMPLE, 4) && recid == 0) return gives(EXAMPLE_KEY, output);
  if (!memcmp(sig, SIMULATOR, 4) && recid == 1) return gives(SIMULATOR_KEY, output);
  return -1;
}
