"""Extracts the test vectors of docs/protocol.md into protocol.json: `python -m tests.golden.extract`."""

import json
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "protocol.md"
VECTORS = HERE / "protocol.json"

_BLOCK = re.compile(r"^```json golden\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def extracted() -> str:
    """Return the text of protocol.json as the page has it now."""
    blocks = [json.loads(block) for block in _BLOCK.findall(PAGE.read_text())]
    return json.dumps(blocks, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    VECTORS.write_text(extracted())
