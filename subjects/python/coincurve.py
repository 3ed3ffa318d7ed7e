"""coincurve as a subject of ecrecheck: docs/protocol.md."""

import json
import sys
from importlib.metadata import version

sys.path.pop(0)  # this folder, where this file would be taken for the package
from coincurve import PublicKey


def say(**line):
    print(json.dumps(line), flush=True)


code = {"code": "libsecp256k1", "code_version": "0.6.0"}  # what coincurve 21 is built with
say(ecrecheck=1, name="coincurve", version=version("coincurve"), **code, operations=["recover"])
for line in sys.stdin:
    question = json.loads(line)
    digest, r, s = (bytes.fromhex(question[part][2:]) for part in ("digest", "r", "s"))
    try:
        signature = r + s + bytes([question["recovery_id"]])
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
        say(id=question["id"], key="0x" + key.format(compressed=False).hex())
    except Exception as error:
        say(id=question["id"], **{"rejected" if type(error) is ValueError else "panicked": repr(error)})
