"""The README's programs run as they are, on the photographs that come with the course."""

import re
import runpy
from pathlib import Path

import keras
import pytest

import fslkeras
from fslkeras import Episodes, Pairs, networks

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
LOGITS = keras.losses.CategoricalCrossentropy(from_logits=True)


def test_the_first_program_beats_chance_on_classes_that_it_never_saw(tmp_path, monkeypatch, capsys):
    (tmp_path / "program.py").write_text(PROGRAMS[0], encoding="utf-8")
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    ran = runpy.run_path("program.py")
    printed = capsys.readouterr().out
    assert "over 200 episodes" in printed and (tmp_path / "classifier.zip").is_file()
    predicted, names = ran["classifier"].predict(ran["new"].images[1::2]), ran["names"][1::2]
    right = sum(map(str.__eq__, predicted, names)) / len(names)
    assert len(set(names)) == 4 and right > 0.4  # guessing: 0.25


def test_the_program_with_a_pretrained_encoder_is_nearly_always_right(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (program,) = [program for program in PROGRAMS if "efficientnet_lite0" in program]
    ran = {}
    exec(program, ran)
    assert capsys.readouterr().out.startswith("['")
    predicted = ran["classifier"].predict(ran["photos"].images[1::4])
    right = sum(map(str.__eq__, predicted, ran["names"][1::4])) / len(predicted)
    assert len(predicted) == 30 and right > 0.85  # ten classes, three examples each; guessing: 0.1


def test_the_program_with_keras_applications_makes_an_encoder():
    (program,) = [program for program in PROGRAMS if "keras.applications" in program]
    ran = {}
    exec(program.replace("include_top=False", "include_top=False, weights=None"), ran)
    assert ran["encoder"].output_shape == (None, 1280)


@pytest.mark.parametrize(
    ("number", "make", "stream", "options"),
    [
        (0, "prototypical", "pairs", {}),
        (1, "siamese", "episodes", {}),
        (2, "prototypical", "episodes", {"class_weight": {0: 1.0, 1: 2.0}}),
    ],
)
def test_the_messages_that_the_readme_explains_are_those_of_keras(
    number, make, stream, options, test_data
):
    section = README.partition("### When something goes wrong")[2]
    rows = re.search(r"---\|\n(.*?)\n\n", section, re.DOTALL)[1]
    message = rows.splitlines()[number].split("`")[1]
    streams = {
        "pairs": Pairs(test_data, batch_size=4, steps=1),
        "episodes": Episodes(test_data, way=2, shot=1, query=1, steps=1),
    }
    encoder = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
    model = getattr(networks, make)(encoder)
    model.compile("sgd", fslkeras.losses.ContrastiveLoss() if make == "siamese" else LOGITS)
    with pytest.raises((TypeError, ValueError), match=message):
        model.fit(streams[stream], verbose=0, **options)
