"""What the adapters of this folder share: the loop of docs/protocol.md for the operation `digest`, and readings of a field.

Imported first: it takes this folder off the path, where an adapter would be taken for the package that it adapts.
typed_data.py, which imports it, comes before.
"""

import json
import struct
import sys
from importlib.metadata import version

sys.path.pop(0)


class Unsupported(Exception):
    """The library's interface cannot express this question."""


def text(field):
    try:
        return field.decode()
    except UnicodeDecodeError:
        raise Unsupported("the interface takes text, and these bytes are not UTF-8") from None


# What Python throws by itself is no rejection.
TRAPS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    UnicodeError,
    struct.error,
)


def serve(package, formats, name=None, rejects=()):
    """Answers from `formats`: a function for each known format, from its fields as bytes to a digest.

    `rejects` names the traps that the library throws on purpose.
    """
    says = {"version": version(package), "code": package, "code_version": version(package)}
    say(ecrecheck=1, name=name or package, **says, operations=["digest"])
    for line in sys.stdin:
        question = json.loads(line)
        fields = {field: bytes.fromhex(value[2:]) for field, value in question["fields"].items()}
        try:
            if question["format"] not in formats:
                raise Unsupported("not offered")
            answer = {"digest": "0x" + bytes(formats[question["format"]](**fields)).hex()}
        except Unsupported as error:
            answer = {"unsupported": str(error)}
        except Exception as error:
            trap = isinstance(error, TRAPS) and not isinstance(error, rejects)
            answer = {"panicked" if trap else "rejected": repr(error)[:500]}
        say(id=question["id"], **answer)


def say(**line):
    print(json.dumps(line), flush=True)
