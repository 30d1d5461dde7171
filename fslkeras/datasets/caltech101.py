"""Caltech-101 (Li et al. 2004), photographs of 100 classes of objects, from tensorflow-datasets."""

import io

import numpy as np

from fslkeras.datasets.folder import reader, stacked
from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.datasets.prepared import prepared
from fslkeras.validation import check_choice

LEFT_OUT = ("background_google", "faces_easy")  # not a class, and a cropped version of faces

# The ten classes of data/photographs are test classes. Related classes share a split: the two
# crocodiles, cougars and flamingos, chair and windsor_chair, lotus and water_lilly. All others, in
# the order of np.random.default_rng(0).permutation, went to the first split with room: test, then
# validation, then train.
SPLIT = {
    "train": (
        "accordion airplanes anchor ant beaver binocular brontosaurus camera car_side ceiling_fan "
        "chandelier cougar_body cougar_face dalmatian dollar_bill electric_guitar emu ewer faces "
        "ferry flamingo flamingo_head garfield gerenuk hawksbill hedgehog helicopter inline_skate "
        "joshua_tree ketch laptop leopards llama lobster mandolin mayfly menorah minaret "
        "motorbikes octopus pagoda panda pizza platypus pyramid revolver rhino rooster saxophone "
        "schooner scissors scorpion stapler starfish stegosaurus strawberry tick trilobite "
        "wheelchair wild_cat"
    ).split(),
    "validation": (
        "barrel bonsai cellphone dragonfly elephant gramophone headphone ibis kangaroo metronome "
        "nautilus okapi soccer_ball stop_sign wrench"
    ).split(),
    "test": (
        "bass brain buddha butterfly cannon chair crab crayfish crocodile crocodile_head cup "
        "dolphin euphonium grand_piano lamp lotus pigeon sea_horse snoopy sunflower umbrella watch "
        "water_lilly windsor_chair yin_yang"
    ).split(),
}


def load_caltech101(split=None, size=28, color_mode="grayscale", crop=False):
    """Loads a split of Caltech-101, or all of it, as in `datasets.load`."""
    check_choice("load", "split", split, (None, *SPLIT))
    read, channels = reader("load", size, color_mode, False, crop)
    names = sorted(sum(SPLIT.values(), []) if split is None else SPLIT[split])
    builder, parts = prepared("caltech101", "Caltech-101", "https://doi.org/10.22002/D1.20086")
    every_name = builder.info.features["label"].names
    photographs = []
    for part in parts.values():  # tensorflow-datasets splits within classes
        for example in part.as_numpy_iterator():
            name = every_name[example["label"]]
            if name in names:
                picture = read(io.BytesIO(example["image"]))
                photographs.append((names.index(name), example["image/file_name"], picture))
    photographs.sort(key=lambda photograph: photograph[:2])
    labels, _, pictures = zip(*photographs, strict=True)
    return ImageClasses(stacked(pictures, size, channels), np.array(labels), names)
