#!/bin/sh
# Makes containers/: one short signal (a tone of 440 Hz in 0.3 s, 22,050 Hz, two channels, the second 12 dB lower) as
# other programs write it. Made by ffmpeg 5.1.
set -eu
cd "$(dirname "$0")"
mkdir -p containers
tone="sine=frequency=440:sample_rate=22050:duration=0.3,pan=stereo|c0=c0|c1=0.25*c0"
encode() { ffmpeg -v error -y -bitexact -f lavfi -i "$tone" "$@"; }
encode -c:a pcm_s16le containers/tone.wav
encode -c:a flac containers/tone.flac
encode -c:a libmp3lame -b:a 48k containers/tone.mp3
encode -c:a libvorbis containers/tone.ogg
encode -c:a libopus -b:a 48k -ar 48000 containers/tone.opus
encode -c:a aac -b:a 48k containers/tone.m4a
encode -c:a pcm_s16be containers/tone.aiff
