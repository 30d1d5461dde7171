"""The argument checks: what passes, what does not, and what the message says."""

import re

import keras
import numpy as np
import pytest

from fslkeras.layers import (
    AttentionClassifier,
    GaussianPrototypes,
    MahalanobisDistance,
    Prototypes,
    RefinePrototypes,
)
from fslkeras.validation import (
    check_above_zero,
    check_choice,
    check_flag,
    check_image_shape,
    check_integer,
    check_known,
    check_one_hot,
    check_shapes,
)


@pytest.mark.parametrize("value", [1, 7, np.int64(7), np.uint8(1)])
def test_integers_of_python_and_numpy_pass(value):
    check_integer("X", "n", value)
    check_integer("X", "n", value, 1, 7)


@pytest.mark.parametrize("value", [0, -1, 1.0, np.float32(2), True, np.bool_(True), "1", None, [1]])
def test_anything_else_is_not_an_integer(value):
    expected = re.escape(
        "Invalid value for argument `n` of X. Expected an integer of at least 1. "
        f"Received: n={value!r}."
    )
    with pytest.raises(ValueError, match=expected):
        check_integer("X", "n", value)


def test_the_error_names_the_bounds_of_an_integer():
    for value in (-1, 5):
        with pytest.raises(
            ValueError, match=f"`n` of X. Expected an integer from 0 to 4. Received: n={value}."
        ):
            check_integer("X", "n", value, 0, 4)


@pytest.mark.parametrize("value", ["c", "A", "", 1, ["a"], np.array(["a", "b"]), None])
def test_an_unknown_choice_raises_an_error_that_lists_the_known_ones(value):
    check_choice("X", "kind", "a", ("a", "b"))
    expected = re.escape(
        "Invalid value for argument `kind` of X. Expected one of {'a', 'b'}. "
        f"Received: kind={value!r}."
    )
    with pytest.raises(ValueError, match=expected):
        check_choice("X", "kind", value, ("a", "b"))


def test_none_can_be_a_choice():
    check_choice("X", "kind", None, ("a", None))
    with pytest.raises(ValueError, match="{'a', None}. Received: kind='b'"):
        check_choice("X", "kind", "b", ("a", None))


@pytest.mark.parametrize("value", [1, 0, "no", "", None, [True]])
def test_only_true_and_false_are_flags(value):
    for flag in (True, False, np.bool_(True)):
        check_flag("X", "turn", flag)
    with pytest.raises(
        ValueError,
        match=re.escape(f"`turn` of X. Expected True or False. Received: turn={value!r}."),
    ):
        check_flag("X", "turn", value)


@pytest.mark.parametrize(
    "labels",
    [
        [[0.5, 0.5], [1, 0]],
        [[1, 1], [1, 0]],
        [[0, 0], [1, 0]],
        [[2, -1], [1, 0]],
        [[np.nan, 1], [1, 0]],
    ],
)
def test_labels_that_are_not_one_hot_raise_an_error_that_says_how_to_convert_them(labels):
    check_one_hot("X", "y", np.eye(3)[[[0, 2, 2]]])
    with pytest.raises(
        ValueError, match=r"X expected `y` to be one-hot.*keras.utils.to_categorical\(labels"
    ):
        check_one_hot("X", "y", np.array([labels]))


FITTING = [
    ({"a": ((2, 5, 7), "B Q D")}, {"B": 2, "Q": 5, "D": 7}),
    ({"a": ((2, 5, 7), "B Q D"), "b": ((2, 3, 7), "B N D")}, {"B": 2, "Q": 5, "D": 7, "N": 3}),
    (
        {"a": ((None, 5, None), "B Q D"), "b": ((2, None, 7), "B N D")},
        {"B": 2, "Q": 5, "D": 7, "N": None},
    ),  # not known yet
    ({"a": ((2, 5, 8, 6, 1), "B S *")}, {"B": 2, "S": 5, "*": (8, 6, 1)}),
    (
        {"a": ((2, 5, 8, None), "B S *"), "b": ((2, 4, 8, 6), "B Q *")},
        {"B": 2, "S": 5, "*": (8, 6), "Q": 4},
    ),
    ({"a": ((2, 5), "B S *")}, {"B": 2, "S": 5, "*": ()}),
    ({"a": ((3, 4), "*"), "b": ((3, 4), "*")}, {"*": (3, 4)}),
    ({"a": ([2, 5, 7], "B Q D")}, {"B": 2, "Q": 5, "D": 7}),  # a list, as Keras gives some shapes
]
WRONG = [
    {"a": ((5, 7), "B Q D")},  # one axis too few
    {"a": ((2, 5, 7, 1), "B Q D")},  # one too many
    {"a": ((2, 5, 7), "B Q D"), "b": ((2, 3, 6), "B N D")},  # a different size
    {
        "a": ((2, 5, 7), "B Q D"),
        "b": ((1, 3, 7), "B N D"),
    },  # a different number of episodes: never broadcast
    {"a": ((2, None, 7), "B Q D"), "b": ((2, 3, 6), "B N D")},
    {
        "a": ((None, 5, 7), "B Q D"),
        "b": ((2, 3, 7), "B N D"),
        "c": ((3, 3, 7), "B N D"),
    },  # known from the second
    {"a": ((2,), "B S *")},
    {"a": ((2, 5, 8, 6), "B S *"), "b": ((2, 4, 8, 5), "B Q *")},
    {"a": ((2, 5, 8, 6), "B S *"), "b": ((2, 4, 8), "B Q *")},
    {"a": ((3, 4), "*"), "b": ((4, 3), "*")},
    # Known from the second alone, and from the first and the second.
    {"a": ((2, 5, None), "B S *"), "b": ((2, 4, 6), "B Q *"), "c": ((2, 4, 7), "B U *")},
    {"a": ((None, 4), "*"), "b": ((3, None), "*"), "c": ((2, 4), "*")},
]


@pytest.mark.parametrize(("arguments", "sizes"), FITTING)
def test_shapes_that_fit_give_the_size_of_each_axis(arguments, sizes):
    assert check_shapes("X", **arguments) == sizes


@pytest.mark.parametrize("arguments", WRONG)
def test_shapes_that_do_not_fit_are_all_named_with_what_was_expected(arguments):
    with pytest.raises(ValueError) as error:
        check_shapes("X", "Flatten them.", **arguments)
    expected = " and ".join(
        f"{name} of shape ({', '.join(axes.split())})" for name, (_, axes) in arguments.items()
    )
    received = ", ".join(f"{name}.shape={shape}" for name, (shape, _) in arguments.items())
    assert str(error.value) == (
        f"X expected {expected}, where equal letters mean equal sizes. "
        f"Received: {received}. Flatten them."
    )


@pytest.mark.parametrize("received", [(8, 8), (8, 8, 3), (9, 8, 1), (1, 8, 8, 1), ()])
def test_images_of_another_shape_than_the_encoders_are_named(received):
    check_image_shape("X", "query", (8, 8, 1), (8, 8, 1))
    check_image_shape("X", "query", (None, None, 1), (9, 7, 1))
    check_image_shape("X", "query", (8, 8, 1), (None, None, 1))
    with pytest.raises(ValueError) as error:
        check_image_shape("X", "query", (8, 8, 1), received)
    assert str(error.value).startswith(
        "X expected `query` to contain images of the encoder's input shape, (8, 8, 1). "
        f"Received: images of shape {received}. "
    )


def test_a_size_that_weights_depend_on_must_be_known():
    check_known("X", 64)
    with pytest.raises(ValueError, match="X expected embeddings of known size D.* Received: None"):
        check_known("X", None)


@pytest.mark.parametrize("value", [0, 0.0, -1, float("nan"), float("inf"), "a", None, True, [1]])
def test_only_finite_numbers_above_zero_are_above_zero(value):
    for above in (1, 0.5, np.float32(2), np.int64(3)):
        check_above_zero("X", "t", above)
    expected = re.escape(
        f"argument `t` of X. Expected a finite number above 0, or 'learned'. Received: t={value!r}."
    )
    with pytest.raises(ValueError, match=expected):
        check_above_zero("X", "t", value, ", or 'learned'")


# Each layer that takes labels, with its other arguments. All allow a class without images.
VECTORS = np.random.default_rng(0).random((1, 3, 4), "float32")
TAKING_LABELS = {
    "Prototypes": lambda labels: Prototypes()(VECTORS, labels),
    "GaussianPrototypes": lambda labels: GaussianPrototypes()(VECTORS, 1 + VECTORS, labels),
    "RefinePrototypes": lambda labels: RefinePrototypes()(VECTORS[:, :2], VECTORS, labels=labels),
    "AttentionClassifier": lambda labels: AttentionClassifier()(
        VECTORS, support=VECTORS, labels=labels
    ),
}
ONE_HOT = np.array([[[1, 0], [1, 0], [0, 1]]], "float32")
WRONG_LABELS = [
    [[np.nan, 1], [1, 0], [0, 1]],
    [[2, -1], [1, 0], [0, 1]],
    [[0, 0], [1, 0], [0, 1]],
    [[1, 1], [1, 0], [0, 1]],
]


@pytest.mark.parametrize("name", TAKING_LABELS)
@pytest.mark.parametrize("wrong", WRONG_LABELS)
def test_a_layer_refuses_an_array_of_wrong_labels_and_does_not_read_tensors(name, wrong):
    take, wrong = TAKING_LABELS[name], np.array([wrong], "float32")
    for labels in (
        ONE_HOT,
        ONE_HOT.astype(int),
        ONE_HOT.astype(bool),
        keras.ops.convert_to_tensor(wrong),
    ):
        assert take(labels) is not None
    with pytest.raises(ValueError, match=f"{name} expected .*`labels`"):
        take(wrong)


def test_only_attention_accepts_soft_labels():
    shares = np.full((1, 3, 2), 0.5, "float32")
    assert TAKING_LABELS["AttentionClassifier"](shares).shape == (1, 3, 2)
    for name in TAKING_LABELS.keys() - {"AttentionClassifier"}:
        with pytest.raises(ValueError, match=f"{name} expected `labels` to be one-hot"):
            TAKING_LABELS[name](shares)


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_a_layer_refuses_an_array_of_precisions_below_zero_and_does_not_read_tensors(wrong):
    precisions = np.array([[[1.0], [wrong], [0.0]]], "float32")
    for name, take in {
        "GaussianPrototypes": lambda array: GaussianPrototypes()(VECTORS, array, ONE_HOT),
        "MahalanobisDistance": lambda array: MahalanobisDistance()(VECTORS, VECTORS, array),
    }.items():
        for fine in (np.abs(precisions[:, [0, 0, 2]]), keras.ops.convert_to_tensor(precisions)):
            assert take(fine) is not None
        with pytest.raises(
            ValueError,
            match=f"{name} expected `precisions` to be finite and at least 0. .* {wrong}",
        ):
            take(precisions)
