"""What comes through tensorflow-datasets, which downloads a dataset once."""

import contextlib
import os
import tempfile
import urllib.error
import urllib.request


def prepared(name, title, address):
    """A dataset's builder, and its splits as `tf.data.Dataset`s of examples whose "image" is an encoded file.

    `title` is what an error calls it, `address` a page on its server. Raises `FileNotFoundError` without it.
    """
    try:
        import tensorflow_datasets as tfds

        tfds.display_progress_bar(False)
        builder = tfds.builder(name, data_dir=os.environ.get("TFDS_DATA_DIR"))
        if not builder.is_prepared():
            # tensorflow-datasets itself tries for minutes without a network, and leaves pieces of its downloads behind.
            with contextlib.suppress(
                urllib.error.HTTPError
            ):  # whatever the server answers, it can be reached
                urllib.request.urlopen(address, timeout=20).close()
            with tempfile.TemporaryDirectory() as folder:
                builder.download_and_prepare(download_dir=folder)
        return builder, builder.as_dataset(decoders={"image": tfds.decode.SkipDecoding()})
    except Exception as error:  # tensorflow-datasets raises a different one for each way in which a download can fail
        raise FileNotFoundError(
            f"{title} is not in tensorflow-datasets' folder and could not be downloaded "
            f"({type(error).__name__}: {error}). Install tensorflow-datasets, go online once and load it again; or set TFDS_DATA_DIR to a "
            "folder that holds it; or use load('glyphs'), which needs no download."
        ) from error
