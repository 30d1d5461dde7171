"""Invented alphabets: characters composed of a few random strokes, drawn by simulated drawers."""

import numpy as np

from fslkeras.course.handwriting import (
    Drawer,
    draw,
    likeness_picture,
    random_state,
    shrunk,
    stroke_length,
)
from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.validation import check_integer


def invent(alphabets=30, characters=25, drawers=20, seed=0):
    """Invents alphabets: a few strokes per character, drawn by simulated drawers.

    Needs no file and no font.

    Args:
        alphabets: number of alphabets, each in its own style.
        characters: number of characters per alphabet, 1..60.
        drawers: number of images per character, each by a different drawer.
        seed: integer, at least 0. The same seed gives the same pixels, and a larger dataset
            contains the smaller one.
    Returns:
        `ImageClasses` with images of 28 x 28 pixels, 0 or 255.
    Raises:
        ValueError: if a number is out of range.
    """
    check_integer("invent", "alphabets", alphabets, 1, 10_000)
    check_integer("invent", "characters", characters, 1, 60)
    check_integer("invent", "drawers", drawers, 1, 10_000)
    check_integer("invent", "seed", seed, 0, 2**63)
    images, names, groups = [], [], []
    for alphabet in range(alphabets):
        people = [Drawer(random_state(seed, "drawer", alphabet, d)) for d in range(drawers)]
        for c, strokes in enumerate(
            invented_characters(characters, random_state(seed, "alphabet", alphabet))
        ):
            images += [
                shrunk(draw(strokes, drawer, random_state(seed, alphabet, c, d)))
                for d, drawer in enumerate(people)
            ]
            names.append(f"Invented {alphabet + 1}, character {c + 1}")
            groups.append(f"Invented {alphabet + 1}")
    return ImageClasses(
        np.array(images, np.uint8)[..., None], np.arange(len(names)).repeat(drawers), names, groups
    )


def invented_characters(n, rng):
    """The characters of one invented alphabet: strokes between the points of a grid, in one style.

    Args:
        n: number of characters.
        rng: `numpy.random.RandomState`.
    Returns:
        list of n characters, no two of them similar.
    """
    grid = np.array([(x, y) for y in (0.0, 0.5, 1.0) for x in (0.0, 0.42, 0.84)])
    # How much this alphabet likes lines, arcs, loops and corners.
    taste = rng.dirichlet([1.2, 1.0, 0.6, 0.5])
    strokes_each = rng.choice([2, 3, 4], 3, p=[0.35, 0.45, 0.2])
    characters, pictures = [], []
    while len(characters) < n:
        character = _invented_character(grid, taste, strokes_each, rng)
        if character is None:
            continue
        picture = likeness_picture(character)
        if pictures and (np.array(pictures) @ picture).max() > 0.8:
            continue
        characters.append(character)
        pictures.append(picture)
    return characters


def _invented_character(grid, taste, strokes_each, rng):
    """A character, or None if the random strokes are too few, too narrow, too short or too long."""
    strokes, here = [], grid[rng.randint(9)]
    for _ in range(rng.choice(strokes_each)):
        if rng.rand() < 0.45:  # the pen is lifted
            here = grid[rng.randint(9)]
        there, kind = grid[rng.randint(9)], rng.choice(4, p=taste)
        if np.hypot(*(there - here)) < 0.2:
            continue
        if kind == 0:
            strokes.append(np.linspace(here, there, 8))
        elif kind == 1:
            strokes.append(_arc(here, there, rng.choice([-1, -0.6, 0.6, 1])))
        elif kind == 2:
            turn = np.linspace(0, 2 * np.pi, 22)[:, None]
            strokes.append(
                0.7 * here
                + 0.2
                + rng.choice([0.1, 0.17, 0.23]) * np.hstack([np.cos(turn), np.sin(turn)])
            )
        else:
            corner = grid[rng.randint(9)]
            strokes.append(
                np.vstack([np.linspace(here, corner, 6), np.linspace(corner, there, 6)[1:]])
            )
        here = there
    if (
        len(strokes) < 2
        or np.ptp(np.vstack(strokes), axis=0).min() < 0.3
        or not 1.5 < stroke_length(strokes) < 6
    ):
        return None
    return strokes


def _arc(start, end, height):
    """Half an ellipse from start to end: half a circle for height 1; negative heights flip it."""
    turn = np.linspace(0, np.pi, 14)
    middle, half = (start + end) / 2, (end - start) / 2
    return (
        middle - np.outer(np.cos(turn), half) + height * np.outer(np.sin(turn), [-half[1], half[0]])
    )
