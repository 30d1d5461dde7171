"""The README's program runs as it stands, on the photographs that come with it."""

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_program_runs_and_names_most_photographs_of_classes_it_never_saw(tmp_path, monkeypatch, capsys):
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    ran = runpy.run_path("program.py")
    told = capsys.readouterr().out
    assert "over 200 episodes" in told and (tmp_path / "classifier.zip").is_file()
    predicted, names = ran["classifier"].predict(ran["new"].images[1::2]), ran["names"][1::2]
    right = sum(map(str.__eq__, predicted, names)) / len(names)
    assert len(set(names)) == 4 and right > 0.4  # guessing: 0.25
