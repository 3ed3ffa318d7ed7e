"""What the adapters of this folder share: the questions and answers of docs/protocol.md.

An adapter imports this module first: from then on its own folder is not searched, where it would be taken for the
package whose name it has.
"""

import json
import os
import re
import sys
from importlib import metadata

sys.path.pop(0)


class Rejected(Exception):
    """The library says no, but raises nothing."""


class Unsupported(Exception):
    """The library's interface cannot express the question."""


def serve(name, package, operations, rejects=(ValueError,), alone=False, **code):
    """Answers the questions on standard input until it ends.

    `operations` has a function for each operation: `recover` and `prehash` take the digest or prehash, r, s (bytes)
    and the recovery id, `call` takes the calldata and the gas. `rejects` is what the library raises where it says no;
    any other exception is no answer of it. `alone` answers each question in a process of its own, for a library that
    ends the process. `code` and `code_version` say whose arithmetic runs, where it is not its own.
    """
    say(ecrecheck=1, name=name, version=semver(package), **code, operations=list(operations))
    for line in sys.stdin:
        question = json.loads(line)
        child = os.fork() if alone else 0
        if child:
            _, status = os.waitpid(child, 0)
            if status:
                say(id=question["id"], panicked=f"it ended the process by signal {os.WTERMSIG(status)}")
            continue
        say(id=question["id"], **answer(operations[question["op"]], question, rejects))
        if alone:
            os._exit(0)


def semver(package):
    """Its version. Python's 1.2.3b4 is 1.2.3-b4 elsewhere."""
    return re.sub(r"(?<=\d)(a|b|rc)(?=\d)", r"-\1", metadata.version(package))


def answer(operation, question, rejects):
    try:
        return ask(operation, question)
    except Unsupported as error:
        return {"unsupported": str(error)}
    except (Rejected, *rejects) as error:
        return {"rejected": repr(error)}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        return {"panicked": repr(error)}


def ask(operation, question):
    if question["op"] == "call":
        returndata, success, gas_used = operation(octets(question["calldata"]), question["gas"])
        return {"returndata": "0x" + returndata.hex(), "success": success, "gas_used": gas_used}
    message = question["digest" if question["op"] == "recover" else "prehash"]
    key = operation(octets(message), octets(question["r"]), octets(question["s"]), question["recovery_id"])
    if isinstance(key, list):
        return {"candidates": [candidate.hex() for candidate in key]}
    return {"address" if len(key) == 20 else "key": key.hex()}


def octets(text):
    return bytes.fromhex(text[2:])


def number(octets):
    return int.from_bytes(octets, "big")


def point(x, y):
    """A key as x || y, whatever they are."""
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


def header(recovery_id):
    """Bitcoin's first byte of a signature. Those of 31 to 34 say that the key is compressed."""
    if recovery_id > 3:
        raise Unsupported("a header of 27 to 30 has the recovery ids 0 to 3")
    return bytes([27 + recovery_id])


def ethereum_v(recovery_id):
    """Ethereum's v of a signature. Those of 35 and more say a chain too."""
    if recovery_id > 7:
        raise Unsupported("a v of 35 and more is of a chain")
    return 27 + recovery_id


def say(**line):
    print(json.dumps(line), flush=True)
