"""SupportContext and QueryContext against LSTMs in plain NumPy, one image at a time."""

import keras
import numpy as np
import pytest

from fslkeras.layers import QueryContext, SupportContext

D = 4


def vectors(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def with_random_weights(layer, *shapes):
    layer.build(*shapes)
    rng = np.random.default_rng(0)
    layer.set_weights([rng.normal(size=weight.shape) * 0.7 for weight in layer.weights])
    return layer


def support_context(dimensions=D):
    return with_random_weights(SupportContext(), (None, None, dimensions))


def query_context(steps, dimensions=D):
    return with_random_weights(
        QueryContext(steps), (None, None, dimensions), (None, None, dimensions)
    )


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(gates, c):
    """h and c of an LSTM with a forget gate, from its gates in the order i, f, c, o."""
    i, f, new, o = np.split(gates, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
    return sigmoid(o) * np.tanh(c), c


def lstm(sequence, kernel, recurrent_kernel, bias):
    h = c = np.zeros(D)
    outputs = []
    for x in sequence:
        h, c = lstm_step(x @ kernel + h @ recurrent_kernel + bias, c)
        outputs.append(h)
    return np.array(outputs)


def support_by_hand(layer, support):
    forward, backward = (
        side.get_weights()
        for side in (layer.both_ways.forward_layer, layer.both_ways.backward_layer)
    )
    return np.stack([lstm(g, *forward) + lstm(g[::-1], *backward)[::-1] + g for g in support])


def query_by_hand(layer, query, support, steps):
    kernel, recurrent_kernel, bias = layer.get_weights()
    # The forget-gate bias starts at 1.
    bias = bias + np.array([0, 1, 0, 0]).repeat(D)
    found = np.zeros(query.shape)
    for e, q in np.ndindex(query.shape[:2]):
        f, g = query[e, q].astype("float64"), support[e].astype("float64")
        h = c = np.zeros(D)
        for _ in range(steps):
            attention = np.exp([h @ image for image in g])
            r = sum(a * image for a, image in zip(attention / attention.sum(), g, strict=True))
            h, c = lstm_step(f @ kernel + np.concatenate([h, r]) @ recurrent_kernel + bias, c)
            h = h + f
        found[e, q] = h
    return found


# --- SupportContext


@pytest.mark.parametrize("images", [1, 2, 7])
def test_each_image_gets_a_forward_and_a_backward_lstm_plus_itself(images):
    layer, support = support_context(), vectors(1, 3, images, D)
    np.testing.assert_allclose(
        numpy(layer(support)), support_by_hand(layer, support), rtol=1e-4, atol=1e-5
    )


def test_each_embedding_depends_on_all_images_of_its_episode_and_on_no_other_episode():
    layer, support = support_context(), vectors(2, 2, 5, D)
    before = numpy(layer(support))
    for i in range(5):
        other = support.copy()
        other[0, i] += 1
        changed = np.abs(numpy(layer(other)) - before).max(axis=-1)
        assert (changed[0] > 1e-5).all() and (changed[1] == 0).all()


def test_the_order_of_the_support_matters():
    layer, support, order = support_context(), vectors(3, 2, 5, D), [2, 0, 3, 1, 4]
    assert np.abs(numpy(layer(support[:, order])) - numpy(layer(support))[:, order]).max() > 0.01


def test_one_support_model_takes_any_number_of_images_and_survives_saving(tmp_path):
    layer, support = support_context(), keras.Input((None, D))
    model = keras.Model(support, layer(support))
    model.save(tmp_path / "support.keras")
    loaded = keras.models.load_model(tmp_path / "support.keras", safe_mode=True)
    for episodes, images in ((1, 1), (2, 5), (3, 20)):
        x = vectors(4, episodes, images, D)
        found = numpy(model(x))
        np.testing.assert_allclose(found, support_by_hand(layer, x), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(numpy(loaded(x)), found, rtol=1e-6)


@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_the_context_stays_in_float32_under_mixed_precision(policy, name):
    policy(name)
    support, query = 50_000 * vectors(5, 1, 3, D), 50_000 * vectors(6, 1, 2, D)  # overflows float16
    for found in (support_context()(support), query_context(2)(query, support)):
        assert keras.backend.standardize_dtype(found.dtype) == "float32"
        assert np.isfinite(numpy(found)).all()
    assert support_context()(keras.Input((None, D))).dtype == "float32"


def test_the_support_context_has_the_shape_of_the_support_and_keeps_unknown_sizes():
    assert SupportContext().compute_output_shape((2, 5, D)) == (2, 5, D)
    assert tuple(SupportContext()(vectors(7, 2, 5, D)).shape) == (2, 5, D)
    assert SupportContext()(keras.Input((None, D))).shape == (None, None, D)


@pytest.mark.parametrize("shape", [(5, 4), (1, 5, 2, 2, 4)])
def test_a_support_of_a_wrong_shape_raises_an_error_that_names_it(shape):
    with pytest.raises(ValueError) as error:
        SupportContext()(np.zeros(shape))
    assert "SupportContext expected support of shape (B, S, D)" in str(error.value)
    assert f"Received: support.shape={shape}" in str(error.value)


def test_a_support_of_unknown_size_raises_an_error():
    with pytest.raises(ValueError, match="SupportContext expected embeddings of known size D"):
        SupportContext()(keras.Input((5, None)))


# --- QueryContext


@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("images", [1, 7])
def test_a_query_gets_the_hidden_state_of_an_lstm_that_attends_to_the_support(steps, images):
    layer, query, support = query_context(steps), vectors(8, 2, 3, D), vectors(9, 2, images, D)
    expected = query_by_hand(layer, query, support, steps)
    np.testing.assert_allclose(numpy(layer(query, support)), expected, rtol=1e-3, atol=1e-5)
    if steps > 1:
        assert np.abs(expected - query_by_hand(layer, query, support, steps - 1)).max() > 0.01


def test_a_new_lstm_starts_with_no_bias_and_an_open_forget_gate():
    # With zero weights, the gates are sigmoid(0), the forget gate is sigmoid(1), and only the bias
    # makes a state.
    layer = QueryContext(steps=2)
    layer.build((None, None, 1), (None, None, 1))
    assert (layer.get_weights()[2] == 0).all()
    layer.set_weights([np.zeros((1, 4)), np.zeros((2, 4)), np.array([0.0, 0.0, 3.0, 0.0])])
    c = 0.5 * np.tanh(3)
    c = sigmoid(1) * c + 0.5 * np.tanh(3)
    found = numpy(layer(np.array([[[2.0]]]), np.array([[[7.0]]])))
    np.testing.assert_allclose(found, [[[0.5 * np.tanh(c) + 2]]], rtol=1e-5)


def test_permuting_the_support_changes_no_query():
    layer, query, support = query_context(3), vectors(10, 2, 3, D), vectors(11, 2, 7, D)
    order = np.random.default_rng(0).permutation(7)
    np.testing.assert_allclose(
        numpy(layer(query, support[:, order])), numpy(layer(query, support)), atol=1e-5
    )


def test_queries_do_not_see_each_other_or_other_episodes():
    layer, query, support = query_context(3), vectors(12, 2, 3, D), vectors(13, 2, 5, D)
    together = numpy(layer(query, support))
    for e, q in np.ndindex(2, 3):
        alone = numpy(layer(query[e : e + 1, q : q + 1], support[e : e + 1]))
        np.testing.assert_allclose(alone[0, 0], together[e, q], atol=1e-5)


def context_model(steps):
    """Both layers, as in the matching network."""
    query, support = keras.Input((None, D)), keras.Input((None, D))
    return keras.Model([query, support], query_context(steps)(query, support_context()(support)))


def test_one_model_takes_any_number_of_queries_and_images_and_survives_saving(tmp_path):
    model = context_model(steps=2)
    model.save(tmp_path / "context.keras")
    loaded = keras.models.load_model(tmp_path / "context.keras", safe_mode=True)
    of_support, of_query = (
        next(x for x in model.layers if isinstance(x, kind))
        for kind in (SupportContext, QueryContext)
    )
    for episodes, queries, images in ((1, 1, 1), (2, 5, 3), (3, 2, 20)):
        x = [vectors(14, episodes, queries, D), vectors(15, episodes, images, D)]
        found = numpy(model(x))
        expected = query_by_hand(of_query, x[0], support_by_hand(of_support, x[1]), steps=2)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(numpy(loaded(x)), found, rtol=1e-6)


def test_training_changes_every_weight_of_both():
    model = context_model(steps=2)
    model.compile(keras.optimizers.SGD(0.1), loss="mean_squared_error", run_eagerly=True)
    before = [weight.copy() for weight in model.get_weights()]
    model.train_on_batch([vectors(16, 2, 3, D), vectors(17, 2, 5, D)], vectors(18, 2, 3, D))
    assert len(before) == 3 + 6
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.isfinite(new).all() and (old != new).any()


def test_config_restores_the_layers():
    for layer in (
        SupportContext(name="support_context"),
        QueryContext(3, name="query_context"),
        QueryContext(),
    ):
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config() and again.name == layer.name
    assert QueryContext.from_config(QueryContext(3).get_config()).steps == 3


def test_the_query_context_has_the_shape_of_the_queries_and_keeps_unknown_sizes():
    assert QueryContext().compute_output_shape((2, 3, D), (2, 5, D)) == (2, 3, D)
    assert tuple(QueryContext()(vectors(19, 2, 3, D), vectors(20, 2, 5, D)).shape) == (2, 3, D)
    assert QueryContext()(keras.Input((None, D)), keras.Input((None, D))).shape == (None, None, D)


@pytest.mark.parametrize(
    ("query", "support"),
    [
        ((1, 3, 4), (1, 5, 6)),  # a different size
        ((2, 3, 4), (1, 5, 4)),  # a different number of episodes
        ((3, 4), (5, 4)),  # no episode axis
        ((1, 3, 2, 2, 4), (1, 5, 2, 2, 4)),  # feature maps
    ],
)
def test_wrong_shapes_raise_an_error_that_names_them(query, support):
    with pytest.raises(ValueError) as error:
        QueryContext()(np.zeros(query), np.zeros(support))
    assert "QueryContext expected query of shape (B, Q, D) and support of shape (B, S, D)" in str(
        error.value
    )
    assert f"query.shape={query}, support.shape={support}" in str(error.value)


def test_embeddings_of_another_size_than_it_was_built_for_raise_an_error():
    for layer, x in (
        (support_context(), [np.zeros((1, 2, D + 1))]),
        (query_context(2), [np.zeros((1, 2, D + 1)), np.zeros((1, 3, D + 1))]),
    ):
        with pytest.raises(
            ValueError, match=r"axis -1 of input shape to have value 4, but received .*\(1, 2, 5\)"
        ):
            layer(*x)


@pytest.mark.parametrize("steps", [0, -1, 1.5, "2", None])
def test_steps_that_are_not_an_integer_of_at_least_1_raise_an_error(steps):
    with pytest.raises(
        ValueError,
        match=f"`steps` of QueryContext. .* integer of at least 1. Received: steps={steps!r}",
    ):
        QueryContext(steps)
