"""The networks of the page: which of the shipped ones, and their weights as half floats."""

import base64

import numpy as np

from fslkeras import networks

# Without unlabelled images, the semi-supervised network is a prototypical one.
SHIPPED = {
    "siamese": "siamese",
    "prototypical": "semi_supervised",
    "relation": "relation",
    "matching": "matching",
}


def load():
    """Each network by its name on the page: a `keras.Model`, its weights rounded to half floats."""
    models = {name: networks.pretrained(shipped) for name, shipped in SHIPPED.items()}
    for model in models.values():
        model.set_weights([weight.astype("float16") for weight in model.get_weights()])
    return models


def packed(models):
    """What weights.js reads: half floats in base64, and the shapes of each network's arrays."""
    arrays = {name: model.get_weights() for name, model in models.items()}
    arrays["prototypical"] = arrays["prototypical"][:20]  # the encoder's
    flat = [array.astype("<f2").ravel() for each in arrays.values() for array in each]
    shapes = {name: [array.shape for array in each] for name, each in arrays.items()}
    return base64.b64encode(np.concatenate(flat).tobytes()).decode(), shapes


def encoder(model):
    """The `keras.Model` of a network that embeds one image."""
    if model.name == "siamese":
        return next(layer for layer in model.layers if hasattr(layer, "layers"))
    return model.get_layer("encode").encoder
