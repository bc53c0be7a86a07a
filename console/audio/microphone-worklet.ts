/** Runs on the audio thread: hands samples to the page in pieces of `CHUNK_SECONDS`, as they are. */
import { CHUNK_SECONDS } from './source.ts';

class Microphone extends AudioWorkletProcessor {
  #chunk = new Float32Array(Math.round(CHUNK_SECONDS * sampleRate));
  #filled = 0;

  override process([input]: readonly (readonly Float32Array[])[]): boolean {
    let samples = input?.[0] ?? new Float32Array(0); // no channel while the device is silent at its start
    while (samples.length > 0) {
      const taken = samples.subarray(0, this.#chunk.length - this.#filled);
      this.#chunk.set(taken, this.#filled);
      this.#filled += taken.length;
      samples = samples.subarray(taken.length);
      if (this.#filled < this.#chunk.length) break;
      const full = this.#chunk;
      this.#chunk = new Float32Array(full.length);
      this.#filled = 0;
      this.port.postMessage(full, [full.buffer]);
    }
    return true;
  }
}

registerProcessor('microphone', Microphone);
