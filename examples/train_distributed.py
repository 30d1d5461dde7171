"""Trains a prototypical network on the glyphs, on one machine or on several.

    python examples/train_distributed.py

trains on this machine. On each of N machines, start the same command, with KERAS_BACKEND=jax and

    --coordinator HOST:PORT --processes N --process K

where K counts from 0, HOST is the machine of process 0, and PORT is a free port there. Each process
gets its share of every batch, so the losses are those of one process. Each epoch ends with a
checkpoint in --folder, which all machines must share. If a process dies, start all of them again:
training resumes at the last checkpoint. docs/devices.md says more.
"""

import argparse
from pathlib import Path

import keras

import fslkeras.layers  # registers them, for load_model
import fslkeras.metrics


def main(*callbacks):
    """Trains or resumes. `callbacks` are further ones for `fit`."""
    args = arguments()
    connect(args)
    train, validation = (fslkeras.datasets.load("glyphs", x) for x in ("train", "validation"))
    options = {"way": args.way, "shot": 1, "query": 5, "batch_size": args.batch_size}
    options["shard"] = (args.process, args.processes)
    examples = fslkeras.Episodes(train, steps=args.steps, **options)
    held_out = fslkeras.Episodes(
        validation, steps=max(1, args.steps // 10), resample=False, **options
    )

    args.folder.mkdir(parents=True, exist_ok=True)
    checkpoints = sorted(args.folder.glob("epoch_*.keras"))
    examples.epoch = int(checkpoints[-1].stem.removeprefix("epoch_")) if checkpoints else 0
    if args.processes > 1:  # otherwise they would train, each from another epoch
        from jax.experimental.multihost_utils import assert_equal

        assert_equal(examples.epoch, f"The machines see different checkpoints in {args.folder}.")
    model = keras.models.load_model(checkpoints[-1]) if checkpoints else new_model()

    def save(epoch, logs):
        # All processes must call this, since Keras compares their weights. One file is enough.
        own = args.folder / f"process_{args.process}.keras"
        model.save(own)
        if args.process == 0:  # a checkpoint gets its name when it is complete
            own.replace(args.folder / f"epoch_{epoch + 1:04d}.keras")
        else:
            own.unlink()

    callbacks += (keras.callbacks.LambdaCallback(on_epoch_end=save),)
    if args.process == 0:
        callbacks += (keras.callbacks.CSVLogger(args.folder / "log.csv", append=True),)
    model.fit(
        examples,
        validation_data=held_out,
        epochs=args.epochs,
        initial_epoch=examples.epoch,
        shuffle=False,  # batches in order, so that a resumed run equals an unbroken one
        verbose=2 if args.process == 0 else 0,
        callbacks=list(callbacks),
    )


def connect(args):
    """Connects the processes, and divides each batch among all of their devices."""
    if args.processes > 1:
        keras.distribution.initialize(args.coordinator, args.processes, args.process)
    if keras.backend.backend() == "jax":
        # `Episodes` gives each process its share, so Keras need not divide the data again.
        parallel = keras.distribution.DataParallel(auto_shard_dataset=False)
        keras.distribution.set_distribution(parallel)


def new_model():
    keras.utils.set_random_seed(0)
    model = fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=32))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss, metrics=[fslkeras.metrics.EpisodeAccuracy()])
    return model


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--coordinator", metavar="HOST:PORT", help="where process 0 listens, for all the same")
    add("--processes", type=int, default=1, metavar="N", help="number of processes")
    add("--process", type=int, default=0, metavar="K", help="number of this one, from 0 to N - 1")
    add("--folder", type=Path, default="build/distributed", help="for checkpoints and log.csv")
    add("--epochs", type=int, default=20)
    add("--steps", type=int, default=100, help="batches per epoch")
    add("--batch-size", type=int, default=4, help="episodes per batch, over all processes")
    add("--way", type=int, default=5, help="classes per episode")
    args = parser.parse_args()
    if args.processes > 1 and (not args.coordinator or keras.backend.backend() != "jax"):
        parser.error("several processes need --coordinator HOST:PORT and KERAS_BACKEND=jax")
    return args


if __name__ == "__main__":
    main()
