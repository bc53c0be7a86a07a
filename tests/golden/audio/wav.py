"""Makes wav.json: small files of every kind that libsndfile writes, with the samples that it reads back.

    python -m venv venv && venv/bin/pip install soundfile==0.14.0 numpy
    venv/bin/python wav.py
"""

import base64
import io
import json
from pathlib import Path

import numpy as np
import soundfile

KINDS = [
    ("WAV", "PCM_U8"), ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "PCM_32"), ("WAV", "FLOAT"), ("WAV", "DOUBLE"),
    ("WAV", "ALAW"), ("WAV", "ULAW"), ("WAVEX", "PCM_16"), ("WAVEX", "PCM_24"), ("WAVEX", "FLOAT"), ("WAVEX", "ULAW"),
    ("RF64", "PCM_16"), ("RF64", "FLOAT"),
]


def case(container: str, subtype: str) -> dict:
    steps = np.linspace(-1, 1, 33)
    samples = np.stack([steps, steps[::-1] ** 3], axis=1)
    file = io.BytesIO()
    soundfile.write(file, samples, 44100, format=container, subtype=subtype)
    read, rate = soundfile.read(io.BytesIO(file.getvalue()), dtype="float64")
    return {
        "name": f"{container} {subtype}",
        "sampleRate": rate,
        "file": base64.b64encode(file.getvalue()).decode(),
        "channels": read.T.tolist(),
    }


def g711(subtype: str) -> dict:
    """Every byte of the codec once, as one channel."""
    file = io.BytesIO()
    codes = np.arange(256, dtype=np.uint8).tobytes()
    with soundfile.SoundFile(file, "w", 8000, 1, format="WAV", subtype=subtype) as writer:
        writer.write(np.zeros(256))
    data = bytearray(file.getvalue())
    start = data.index(b"data") + 8
    data[start : start + 256] = codes
    read, rate = soundfile.read(io.BytesIO(bytes(data)), dtype="float64")
    return {
        "name": f"every byte of {subtype}",
        "sampleRate": rate,
        "file": base64.b64encode(bytes(data)).decode(),
        "channels": [read.tolist()],
    }


def main() -> None:
    cases = [case(*kind) for kind in KINDS] + [g711("ALAW"), g711("ULAW")]
    Path(__file__).with_suffix(".json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
