"""Ends with 1 where a file holds what looks like a key or a password."""

import pathlib
import re
import sys

SECRET = re.compile(r"(?i)\b(?:api_key|password|secret)\s*=\s*[\"'][^\"']{8,}[\"']")

found = 0
files = 0
for folder in sys.argv[1:] or ["."]:
    for path in sorted(pathlib.Path(folder).rglob("*.py")):
        files += 1
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if SECRET.search(line):
                print(f"{path}:{number}: looks like a secret")
                found += 1
print(f"{files} files, {found} findings")
sys.exit(1 if found or not files else 0)
