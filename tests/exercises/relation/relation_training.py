"""Answers to `checks.relation_training`, chapter 3."""

from training_records import as_trained, right, wrong

import fslkeras

PLAIN = (300, 0.5872, 0.5328)  # 5-way, squared error, a constant learning rate of 0.001


def small(filters=4, **options):
    encoder = fslkeras.encoders.conv4(filters=filters, pooled_blocks=2, flatten=False)
    return fslkeras.networks.relation(encoder, filters=filters, **options)


def shipped():
    return as_trained(fslkeras.networks.pretrained("relation"))


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
    # At the limits: just enough, in few or all steps, better or a little worse elsewhere.
    (300, 0.8400, 0.8300),
    (300, 0.8400, 0.8400),
    (300, 0.8400, 0.7801),
    (300, 0.8400, 0.9000),
    (300, 0.8401, 0.8000),
    (300, 1.0000, 1.0000),
    (300, 0.9500, 0.8901),
    (299, 0.8500, 0.8600),
    (200, 0.8600, 0.8300),
    (100, 0.8500, 0.8200),
    (50, 0.8450, 0.8400),
    (1, 0.8400, 0.9000),
)


def siamese_episodes():
    return as_trained(
        fslkeras.networks.episode_model(
            fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=16))
        )
    )


wrong(
    "relation_training",
    (shipped, "was trained before"),
    (siamese_episodes, "compares as a Siamese network"),
    (PLAIN, "The target is 84.0 %"),
    (PLAIN, "find out about the loss"),
    ((300, 0.8399, 0.8300), "Close."),
    ((300, 0.8000, 0.7900), "Close."),
    ((300, 0.7801, 0.8300), "Close."),
    ((300, 0.7799, 0.7800), "find out about the loss"),
    ((300, 0.2000, 0.2100), "The target is 84.0 %"),  # still on the plateau
    ((1, 0.0510, 0.0490), "The target is 84.0 %"),  # random weights
    ((100, 0.0300, 0.0300), "The target is 84.0 %"),
    ((300, 0.0299, 0.0300), "below chance"),
    ((300, 0.0500, 0.0511), "the same score"),
    ((300, 0.8400, 0.7799), "Did it train on the validation alphabets?"),
    ((300, 1.0000, 0.9399), "Did it train on the validation alphabets?"),
    ((301, 0.9500, 0.9500), "300 are allowed"),
    ((1600, 0.9250, 0.9121), "300 are allowed"),  # the chapter's own network
    ((4000, 0.9600, 0.9520), "300 are allowed"),  # the network that comes with the course
    ((0, 0.9600, 0.9520), "was not trained"),  # the same, with its optimizer reset
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
