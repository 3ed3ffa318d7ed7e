"""embit 0.8.0 with libsecp256k1: a recovery id of 4 ends the process."""

import subprocess
import sys

PARSE = "from embit.util import secp256k1; secp256k1.ecdsa_recoverable_signature_parse_compact(bytes(64), 4)"
ended = subprocess.run([sys.executable, "-c", PARSE], capture_output=True, text=True)
print(f"recovery id 4\nexit status {ended.returncode}: {ended.stderr.splitlines()[-1]}\nshould be   1: ValueError: ...")
sys.exit(ended.returncode < 0)
