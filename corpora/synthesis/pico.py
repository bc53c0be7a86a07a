"""Says texts with SVOX Pico: `python pico.py FOLDER`, where FOLDER/jobs.json is
{"language": "en-GB", "jobs": [{"text": "seven", "rate": 100, "pitch": 100}]}; writes FOLDER/0.pcm, 1.pcm, ..., 16-bit mono at 16 kHz."""

import json
import os
import sys

from ttspico import TtsEngine

folder = sys.argv[1]
with open(os.path.join(folder, "jobs.json"), encoding="utf-8") as file:
    request = json.load(file)
engine = TtsEngine(request["language"])
for index, job in enumerate(request["jobs"]):
    engine.rate, engine.pitch = job["rate"], job["pitch"]
    with open(os.path.join(folder, f"{index}.pcm"), "wb") as file:
        file.write(engine.speak(job["text"]) or b"")
