"""Makes block-codecs.json: short recordings in blocks as sox 14.4.2 and ffmpeg 5.1 write them, with the samples that they
read back. `python3 tests/golden/audio/block-codecs.py`.

ADPCM in WAV is read back by sox, as the recommendation has it: ffmpeg rounds otherwise. GSM in AIFC is made of frames that
sox writes without a container, since neither program writes it.
"""

import base64
import json
import pathlib
import struct
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
SPEECH = HERE / "../../../samples/two-numbers.wav"


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout


def encode(data):
    return base64.b64encode(data).decode()


def chunk(name, content):
    return name + struct.pack(">I", len(content)) + content + bytes(len(content) % 2)


def gsm_in_aifc(frames):
    count = len(frames) // 33
    rate = bytes.fromhex("400bfa00000000000000")
    common = struct.pack(">HIH", 1, count, 16) + rate + b"GSM \0\0"
    body = b"AIFC" + chunk(b"COMM", common) + chunk(b"SSND", bytes(8) + frames)
    return chunk(b"FORM", body)


with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder)
    mono, stereo = work / "mono.wav", work / "stereo.wav"
    run("sox", "-D", SPEECH, "-b", 16, "-r", 8000, mono, "remix", 1, "trim", 0.55, "2002s")
    run("sox", "-D", "-M", mono, "|sox -D %s -p reverse" % mono, stereo)

    def case(name, path, container, read):
        options = {"sox": ("sox", "-D", path, "-t", "s16", "-"), "ffmpeg": ("ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-")}
        channels = 2 if "stereo" in name else 1
        return {"name": name, "container": container, "channelCount": channels, "file": encode(path.read_bytes()), "samples": encode(run(*options[read]))}

    cases = []
    for codec in ("ima-adpcm", "ms-adpcm"):
        for name, source in (("mono", mono), ("stereo", stereo)):
            path = work / f"{name}-{codec}.wav"
            run("sox", "-D", source, "-e", codec, path)
            cases.append(case(f"{codec}, {name}, in WAV by sox", path, "wav", "sox"))
    for name, source in (("mono", mono), ("stereo", stereo)):
        for container, extension in (("aiff", "aifc"), ("caf", "caf")):
            path = work / f"{name}.{extension}"
            run("ffmpeg", "-v", "error", "-i", source, "-c:a", "adpcm_ima_qt", path)
            cases.append(case(f"ima4, {name}, in {extension.upper()} by ffmpeg", path, container, "ffmpeg"))
    gsm = work / "gsm.wav"
    run("sox", "-D", mono, "-e", "gsm-full-rate", gsm)
    cases.append(case("GSM 6.10 in WAV by sox", gsm, "wav", "sox"))
    frames = work / "mono.gsm"
    run("sox", "-D", mono, frames)
    aifc = work / "gsm.aifc"
    aifc.write_bytes(gsm_in_aifc(frames.read_bytes()))
    cases.append({**case("GSM 6.10 in AIFC", frames, "aiff", "sox"), "file": encode(aifc.read_bytes())})

(HERE / "block-codecs.json").write_text(json.dumps(cases, indent=1) + "\n")
