"""The three sentences that hold the house together, read from the code itself."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ["portal", "registrations", "callbacks"]
STATUS_FIELDS = {"status", "version", "status_since"}


def modules():
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts and "sandbox" not in path.parts:
                yield path, ast.parse(path.read_text())


def writes_of_status(tree):
    """Lines that assign `.status`, or hand a status to update() or save()."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr in STATUS_FIELDS:
                    if not (isinstance(target.value, ast.Name) and target.value.id == "self"):
                        yield node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("update", "bulk_update", "update_or_create"):
                if any(keyword.arg in STATUS_FIELDS for keyword in node.keywords):
                    yield node.lineno


def test_only_the_law_changes_a_status():
    culprits = [
        f"{path.relative_to(ROOT)}:{line}"
        for path, tree in modules()
        if path.name != "lifecycle.py"
        for line in writes_of_status(tree)
    ]

    assert culprits == []


def test_the_search_for_culprits_finds_one():
    guilty = ast.parse("brand.status = 'registered'\nrows.update(status='x')")

    assert list(writes_of_status(guilty)) == [1, 2]


def test_imports_run_one_way():
    lint = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert lint.returncode == 0, lint.stdout


def test_the_repository_speaks_only_of_itself():
    told = subprocess.run(
        ["git", "ls-files", "*.txt", "*.toml", "*.yaml", "Dockerfile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert [
        name for name in told if "requirements" in name and "://" in (ROOT / name).read_text()
    ] == []
