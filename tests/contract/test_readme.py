"""What the README prints works as printed."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.weights
def test_the_python_examples_run_one_after_the_other_and_print_what_they_are_for(capsys):
    facets, edits, trends = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(facets, "README.md", "exec"), names)
    assert len(capsys.readouterr().out.strip().splitlines()) == 3
    exec(compile(edits, "README.md", "exec"), names)
    assert capsys.readouterr().out.strip() == "1+3 ['What we are told']"
    assert "What we are told" in {theme.name for theme in names["pulse"].themes}
    exec(compile(trends, "README.md", "exec"), names)
    assert re.fullmatch(r"\+\d+ \(\+\d+ to \+\d+\)", capsys.readouterr().out.strip())


def test_every_make_target_that_the_readme_names_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"^make (\w+)", README, flags=re.MULTILINE)
    assert named
    assert all(re.search(rf"^{target}:", makefile, flags=re.MULTILINE) for target in named)


def test_every_file_that_the_readme_points_to_is_in_the_project():
    pointed = re.findall(r"\]\((?!http)([^)]+)\)", README) + re.findall(r"\b(data/[\w./-]+\.\w+)", README)
    assert pointed
    assert [path for path in pointed if not (ROOT / path).exists()] == []


def test_no_file_names_a_package_registry_or_a_path_of_the_machine_it_was_written_on():
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    forbidden = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|/root/|/work/(?:main|shared)")
    texts = {".py", ".md", ".toml", ".yaml", ".sh", ".txt", ".html"}
    names = [name for name in tracked if Path(name).suffix in texts and name != "tests/contract/test_readme.py"]
    found = [name for name in names if forbidden.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))]
    assert found == []


def test_the_package_version_is_the_projects():
    import tomllib

    from service.version import VERSION

    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == VERSION
