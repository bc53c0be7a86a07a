#!/usr/bin/env bash
# Makes the audio seeds: a tone and noise of 30 ms in every container and codec that is read here or refused by name. Needs sox and ffmpeg.
set -eu
cd "$(dirname "$0")"
make() { # FOLDER/NAME.TYPE, options of the file, channels
  mkdir -p "$(dirname "$1")"
  sox -R -D -n -r 8000 -c "${3:-1}" ${2:-} "$1" synth 0.03 sine 440 vol 0.5
}
make audio-wav/pcm16.wav '-b 16'
make audio-wav/pcm8.wav '-b 8 -e unsigned-integer'
make audio-wav/pcm24-stereo.wav '-b 24' 2
make audio-wav/pcm32.wav '-b 32 -e signed-integer'
make audio-wav/float32.wav '-b 32 -e floating-point'
make audio-wav/float64.wav '-b 64 -e floating-point'
make audio-wav/alaw.wav '-e a-law'
make audio-wav/mulaw.wav '-e mu-law'
make audio-wav/gsm.wav '-e gsm-full-rate'
make audio-wav/ima-adpcm.wav '-e ima-adpcm'
make audio-wav/ima-adpcm-stereo.wav '-e ima-adpcm' 2
make audio-wav/ms-adpcm.wav '-e ms-adpcm'
make audio-wav/ms-adpcm-stereo.wav '-e ms-adpcm' 2
make audio-wav/rifx.wav '-B -b 16'
make audio-w64/pcm16.w64 '-b 16'
make audio-w64/mulaw.w64 '-e mu-law'
make audio-aiff/pcm16.aiff '-b 16'
make audio-aiff/pcm8-stereo.aiff '-b 8' 2
make audio-aiff/pcm24.aiff '-b 24'
make audio-au/pcm16.au '-b 16'
make audio-au/mulaw.au '-e mu-law'
make audio-au/float32.au '-b 32 -e floating-point' 2
make audio-au/little.au '-L -b 16'
convert() { # FILE, options of ffmpeg
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  ffmpeg -v error -y -i audio-wav/pcm16.wav -fflags +bitexact -flags +bitexact "$@" "$file"
}
convert audio-wav/rf64.wav -rf64 always
convert audio-aiff/sowt.aifc -c:a pcm_s16le -f aiff
convert audio-aiff/float32.aifc -c:a pcm_f32be -f aiff
convert audio-aiff/mulaw.aifc -c:a pcm_mulaw -f aiff
convert audio-aiff/ima4.aifc -c:a adpcm_ima_qt -f aiff
convert audio-caf/pcm16.caf -c:a pcm_s16be
convert audio-caf/float32.caf -c:a pcm_f32le
convert audio-caf/mulaw.caf -c:a pcm_mulaw
convert audio-caf/alac.caf -c:a alac
