/** Everything that takes bytes from outside. Seeds stand in `corpus/NAME`; cases are those of `npm test`, about a minute in all. */
import type { FuzzTarget } from './target.ts';
import { COMPRESSED, recordings, SOUND_FILES } from './targets/audio.ts';
import { SERVER_MESSAGES } from './targets/client.ts';
import { CREDENTIAL, NATIVE, REALTIME, REALTIME_ADDRESS, VOSK } from './targets/dialects.ts';
import { HTTP_REQUEST, UPLOAD } from './targets/http.ts';
import { CHECKPOINT, MODEL_CONFIG, MODEL_FOLDER_TARGET, SAFETENSORS, TOKEN_CHECKPOINT } from './targets/model.ts';
import { API_KEYS, GRAMMAR, KEY_SET, MANIFEST, SERVER_CONFIG, TOKEN_TEXT } from './targets/settings.ts';
import {
  SESSION_RECORD,
  STREAM_BYTES_TARGET,
  STREAM_SNAPSHOT,
  TOKEN_SNAPSHOT,
  TRACE_SNAPSHOT,
} from './targets/snapshots.ts';

export const TARGETS: readonly FuzzTarget[] = [
  recordings('audio-wav', 600),
  recordings('audio-aiff', 500),
  recordings('audio-au', 500),
  recordings('audio-w64', 300),
  recordings('audio-caf', 300),
  COMPRESSED,
  SOUND_FILES,
  MANIFEST,
  GRAMMAR,
  TOKEN_TEXT,
  MODEL_CONFIG,
  SAFETENSORS,
  CHECKPOINT,
  TOKEN_CHECKPOINT,
  MODEL_FOLDER_TARGET,
  STREAM_SNAPSHOT,
  TRACE_SNAPSHOT,
  TOKEN_SNAPSHOT,
  STREAM_BYTES_TARGET,
  SESSION_RECORD,
  NATIVE,
  VOSK,
  REALTIME,
  REALTIME_ADDRESS,
  CREDENTIAL,
  UPLOAD,
  HTTP_REQUEST,
  SERVER_CONFIG,
  API_KEYS,
  KEY_SET,
  SERVER_MESSAGES,
];
