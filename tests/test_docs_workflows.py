"""The pictures of workflows in README.md and docs/ are what `to_mermaid()` gives of the workflow before them."""

from __future__ import annotations

import runpy

import pytest
from house.architecture import ROOT
from house.documents import blocks, module

from kaizen_eval.workflow import Workflow


@pytest.mark.parametrize("name", ["README.md", "docs/workflows.md"])
def test_a_picture_is_of_the_workflow_before_it(name, tmp_path):
    found = list(blocks((ROOT / name).read_text("utf-8")))
    (picture,) = (block for block in found if block.language == "mermaid")
    path = tmp_path / "page.py"
    path.write_text(module([block for block in found if block.line < picture.line]), encoding="utf-8")
    triage = runpy.run_path(str(path))["triage"]()
    workflow = triage if isinstance(triage, Workflow) else triage.build()
    assert picture.text == workflow.to_mermaid()
