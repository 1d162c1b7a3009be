"""Searches everything that was said in a run for the run's secrets. Exit status 1 when one is found.

Usage: search_canaries.py FOLDER CANARIES
"""

import json
import pathlib
import sys

from harness.canary import find


def main(folder: str, canaries: str) -> int:
    known = json.loads(pathlib.Path(canaries).read_text())
    files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file() and path.stat().st_size > 0]
    if not known["credentials"] or not known["callers"] or not files:
        print("nothing to search for, or nothing to search: the run before this one made no output")
        return 1
    places = find(pathlib.Path(folder), known["credentials"], known["callers"])
    for place in places:
        print(f"secret said at {place}")
    size = sum(path.stat().st_size for path in files)
    secrets = len(known["credentials"]) + len(known["callers"])
    print(f"{secrets} secrets, {len(files)} files, {size} bytes, {len(places)} places")
    return 1 if places else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
