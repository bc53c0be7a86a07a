"""Makes resample.json: a band-limited signal through libsamplerate's best, and, for the bench, how that and soxr pass
and stop single tones. (soxr is no reference for the signal: its gain falls by 0.0025 dB at 0.8 of the band.)

    python -m venv venv && venv/bin/pip install soxr==1.1.0 samplerate==0.2.4 numpy
    venv/bin/python resample.py
"""

import json
from pathlib import Path

import numpy as np
import samplerate
import soxr

INPUT_RATES = [8000, 11025, 22050, 44100, 48000, 96000, 384000]
OUTPUT_RATE = 16000
SECONDS = 0.04
# Shares of the lower Nyquist frequency, and of the way from it to the higher one.
PASS_BAND = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.93, 0.95, 0.97]
STOP_BAND = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]

PEERS = {
    "libsamplerate best": lambda x, a, b: samplerate.resample(x.astype(np.float32), b / a, "sinc_best"),
    "soxr very high": lambda x, a, b: soxr.resample(x, a, b, quality="VHQ"),
    "soxr high": lambda x, a, b: soxr.resample(x, a, b, quality="HQ"),
}


def tones(rate: int) -> np.ndarray:
    """Tones of 0.1, 0.4 and 0.8 times the lower Nyquist frequency that swell and fade."""
    nyquist = min(rate, OUTPUT_RATE) / 2
    time = np.arange(round(SECONDS * rate)) / rate
    swell = np.sin(np.pi * time / SECONDS) ** 4
    return swell * sum(0.3 * np.sin(2 * np.pi * share * nyquist * time) for share in (0.1, 0.4, 0.8))


def tone(hz: float, rate: int) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(rate) / rate)


def fit(samples: np.ndarray, hz: float, rate: int) -> tuple[float, float]:
    """Of the middle half of `samples`: dB of the tone at `hz`, and dB of everything else."""
    start = len(samples) // 4
    middle = samples[start : len(samples) - start].astype(np.float64)
    angle = 2 * np.pi * hz * np.arange(start, start + len(middle)) / rate
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    weights = np.linalg.lstsq(basis, middle, rcond=None)[0]
    rest = middle - basis @ weights
    return 10 * np.log10(np.sum(weights**2) + 1e-30), 10 * np.log10(2 * np.mean(rest**2) + 1e-30)


def total(samples: np.ndarray) -> float:
    """dB of the middle half, 0 for a tone of amplitude 1."""
    start = len(samples) // 4
    return 10 * np.log10(2 * np.mean(samples[start : len(samples) - start].astype(np.float64) ** 2) + 1e-30)


def figures(convert, rate: int) -> dict:
    lower, higher = min(rate, OUTPUT_RATE) / 2, max(rate, OUTPUT_RATE) / 2
    passed = [fit(convert(tone(s * lower, rate), rate, OUTPUT_RATE), s * lower, OUTPUT_RATE)[0] for s in PASS_BAND]
    if rate > OUTPUT_RATE:  # tones that the output cannot carry: all that comes out is aliases
        tones_above = [lower + s * (higher - lower) for s in STOP_BAND]
        stopped = [total(convert(tone(hz, rate), rate, OUTPUT_RATE)) for hz in tones_above]
    else:  # tones up to the input's Nyquist frequency: all that comes out beside them is images
        tones_below = [lower * (1 - s) for s in STOP_BAND]
        stopped = [fit(convert(tone(hz, rate), rate, OUTPUT_RATE), hz, OUTPUT_RATE)[1] for hz in tones_below]
    return {"pass": [round(x, 4) for x in passed], "stop": [round(x, 1) for x in stopped]}


def main() -> None:
    cases = []
    for rate in INPUT_RATES:
        outputs = PEERS["libsamplerate best"](tones(rate), rate, OUTPUT_RATE)
        peers = {name: figures(convert, rate) for name, convert in PEERS.items()}
        cases.append({"inputRate": rate, "outputs": [round(float(x), 8) for x in outputs], "peers": peers})
    golden = {"outputRate": OUTPUT_RATE, "seconds": SECONDS, "passBand": PASS_BAND, "stopBand": STOP_BAND, "cases": cases}
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
