"""That the benchmarks run and say what they promise; never how fast anything is."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.__main__ import change_one, copy_of
from benchmarks.measure import Measurement, SubjectError, measure, summarize
from benchmarks.subjects import SUBJECTS, files_of
from benchmarks.workload import dump, sources


@pytest.fixture(scope="module")
def workload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty files of the standard workload."""
    out = tmp_path_factory.mktemp("workload")
    library = Path(sysconfig.get_paths()["stdlib"])
    taken = [path for path in sources(library) if path.parts[0] in ("json", "email", "logging")]
    for path in taken[:20]:
        assert dump(library / path, out / f"{path}.json")
    return out


def test_every_subject_explains_itself_and_has_a_title() -> None:
    assert all(subject.__doc__ for subject in SUBJECTS.values())
    # Two titles are further runs of the subject `whole`.
    assert set(report.TITLES) == set(SUBJECTS) | {"unchanged", "one-changed"}


def test_a_smaller_workload_is_chosen_evenly(workload: Path, tmp_path: Path) -> None:
    chosen = [p.relative_to(tmp_path) for p in files_of(copy_of(workload, tmp_path, 5))]
    everything = [p.relative_to(workload) for p in files_of(workload)]
    assert len(chosen) == 5
    assert chosen == everything[::4]


def test_changing_one_artifact_leaves_the_workload_alone(workload: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in files_of(workload)}
    copy_of(workload, tmp_path)
    changed = change_one(tmp_path)
    assert (tmp_path / changed).read_bytes() != (workload / changed).read_bytes()
    assert {path: path.read_bytes() for path in files_of(workload)} == before


def test_alternatives_read_the_same_files(workload: Path, tmp_path: Path) -> None:
    size = sum(len(path.read_bytes()) for path in files_of(workload))
    for name in report.ALTERNATIVES:
        told = measure(name, workload, tmp_path / name, cores=1)
        assert (told.files, told.size_bytes) == (20, size)
        assert told.seconds > 0
        assert told.peak_bytes > 10_000_000  # an interpreter at least


def test_a_subject_that_fails_is_an_error_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(SubjectError, match="holds no source"):
        measure("resolve", tmp_path, tmp_path / "nothing", cores=1)


def test_figures_follow_from_the_measurements() -> None:
    runs = [
        Measurement(s, 2.0, 300 << 20, 100, 10_000_000, 5_000, {"outcomes": {}, "rows": {}})
        for s in (4.0, 1.0, 2.0)
    ]
    summaries = {name: summarize(runs) for name in report.TITLES}
    summaries["orjson"] = summarize(runs[:1])
    result = report.result(summaries, cores=1)
    scan = result["subjects"]["scan"]
    assert (scan["seconds_min"], scan["seconds_median"]) == (1.0, 2.0)
    assert (scan["files_per_minute"], scan["mb_per_second"], scan["nodes_per_second"]) == (
        3000, 5.0, 2500,
    )  # fmt: skip
    assert scan["peak_mib"] == 300
    assert result["ratios"]["scan to orjson"] == {"median": 2.0, "min": 4.0}
    for shown in (report.text(result), report.page(result)):
        assert "3,000" in shown
        assert "2.00 (4.00)" in shown
        assert str(Path.home()) not in shown


def test_the_readme_states_what_the_page_states(project: Path) -> None:
    readme = (project / "README.md").read_text(encoding="utf-8")
    between = readme.partition(report.FIGURES[0])[2].partition(report.FIGURES[1])[0]
    rows = [line.split(" | ") for line in between.splitlines() if line.startswith("| scan")]
    assert len(rows) == 1
    page = report.PAGE.read_text(encoding="utf-8")
    assert f"{rows[0][0]} | {rows[0][1]} |" in page, "run `python -m benchmarks --write`"


def test_figures_replace_those_before() -> None:
    runs = [Measurement(2.0, 2.0, 1 << 20, 10, 1000, 50, {"outcomes": {}, "rows": {}})]
    result = report.result({name: summarize(runs) for name in report.TITLES}, cores=1)
    readme = f"a\n{report.FIGURES[0]}\nold\n{report.FIGURES[1]}\nb"
    once = report.with_figures(readme, result)
    assert "old" not in once
    assert "| 300 |" in once
    assert once.startswith("a\n")
    assert once.endswith("\nb")
    assert report.with_figures(once, result) == once
    with pytest.raises(ValueError, match="lacks the lines"):
        report.with_figures("nothing", result)


@pytest.mark.slow
def test_a_quick_run_measures_every_subject(workload: Path, project: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--json", "--artifacts", str(workload),
         "--cache", str(tmp_path)],
        cwd=project, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert result["workload"]["outcomes"] == {"loaded": 20}
    assert list(result["subjects"]) == list(report.TITLES)
    for name, one in result["subjects"].items():
        assert one["seconds_median"] > 0, name
        assert one["cpu_seconds"] > 0, name
        assert one["peak_mib"] > 10, name
    states = {name: result["subjects"][name]["detail"]["states"] for name in
              ("whole", "unchanged", "one-changed")}  # fmt: skip
    assert states["whole"]["new"] == 20
    assert states["unchanged"]["unchanged"] == 20
    assert (states["one-changed"]["changed"], states["one-changed"]["unchanged"]) == (1, 19)
    loads = result["subjects"]["unchanged"]["detail"]["loads"]
    assert {load["state"] for load in loads.values()} == {"unchanged"}
    assert not list(tmp_path.iterdir()), "the run leaves its work behind"
