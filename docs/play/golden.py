"""Write `golden.json`, the traces that every engine must reproduce: `python docs/play/golden.py`.

Every preset is trained for the whole budget, without the rule that ends a run early. Kept are the
weights at the end, and hashes of the weights every 500 epochs and of both loss curves.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from play.engine import BUDGET, PRESETS, Array, Config, train

GOLDEN = Path(__file__).with_name("golden.json")
EVERY = 500  # epochs


def digest(values: Array) -> str:
    """Return the start of the SHA-256 of the numbers' bytes, least significant byte first."""
    return hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()[:16]


def trace(config: Config) -> dict[str, object]:
    """Return what is kept of a run."""
    run = train(config, patience=math.inf)
    return {
        "config": asdict(config),
        "weights": run.history[-1].tolist(),
        "every_500": [digest(run.history[epoch]) for epoch in range(0, BUDGET + 1, EVERY)],
        "train": digest(run.train),
        "test": digest(run.test),
    }


def golden() -> str:
    """Return the text of the file."""
    traces = {name: trace(config) for name, config in PRESETS.items()}
    return json.dumps(traces, indent=1) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(golden(), encoding="utf-8")
