"""Answers to `checks.relation_training`, chapter 3."""

import keras
from keras import ops
from training_records import as_trained, right, wrong

import fslkeras

PLAIN = (300, 0.5872, 0.5328)  # 5-way, squared error, a constant learning rate of 0.001


def small(filters=4, **options):
    encoder = fslkeras.encoders.conv4(filters=filters, pooled_blocks=2, flatten=False)
    return fslkeras.networks.relation(encoder, filters=filters, **options)


def shipped():
    return as_trained(fslkeras.networks.pretrained("relation"))


def with_the_shipped_module():
    """A new encoder, but the published relation module."""
    network = small(filters=32)
    published = fslkeras.networks.pretrained("relation").get_layer("head")
    network.get_layer("head").set_weights(published.get_weights())
    return as_trained(network)


def maps_alone():
    return as_trained(fslkeras.encoders.conv4(filters=4, pooled_blocks=2, flatten=False))


def head_alone():
    return as_trained(small().get_layer("head"))


def for_other_images():
    encoder = fslkeras.encoders.conv4(
        input_shape=(32, 32, 3), filters=4, pooled_blocks=2, flatten=False
    )
    return as_trained(fslkeras.networks.relation(encoder, filters=4))


def not_fitted():
    return as_trained(small(), steps=0)


def not_compiled():
    return small(reduction="mean")


def one_epoch_too_many():
    return as_trained(small(), steps=600)


right(
    "relation_training",
    (300, 0.9024, 0.8751),  # the solution
    (300, 0.8863, 0.8515),  # the cross-entropy of the logits
)


def siamese_episodes():
    return as_trained(
        fslkeras.networks.episode_model(
            fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=16))
        )
    )


def own_module():
    """A module of one's own, whose scores are logits."""
    inputs = fslkeras.networks.episode_inputs((4,))
    means = fslkeras.layers.Prototypes()(inputs["support"], inputs["support_labels"])
    pairs = [inputs["query"][:, :, None], means[:, None]]
    shape = ops.maximum(*(0 * part for part in pairs))
    pairs = ops.concatenate([part + shape for part in pairs], axis=-1)
    hidden = keras.layers.Dense(8, activation="relu")(pairs)
    head = keras.Model(inputs, keras.layers.Dense(1)(hidden)[..., 0], name="head")
    return as_trained(fslkeras.networks.compose(fslkeras.encoders.conv4(filters=4), head))


wrong(
    "relation_training",
    (own_module, "The target is 84.0 %"),
    (shipped, "was trained before"),
    (with_the_shipped_module, "was trained before"),
    (siamese_episodes, "compares as a Siamese network"),
    (PLAIN, "The target is 84.0 %"),
    (PLAIN, "find out about the loss"),
    ((1600, 0.9250, 0.9121), "300 are allowed"),  # the chapter's own network
    (maps_alone, "does not turn episodes"),
    (head_alone, "does not turn episodes"),
    (for_other_images, "does not turn episodes"),
    (not_fitted, "was not trained"),
    (not_compiled, "was not trained"),
    (one_epoch_too_many, "300 are allowed"),
    (fslkeras.Episodes, "expected the trained keras.Model"),
    ([0.88], "expected the trained keras.Model"),
    ({"accuracy": 0.88}, "expected the trained keras.Model"),
)
