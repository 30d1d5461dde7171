"""Answers to `checks.matching_training`, chapter 4."""

import keras
from keras import ops
from training_records import as_trained, not_trained, right, wrong

import fslkeras
from fslkeras import layers

PLAIN = (300, 0.4559, 0.4055)  # 5-way, plain cosines, a constant learning rate of 0.001

right(
    "matching_training",
    # the solution: 60-way, only the support normalized, a learning rate that decays from 0.004 to 0
    (300, 0.8863, 0.8734),
    (300, 0.8761, 0.8663),  # 40-way, cosines times 30
    (300, 0.8603, 0.8432),  # 40-way, a learned scale, three epochs of 100 steps
    (300, 0.8400, 0.8300),  # just enough
)


def prototypical():
    return as_trained(not_trained())


def scored_by(scores):
    """Builds a network whose head is a function of the queries, the support and its labels."""

    def network():
        inputs = fslkeras.networks.episode_inputs((16,))
        outputs = scores(inputs["query"], inputs["support"], inputs["support_labels"])
        head = keras.Model(inputs, outputs, name="head")
        return as_trained(fslkeras.networks.compose(fslkeras.encoders.conv4(filters=16), head))

    return network


def cosines(query, support):
    support = ops.transpose(ops.normalize(support, axis=-1), (0, 2, 1))
    return ops.matmul(ops.normalize(query, axis=-1), support)


def probabilities(query, support, labels):
    return ops.matmul(ops.softmax(10 * cosines(query, support)), labels)


def not_divided_by_the_sum(query, support, labels):
    return ops.log(ops.matmul(ops.exp(10 * cosines(query, support)), labels))


def to_prototypes(query, support, labels):
    distances = layers.Distance("squared_euclidean")(query, layers.Prototypes()(support, labels))
    return ops.log_softmax(-distances)


def probabilities_of_prototypes(query, support, labels):
    return ops.exp(to_prototypes(query, support, labels))


def attention_to_prototypes(query, support, labels):
    by_class = ops.matmul(ops.transpose(labels, (0, 2, 1)), labels)
    prototypes = layers.Prototypes()(support, labels)
    return layers.AttentionClassifier()(query, prototypes, ops.minimum(by_class, 1))


def sums_of_cosines(query, support, labels):
    return ops.matmul(cosines(query, support), labels)


def trained_encoder_frozen():
    """A published encoder, frozen, so that only the scale is trained."""
    encoder = fslkeras.networks.pretrained("matching").get_layer("encode").encoder
    encoder.trainable = False
    return as_trained(fslkeras.networks.matching(encoder, normalize="both", scale="learned"), 10)


def frozen_afterwards():
    network = as_trained(fslkeras.networks.matching(fslkeras.encoders.conv4(filters=16)))
    network.trainable = False
    return network


def augmented():
    """An encoder that rotates images in training only."""
    rotate = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.RandomRotation(0.1),
            fslkeras.encoders.conv4(filters=16),
        ]
    )
    return as_trained(fslkeras.networks.matching(rotate))


def mixed_precision():
    """A network with the optimizer that Keras chooses for half precision."""
    network = fslkeras.networks.matching(fslkeras.encoders.conv4(filters=16))
    network.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()), "mse")
    network.optimizer.build(network.trainable_variables)
    network.optimizer.inner_optimizer.iterations.assign(300)
    return network


def fails_in_a_layer(query, support, labels):
    class Fails(keras.layers.Layer):
        def call(self, query, support, labels):
            if len(keras.ops.shape(query)) == 3 and query.shape[0] == 1:
                raise ValueError("two axes are missing")
            return ops.matmul(cosines(query, support), labels)

    return Fails()(query, support, labels)


wrong(
    "matching_training",
    (augmented, "after 300 steps. The target is 84.0 %"),
    (mixed_precision, "after 300 steps. The target is 84.0 %"),
    (scored_by(fails_in_a_layer), "ValueError: two axes are missing"),
    (prototypical, "compares as a prototypical network"),
    (scored_by(to_prototypes), "compares as a prototypical network"),
    (scored_by(probabilities_of_prototypes), "expected a matching network"),
    (scored_by(attention_to_prototypes), "expected a matching network"),
    (scored_by(sums_of_cosines), "expected a matching network"),
    (trained_encoder_frozen, "trained before"),
    # matching networks in other forms, which have random weights
    (scored_by(probabilities), "The target is 84.0 %"),
    (scored_by(not_divided_by_the_sum), "The target is 84.0 %"),
    (frozen_afterwards, "after 300 steps. The target is 84.0 %"),
    (PLAIN, "The target is 84.0 %"),
    (PLAIN, "how sure a softmax of cosines can be"),
    ((300, 0.8399, 0.8300), "Close."),
    (
        (300, 0.9514, 0.8328),
        "Did it train on the validation alphabets?",
    ),  # 40-way, trained on the validation alphabets
)
