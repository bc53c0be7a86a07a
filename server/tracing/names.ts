/** What traces tell, with what the guide's tables say of it. Nothing here can hold audio, words, a key or an address. */

export const SPANS = {
  'hearken.stream': 'A WebSocket of any protocol, from its handshake to its close or its refusal',
  'hearken.utterance': 'In a stream: from the first partial words of an utterance to the final that settles it',
  'hearken.snapshot': 'In a stream of `/v1/stream`: making its session durable',
  'POST /v1/transcriptions': 'An upload, from the head of its request to the answer',
  'POST /v1/audio/transcriptions': 'The same at its other address',
} as const;

export const EVENTS = {
  'hearken.resumed': 'The client came back, and its session goes on',
  'hearken.first_word': 'The first words were heard',
  'hearken.draining': 'The server goes away, and reads no more from the client',
} as const;

export const ATTRIBUTES = {
  'hearken.protocol': '`native`, `vosk`, `realtime`, `http` (uploads)',
  'hearken.model.id': 'The id that the server gives the model',
  'hearken.grammar':
    "The name of the model's grammar; `words` where the client lists its own, `pattern`, `jsgf`, `grxml`, `phrases` or `boosts` where it sends such a form",
  'hearken.audio.encoding': 'Of live streams: `s16le`, `f32le`, `mulaw`, `alaw`; `i32le` for tokens',
  'hearken.audio.sample_rate': 'Hz of what is sent; none for tokens',
  'hearken.audio.seconds': 'Audio heard on this connection',
  'hearken.close.code': 'The code that the WebSocket ended with',
  'hearken.resume.outcome': 'Of `hearken.resumed`: `recovered`, or `migrated` from another process',
  'hearken.utterance.words': 'How many words it has; 0 where partial words turned out to be none',
  'hearken.utterance.reason': 'Why it ended: `silence`, `quiet`, `length`, `end`',
  'hearken.batch.size': 'Streams in the batch in which the engine settled the utterance',
  'hearken.snapshot.bytes': 'What was saved',
  'error.type':
    'The stable code of what went wrong, for example `grammar/unknown-name`; `request/aborted`: an upload was broken off; `protocol/handshake`: it was no WebSocket',
  'http.request.method': 'Of uploads: `POST`',
  'http.route': 'Of uploads: the address',
  'url.path': 'The same',
  'url.scheme': 'Of uploads: `http` or `https`',
  'http.response.status_code': 'Of uploads, and of handshakes that were refused',
} as const;

export type SpanName = keyof typeof SPANS;
export type EventName = keyof typeof EVENTS;
export type TraceAttributes = { readonly [name in keyof typeof ATTRIBUTES]?: string | number };
