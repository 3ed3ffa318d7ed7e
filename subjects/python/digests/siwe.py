"""siwe makes the text of a sign-in. It verifies with eth-account's hash of it. Its packages: siwe.requirements.txt."""

import re

from serve import Unsupported, serve, text

from eth_account.messages import defunct_hash_message
from eth_utils import to_checksum_address
from siwe import SiweMessage

LINES = re.compile(
    r"(?:\nExpiration Time: (.+))?(?:\nNot Before: (.+))?(?:\nRequest ID: (.*))?(\nResources:(?:\n- .+)*)?", re.ASCII
)


def sign_in(domain, account, statement, uri, chain_id, nonce, issued_at, more):
    lines = LINES.fullmatch(text(more))
    if not lines:
        raise Unsupported("the interface takes no other optional lines")
    if str(int(chain_id)).encode() != chain_id:
        raise Unsupported("the interface takes an int, which has no leading zeros")
    scheme, domain = re.fullmatch(r"(?:(.*)://)?(.*)", text(domain), re.DOTALL).groups()
    expiration_time, not_before, request_id, resources = lines.groups()
    message = SiweMessage(
        scheme=scheme,
        domain=domain,
        address=to_checksum_address(account),
        statement=text(statement),
        uri=text(uri),
        version="1",
        chain_id=int(chain_id),
        nonce=text(nonce),
        issued_at=text(issued_at),
        expiration_time=expiration_time,
        not_before=not_before,
        request_id=request_id,
        resources=resources and resources.split("\n- ")[1:],
    )
    return defunct_hash_message(text=message.prepare_message())


serve("siwe", {"eip4361.sign-in": sign_in}, name="siwe-py")
