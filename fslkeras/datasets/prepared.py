"""Datasets from tensorflow-datasets, which downloads each once."""

import contextlib
import os
import tempfile
import urllib.error
import urllib.request


def prepared(name, title, address):
    """Prepares a dataset, downloading it if necessary.

    Args:
        name: Name of the dataset in tensorflow-datasets.
        title: Its name in error messages.
        address: A page on the server that it comes from.
    Returns:
        tuple: The builder, and a dict of `tf.data.Dataset`s whose "image" is an encoded file.
    Raises:
        FileNotFoundError: If the dataset can be neither found nor downloaded.
    """
    try:
        import tensorflow_datasets as tfds

        tfds.display_progress_bar(False)
        builder = tfds.builder(name, data_dir=os.environ.get("TFDS_DATA_DIR"))
        if not builder.is_prepared():
            # Offline, tensorflow-datasets would retry for minutes and leave partial downloads.
            with contextlib.suppress(urllib.error.HTTPError):  # any response shows it is reachable
                urllib.request.urlopen(address, timeout=20).close()
            with tempfile.TemporaryDirectory() as folder:
                builder.download_and_prepare(download_dir=folder)
        return builder, builder.as_dataset(decoders={"image": tfds.decode.SkipDecoding()})
    except Exception as error:  # its type depends on how the download failed
        raise FileNotFoundError(
            f"{title} is not in the folder of tensorflow-datasets and could not be downloaded "
            f"({type(error).__name__}: {error}). Install tensorflow-datasets and load it once "
            "while online; or set TFDS_DATA_DIR to a folder that contains it; or use "
            "load('glyphs'), which needs no download."
        ) from error
