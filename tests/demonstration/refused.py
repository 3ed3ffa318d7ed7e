"""Sends proofs that must be refused as transactions of web3.py: refused.py NODE REGISTRY AUDIT [CASE]

AUDIT is what `ecrecheck chain audit --node … --json` printed. Each transaction must revert, with an error that the case
names, log nothing and change nothing in what the registry stores.
"""

import json
from collections import Counter
from pathlib import Path

from registry import Registry, main


def run(url, address, audit, only=None):
    cases = json.loads(Path(audit).read_text())["cases"]
    refused = [case for case in cases if case["expect"] == "refuse" and only in (None, case["id"])]
    registry = Registry(url, address)
    before = registry.storage()
    counts = Counter()
    for case in refused:
        for attempt in case["attempts"]:
            if attempt["said"].startswith("not asked"):
                continue
            what = f"{case['id']}, {attempt['label']}"
            name, words = registry.refusal(attempt["proof"]) or ("accepted", "accepted")
            receipt = registry.register(attempt["proof"])
            if name not in case["faults"]:
                raise ValueError(f"{what}: {words}, must be {' or '.join(case['faults'])}")
            if receipt["status"] != 0 or receipt["logs"]:
                raise ValueError(f"{what}: the transaction did not revert")
            if attempt["said"] != f"refused: {words}":
                raise ValueError(f"{what}: {words}, the audit was told {attempt['said']}")
            if only:
                print(f"reverted    {words}")
            counts[name] += 1
    if not counts:
        raise ValueError("no transaction was sent")
    if registry.storage() != before:
        raise ValueError("the registry stored something")
    if not only:
        print(f"reverted    {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}")
        print(f"refused     {counts.total()} transactions, each by a named error; the registry stores what it stored before")


main(run)
