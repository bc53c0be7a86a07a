"""Makes log-mel.json: features by kaldi-native-fbank of one short signal.

    python -m venv venv && venv/bin/pip install kaldi-native-fbank==1.23.0 numpy
    venv/bin/python log-mel.py
"""

import base64
import json
from pathlib import Path

import kaldi_native_fbank as knf
import numpy as np

SECONDS = 0.35


def speech_like(sample_rate: int) -> np.ndarray:
    """Gliding harmonics under formants, a loud and a quiet part, an offset and a noise floor of -50 dBFS; int16.

    The reference computes in float32: without the floor its own distance from the definition evaluated in float64
    reaches 2.4e-4 in bands 70 dB below the loudest.
    """
    generator = np.random.default_rng(7)
    time = np.arange(int(SECONDS * sample_rate)) / sample_rate
    pitch = 110 + 60 * time
    phase = 2 * np.pi * np.cumsum(pitch) / sample_rate
    voice = np.zeros_like(time)
    for harmonic in range(1, 60):
        hz = harmonic * pitch
        gain = sum(1 / (1 + ((hz - centre) / width) ** 2) for centre, width in ((500, 80), (1500, 120), (2500, 200)))
        voice += np.where(hz < sample_rate / 2, gain, 0) * np.sin(harmonic * phase)
    noise = generator.standard_normal(time.size)
    envelope = np.where(time < 0.2, 1.0, 0.02)
    signal = envelope * 0.1 * voice + 0.003 * noise + 0.003
    return np.clip(np.round(signal * 32767), -32768, 32767).astype(np.int16)


def options(config: dict) -> knf.FbankOptions:
    made = knf.FbankOptions()
    frame, mel = made.frame_opts, made.mel_opts
    frame.samp_freq = config["sampleRate"]
    frame.frame_length_ms = 1000 * config["frameLength"] / config["sampleRate"]
    frame.frame_shift_ms = 1000 * config["hopLength"] / config["sampleRate"]
    frame.dither = 0
    frame.preemph_coeff = config["preemphasis"]
    frame.remove_dc_offset = config["removeDcOffset"]
    frame.window_type = "hanning" if config["window"] == "hann" else config["window"]
    frame.round_to_power_of_two = True
    frame.snip_edges = True
    mel.num_bins = config["bandCount"]
    mel.low_freq = config["lowHz"]
    mel.high_freq = config["highHz"]
    made.use_energy = False
    return made


def case(name: str, samples: np.ndarray, **config) -> dict:
    config = {"energyFloor": 1.1920929e-7, **config}
    fbank = knf.OnlineFbank(options(config))
    fbank.accept_waveform(config["sampleRate"], (samples / 32768).astype(np.float32).tolist())
    fbank.input_finished()
    rows = [[round(float(x), 5) for x in fbank.get_frame(i)] for i in range(fbank.num_frames_ready)]
    return {
        "name": name,
        "config": config,
        "samples": base64.b64encode(samples.astype("<i2").tobytes()).decode(),
        "rows": rows,
    }


def main() -> None:
    wide, narrow = speech_like(16000), speech_like(8000)
    with_silence = np.concatenate([np.zeros(1200, np.int16), wide[:2400]])
    codes = dict(sampleRate=16000, frameLength=400, hopLength=160, fftLength=512, bandCount=40, lowHz=64, highHz=7600,
                 window="povey", preemphasis=0.97, removeDcOffset=True)
    cases = [
        case("40 bands of 64-7600 Hz, povey", wide, **codes),
        case("after digital silence", with_silence, **codes),
        case("80 bands, hann, no pre-emphasis", wide, **{**codes, "bandCount": 80, "lowHz": 20, "highHz": 8000,
                                                         "window": "hann", "preemphasis": 0}),
        case("offset kept, hamming, frames of a whole FFT", wide, **{**codes, "frameLength": 512, "window": "hamming",
                                                                     "removeDcOffset": False}),
        case("80 bands at 8 kHz", narrow, **{**codes, "sampleRate": 8000, "frameLength": 200, "hopLength": 80,
                                             "fftLength": 256, "bandCount": 80, "lowHz": 64, "highHz": 4000}),
    ]
    Path(__file__).with_suffix(".json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
