"""The OMG's compatibility kit, by its own runner, where it lies beside the checkout."""

import json
import subprocess
import sys
from pathlib import Path

from tests.support.absent import shared

CHECKOUT = Path(__file__).parents[3]
ADAPTER = "tests.support.decisions:evaluate"
WANTED = 99
"""Percent of the cases that expect a value."""


def test_level_2_of_the_compatibility_kit_passes_whole_and_level_3_nearly(tmp_path, record_property):
    kept = tmp_path / "found.json"
    command = [sys.executable, str(shared("dmn-tck") / "run_tck.py"), "--adapter", ADAPTER, "--out", str(kept)]
    ran = subprocess.run(
        [*command, "--min-value", str(WANTED)], cwd=CHECKOUT, capture_output=True, text=True, timeout=300
    )
    record_property("figures", ran.stdout)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(kept.read_text("utf-8"))
    two, three = (found["levels"][f"compliance-level-{level}"] for level in (2, 3))
    assert two["total"] >= 48
    assert two["passed"] == two["total"], failed(found)
    assert three["value_total"] >= 1000
    assert 100 * three["value_passed"] >= WANTED * three["value_total"], failed(found)
    assert not {"timeout", "crash", "load error"} & found["reasons"].keys(), failed(found)
    assert found["levels"]["total"].get("null_by_raise", 0) == 0, "null is said, not raised"


def failed(found: dict) -> str:
    return "\n".join(
        f"{case['folder']} {case['id']} : {node['why']}, {node['expected']} attendu, {node['got']} trouvé"
        for case in found["cases"]
        for node in case["nodes"]
        if not node["ok"]
    )
