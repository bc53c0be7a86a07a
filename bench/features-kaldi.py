"""CPU seconds that kaldi-native-fbank needs for some seconds of noise: `features-kaldi.py '{"seconds": 60, ...}'`.

Its binding takes a list, number by number; that is timed apart (frames 10 s apart cost next to nothing else).
"""

import json
import random
import sys
import time

import kaldi_native_fbank as knf


def options(config: dict, shift_ms: float) -> knf.FbankOptions:
    made = knf.FbankOptions()
    frame, mel = made.frame_opts, made.mel_opts
    frame.samp_freq = config["sampleRate"]
    frame.frame_length_ms = 1000 * config["frameLength"] / config["sampleRate"]
    frame.frame_shift_ms = shift_ms
    frame.dither = 0
    frame.preemph_coeff = config["preemphasis"]
    frame.remove_dc_offset = config["removeDcOffset"]
    frame.window_type = config["window"]
    frame.snip_edges = True
    mel.num_bins = config["bandCount"]
    mel.low_freq = config["lowHz"]
    mel.high_freq = config["highHz"]
    return made


def cpu_seconds(made: knf.FbankOptions, rate: float, samples: list) -> float:
    start = time.process_time()
    knf.OnlineFbank(made).accept_waveform(rate, samples)
    return time.process_time() - start


def main() -> None:
    request = json.loads(sys.argv[1])
    config, rate = request["config"], request["config"]["sampleRate"]
    samples = [random.uniform(-0.5, 0.5) for _ in range(request["seconds"] * rate)]
    shift_ms = 1000 * config["hopLength"] / rate
    runs = range(request["runs"])
    whole = min(cpu_seconds(options(config, shift_ms), rate, samples) for _ in runs)
    conversion = min(cpu_seconds(options(config, 10_000), rate, samples) for _ in runs)
    print(json.dumps({"whole": whole, "conversion": conversion}))


if __name__ == "__main__":
    main()
