/**
 * Every `code` that a `HearkenError` can have, with what it means to whoever meets it. They are also what the server sends,
 * logs and traces. `docs/guides/errors.md` is printed from this table by `scripts/write-error-codes.ts`.
 */
export const ERROR_CODES = {
  'access/credentials': 'The server wants an API key or token, and got none that it takes.',
  'access/failed': 'A credential could not be checked, because of a failure of the server.',
  'access/file': 'The file of API keys, or of the keys of tokens, cannot be read.',
  'access/host': 'The server is asked under a name that it does not serve.',
  'access/key-set': "The identity provider's keys cannot be fetched.",
  'access/limit':
    'The client has as many streams, handshakes or seconds of audio as it may have; it may come back later.',
  'access/origin': 'The page that asks is of a web site that may not use the server.',
  'access/revoked': 'The key or token of a running stream was withdrawn.',

  'aiff/channel': 'The AIFF file does not have the channel that is asked for.',
  'aiff/format': 'The AIFF file describes its samples in a way that makes no sense.',
  'aiff/no-format': 'The AIFF file has samples before it says what they are.',
  'aiff/not-aiff': 'The file is not AIFF.',
  'aiff/trailing-bytes': 'The AIFF file goes on after the end that it says; the rest is not heard.',
  'aiff/truncated': 'The AIFF file ends before its end.',
  'aiff/unsupported': 'The AIFF file has a codec that is not read.',

  'attention/entry-count': 'A number of entries to attend to is more than there are, or none.',
  'attention/trace': 'Attention is asked for at a place of the stream that the trace does not hold.',

  'au/channel': 'The AU file does not have the channel that is asked for.',
  'au/format': 'The AU file describes its samples in a way that makes no sense.',
  'au/not-au': 'The file is not AU.',
  'au/trailing-bytes': 'The AU file goes on after the end that it says; the rest is not heard.',
  'au/truncated': 'The AU file ends before its end.',
  'au/unsupported': 'The AU file has a codec that is not read.',

  'audio/cancelled':
    'The channels cancel each other in their mix, so that next to nothing is left; choose one of them.',
  'audio/channel': 'The recording does not have the channel that is asked for.',
  'audio/damaged-block': 'A block of compressed samples is damaged; what stands before it is heard.',
  'audio/empty': 'The recording holds no audio.',
  'audio/is-directory': 'An audio file is expected, and the path leads to a directory.',
  'audio/needs-audio-decode':
    'This container is read through the optional package `audio-decode`, which is not installed.',
  'audio/no-file': 'There is no audio file at the path.',
  'audio/non-finite-sample': 'A sample is infinite, not a number, or beyond what float32 holds.',
  'audio/odd-bytes': 'A frame of live audio ends inside a sample.',
  'audio/sample-rate': 'The recording has a sample rate that is not heard.',
  'audio/too-many-channels': 'The recording has more channels than are heard.',
  'audio/truncated': 'The compressed recording is not whole; what there is of it is heard.',
  'audio/undecodable': 'The compressed recording cannot be decoded.',
  'audio/unknown-container': 'The file is no sound file that is known.',
  'audio/unread-container': 'The sound file is of a known kind that is not read; convert it first.',
  'audio/unreadable': 'The audio file cannot be read.',

  'backend/missing': 'What a backend of TensorFlow needs (a package, a build, a driver) is not there.',
  'backend/self-test': 'A backend of TensorFlow computes wrong numbers on this machine.',
  'backend/unavailable': 'No backend of TensorFlow that may be used works on this machine.',
  'backend/unknown': 'There is no source of backends of this name.',

  'caf/channel': 'The CAF file does not have the channel that is asked for.',
  'caf/format': 'The CAF file describes its samples in a way that makes no sense.',
  'caf/no-format': 'The CAF file has samples before it says what they are.',
  'caf/not-caf': 'The file is not CAF.',
  'caf/trailing-bytes': 'The CAF file goes on after the end that it says; the rest is not heard.',
  'caf/truncated': 'The CAF file ends before its end.',
  'caf/unsupported': 'The CAF file has a codec that is not read.',

  'corpora/message-file': 'A file of messages of a program cannot be read.',
  'corpora/missing-bank': 'Synthesised speech to train on has not been made yet.',
  'corpora/missing-catalogs': 'Pairs of sentences to translate have not been made yet.',
  'corpora/missing-noise': 'Noises to train with have not been fetched yet.',
  'corpora/missing-packages': 'Recordings or words to measure with have not been fetched yet.',
  'corpora/missing-program': 'A program that recordings or pronunciations are made with is not installed.',
  'corpora/missing-voice': 'A voice of the speech synthesiser is not installed.',
  'corpora/not-wav': 'A program gave something else than the WAV file that was asked for.',
  'corpora/program-failed': 'A program that recordings or pronunciations are made with failed.',
  'corpora/silence': 'A speech synthesiser gave no sound.',
  'corpora/unknown-phoneme': 'A program wrote a phoneme that its table does not have.',

  'ctc/labels': 'The labels to train on are none of the model, or as many as their batch is not.',

  'decode/failed': 'Lines of the input of `hearken decode` could not be answered, each for the reason that was told.',
  'decode/order': 'Encodings are given to `decode` in another order than they came in, or some are missing.',

  'endpoint/vector': 'What an endpoint is to be found in is not finite, or no probability.',

  'engine/failed': "A bug: the server's engine failed in a way that is not foreseen.",
  'engine/lost': "The engine's thread of the server has ended.",

  'error-rate/no-words': 'There are no words to count errors in.',

  'evaluation/bad-speed': 'Recordings are to be played faster or slower than they can be.',
  'evaluation/no-items': 'No recording of the set has words of the grammar.',

  'executor/closed': 'The model has been disposed of.',
  'executor/device': 'The device cannot be used on this machine; `hearken devices` says why.',
  'executor/graph': "An exported graph of the model is missing or doesn't load.",
  'executor/input': 'A part of the model gets an input that it does not have, or of another shape or type.',
  'executor/output': 'A part of the model gives another output than is asked of it.',
  'executor/run': 'A part of the model failed to compute.',
  'executor/unknown-cell': 'The model has no part of this name.',

  'export/attribute': 'A part of the model computes something with settings that cannot be exported.',
  'export/axes':
    'A part of the model names its axes, or computes with sizes known only when it runs, in a way that cannot be exported.',
  'export/constant': 'A constant of an exported graph has another number of values than its shape.',
  'export/disagrees': 'An exported graph computes other numbers than the model.',
  'export/foreign-tensor': 'A part of the model uses tensors that are neither its inputs nor its weights.',
  'export/gru': "A GRU's weights are computed, which cannot be exported.",
  'export/host-data': 'A part of the model makes data of a size that is known only when it runs.',
  'export/loop': 'A part of the model splits or loops along an axis whose size is known only when it runs.',
  'export/lstm': "An LSTM's weights are computed, which cannot be exported.",
  'export/output': 'A part of the model does not give the output that it names, or of another type.',
  'export/read-back': 'A part of the model reads values while it computes, which cannot be exported.',
  'export/rnn': "A plain recurrence's weights are computed, which cannot be exported.",
  'export/type': 'A part of the model computes with a type of numbers that cannot be exported.',
  'export/unknown-kernel': 'A part of the model computes something that cannot be exported.',
  'export/unwritable': 'The exported graphs cannot be written to the folder.',

  'grammar/ambiguous-word': 'Two words of the list sound the same.',
  'grammar/builtin': 'There is no such built-in grammar, or its parameters contradict each other.',
  'grammar/empty': 'The list has no words or phrases.',
  'grammar/grxml': 'The document is no grammar in the XML of SRGS, or uses what is not supported.',
  'grammar/jsgf': 'The text is no grammar in JSGF, or uses what is not supported.',
  'grammar/other-symbols':
    'The grammar is heard by phones and the one that the stream was opened with by words, or the other way round.',
  'grammar/pattern': 'The pattern is no regular expression, or uses what no finite automaton can follow.',
  'grammar/rule': 'A rule is not there, or refers to itself or repeats so that no finite automaton can follow it.',
  'grammar/too-large': 'The grammar has more states than may be held, or the list of codes more bytes.',
  'grammar/unknown-name': 'The model has no grammar of this name.',
  'grammar/unknown-word': 'The word list has a word that the model does not know.',
  'grammar/unsaved':
    'The stream cannot be saved, since a list or a function of the caller decides which codes are valid.',
  'grammar/unspoken':
    'Nothing of the grammar can be said in the words that the model knows, or a phrase not by the lexicon and the phones that it hears.',
  'image/damaged': 'The image cannot be decoded, or has too many pixels.',
  'image/format': 'The file is no image in PNG, JPEG or PGM.',

  'keys/file': 'A line of the file of API keys is not as `hearken keys new` prints it.',
  'keys/name': 'An API key has a name that it cannot have.',

  'leaves/failed': 'Leaves of a stream cannot be written or read any more, or are no longer where they were.',
  'leaves/folder': 'The folder of leaves cannot be used.',
  'leaves/in-use': 'Another stream, of this program or of another one, has the leaves that a stream is to go on with.',

  'lexicon/unknown-phone': 'A pronunciation has a phone that the CMU Pronouncing Dictionary does not have.',
  'lexicon/unspoken': 'A word has no letter by which it could be said.',

  'limit/audio': 'The client has sent more audio than it may; it may come back later.',

  'lockstep/answers': 'Steps that were asked for together did not bring an answer each: a fault of hearken.',

  'log-mel/config': 'The settings of the log-mel features contradict each other.',
  'log-mel/window': 'The log-mel features have no window of this name.',

  'manifest/beyond-recording': 'A line of the manifest lies beyond the end of its recording.',
  'manifest/line': 'A line of the manifest is not as it should be.',
  'manifest/missing': 'The manifest cannot be read.',
  'manifest/no-recording': 'The recording of a line of the manifest cannot be read.',
  'manifest/no-words': 'The manifest has no words to evaluate.',
  'manifest/vocabulary': 'The words of the manifests are too few, too many, or differ from one to the other.',

  'memory/chunk': 'The memory gets vectors of another size than its own.',
  'memory/cold-store': "A stream's cold store is closed, or no longer holds the leaves that the stream left there.",
  'memory/pooling-log': 'How the memory was built is asked for of a part that the record does not hold.',

  'microphone/none': 'No program that records from a microphone is installed.',

  'model/changing': 'The model folder was written while it was being loaded.',
  'model/config': 'The `config.json` of the model is not valid.',
  'model/missing-file': 'A file of the model folder is missing or cannot be read.',
  'model/missing-tensor': 'The weights lack a tensor that the model needs.',
  'model/not-found': 'There is no model folder of this name.',
  'model/tensor': 'A tensor of the weights is not as `config.json` says.',
  'model/unexpected-tensor': 'The weights have a tensor that the model does not.',
  'model/unknown-id': 'The server has no model of this name.',
  'model/version': 'The model is of another version of the format.',

  'option/missing': 'A needed option is not given.',
  'option/out-of-range': 'A number is outside of its range.',
  'option/type': 'An option or argument is of another type than it can have.',
  'option/unknown-name': 'There is no option of this name.',
  'option/unknown-value': 'An option has a value that it cannot have.',
  'option/unused': 'An option is given where it can have no effect.',

  'output/unwritable': 'Output cannot be written.',

  'pairs/line': 'A line of a file of pairs is not an input, a tab and an output.',
  'pcm/encoding': 'There is no encoding of samples of this name.',
  'pcm/truncated': 'Raw samples end inside a sample; the whole ones are heard.',

  'program/failed': 'A program that samples are read from ended with an error.',
  'program/not-found': 'A program that samples are read from is not installed.',
  'program/not-started': 'A program that samples are read from cannot be started.',

  'protocol/bad-json': 'A text frame of a live stream is not a JSON object.',
  'protocol/bad-message': 'A message of a live stream is none that the server takes there.',
  'protocol/handshake': 'What came was no handshake of a WebSocket.',
  'protocol/wrong-frame': 'A live stream sent audio before it said what it is.',

  'queue/closed': 'A queue gets an item after its end.',
  'queue/full': 'An item was to go into a queue that is full.',
  'queue/item-size': 'An item of a queue has no size above 0.',
  'queue/item-too-large': 'An item is larger than the whole queue.',
  'queue/policy': 'The queue cannot have this policy.',

  'random/state': 'The state of a random number generator is not one.',

  'realtime/input_audio_buffer_commit_empty': 'A client of the realtime API commits without enough audio.',
  'realtime/input_audio_buffer_full': 'A client of the realtime API sent more audio than waits for its commit.',
  'realtime/invalid_api_key': 'The key of a client of the realtime API was withdrawn.',
  'realtime/invalid_json': 'A message of the realtime API is not a JSON object in a text frame.',
  'realtime/invalid_type': 'A field of a message of the realtime API is of another type than it can have.',
  'realtime/invalid_value': 'A field of a message of the realtime API has a value that it cannot have.',
  'realtime/missing_required_parameter': 'A message of the realtime API lacks a field.',
  'realtime/model_not_found': 'A client of the realtime API asks for a model that the server does not have.',
  'realtime/unknown_parameter': 'A message of the realtime API has a field that there is not.',
  'realtime/unsupported_language': "A client of the realtime API asks for another language than the model's.",

  'recipe/examples': 'The recipe failed while it gave its examples.',
  'recipe/invalid': 'The recipe does not load, or is none.',
  'recipe/missing': 'There is no recipe file at the path.',

  'request/aborted': 'The client left before its upload was whole.',
  'request/expect': 'The request has an `Expect` header that is not met.',
  'request/field': 'A field of the form is not as it should be.',
  'request/form': 'The request is no form with a recording in it, or could not be taken.',
  'request/headers': "The request's headers are too long.",
  'request/host': 'The request has no `Host` header, or two.',
  'request/http': 'The request is not as HTTP/1.1 has it.',
  'request/method': 'The address is asked by a method that it does not have.',
  'request/path': 'The server has no such address.',
  'request/timeout': "The request's head did not come in time.",
  'request/too-big': 'The recording or the request is too big.',
  'request/upgrade': 'A handshake of a WebSocket is expected, and another request came.',
  'request/url': "The request's address cannot be decoded.",

  'resample/state': 'The state that a resampler is to go on from is not one of its rates.',

  'rows/empty': 'A batch has no rows.',
  'rows/shape': 'The rows of a batch are of different shapes.',

  'running-mean/shape': 'The running mean gets frames of another number of bands than its own.',

  'safetensors/header': 'The header of a safetensors file is not valid.',
  'safetensors/tensor': 'A tensor of a safetensors file is described wrongly.',
  'safetensors/truncated': 'The safetensors file ends before its end.',

  'search/energies': 'There are other than one energy for each row of the search.',
  'search/label': 'A label of the search is none of the model.',
  'search/not-alignable': 'The labels cannot be spelled in so few rows.',
  'search/rows': 'The log-probabilities of the search are of another shape than they should be.',
  'search/scores': 'The attention decoder gave other than one score for each candidate.',
  'search/unknown-word': 'A label stands for no word.',

  'sequence/empty': 'A model that writes about sequences was given none of its symbols.',
  'sequence/head': 'A model of sequences was asked for what it has no head for.',
  'sequence/image': 'A model of images was given none of its size, or another model was given one.',
  'server/failed': 'A failure of the server, which its log tells of.',
  'server/listen': 'The server cannot listen on the address and port.',
  'server/unavailable': 'The server is full, is shutting down, or cannot check credentials; come back later.',
  'server/unguarded': 'A bug: a route of the server lacks its guard.',
  'server/untraced': 'A bug: a route of the server is traced that takes no uploads.',

  'session/audio-lost': 'The session cannot be resumed: neither side has the audio any more that comes next.',
  'session/damaged': 'The session cannot be resumed: what was saved of it is damaged.',
  'session/events-lost': 'The session cannot be resumed: the server does not have the events any more that come next.',
  'session/fenced': 'The session goes on over another connection, or on another server.',
  'session/model-changed': 'The session cannot be resumed: the model has other weights now.',
  'session/name': 'A session has a name that it cannot have.',
  'session/records-lost': 'Saved sessions were gone from their store, and were saved anew (in the log).',
  'session/store': 'The session cannot be saved; it goes on, unacknowledged.',
  'session/unknown': 'The session cannot be resumed: it is unknown or has expired.',
  'session/unknown-offset': 'The session cannot be resumed: the client names an event that it cannot have.',

  'setup/build': 'Native TensorFlow could not be built.',
  'setup/download': 'Native TensorFlow could not be fetched.',
  'setup/missing-tool': 'A program that builds native TensorFlow is not installed.',
  'setup/platform': 'Native TensorFlow is not built for this platform.',
  'setup/self-check': 'Native TensorFlow was built, and does not compute.',
  'setup/tool': 'A program that builds native TensorFlow failed.',

  'snapshot/cold-store':
    'The snapshot is of a stream that had leaves in a cold store, which is not here, or not as the stream left it.',
  'snapshot/damaged': 'The snapshot is damaged, or none.',
  'snapshot/format': 'The snapshot is one of something else.',
  'snapshot/model': 'The snapshot is of a stream of another model.',
  'snapshot/options': 'The snapshot is of a stream that was opened with other options.',
  'snapshot/tensor': 'The snapshot lacks a tensor, or has it in another shape.',
  'snapshot/version': 'The snapshot is of another version of the format.',

  'socket/closed': 'The WebSocket that samples are read from was not closed as at an end.',

  'stream/closed': 'The stream is closed.',
  'stream/overflow': 'A bug: more audio was given to a stream than it has room for.',
  'stream/unsubscribed': 'Whoever listened to the stream has unsubscribed.',

  'subtitles/times': 'Words to make subtitles of are not in the order of their times.',

  'symbols/line': 'A line of symbols is longer than is taken in at once.',
  'symbols/tokenizer': 'The file that cuts text into pieces is missing or is none.',
  'symbols/unit': 'The symbols of a model are pieces, which only their tokenizer can cut.',
  'symbols/unknown': 'A text holds a symbol that the model does not know, or an id is none of its symbols.',

  'tensor/shape': 'A tensor is of another shape than it should be.',

  'text/segments': 'Translations and references that are scored are not equally many.',

  'tls/certificate': 'The certificate and its key cannot be used.',
  'tls/file': 'The file of the certificate or of its key cannot be read.',

  'token/odd-bytes': 'A frame of live tokens ends inside a token.',
  'token/text': 'A line of the input is not of whole numbers.',
  'token/unknown': 'A token is none of the model.',

  'tokens/keys': 'The keys that tokens are checked with are not a JSON Web Key Set.',
  'tokens/secret': 'The secret that tokens are checked with is too short.',

  'training/from': 'Only recipes of speech can go on from a model.',
  'training/gradient': 'A gradient is not finite or of another size: training has come apart.',
  'training/not-installed':
    'Training and tfjs need packages that are not installed; the message says how to install them.',
  'training/other-model': 'Checkpoints to be averaged are of different models.',
  'training/run-state': 'There is no training run to go on with in the folder.',
  'training/shard': 'The worker that makes examples failed or was ended.',
  'training/too-few': 'There are no checkpoints to be averaged.',
  'training/validation': 'No validation example is long enough for its labels.',
  'training/worker': 'The worker that computes gradients failed.',

  'transcribe/failed': 'Some recordings could not be read to their end.',

  'vocabulary/invalid': 'The vocabulary of the model contradicts itself.',
  'vocabulary/unknown-label': 'A label is none of the vocabulary.',

  'vosk/json': 'A text frame on the port of vosk-server is not JSON.',
  'vosk/request': 'A message on the port of vosk-server is none that the server takes.',
  'vosk/sample-rate': 'A client on the port of vosk-server has a sample rate that is not heard.',

  'wav/channel': 'The WAV file does not have the channel that is asked for.',
  'wav/channel-lengths': 'Channels to be written to a WAV file are of different lengths.',
  'wav/format': 'The WAV file describes its samples in a way that makes no sense.',
  'wav/no-format': 'The WAV file has samples before it says what they are.',
  'wav/not-wav': 'The file is not WAV.',
  'wav/trailing-bytes': 'The WAV file goes on after the end that it says; the rest is not heard.',
  'wav/truncated': 'The WAV file ends before its end.',
  'wav/unsupported': 'The WAV file has a codec that is not read.',
};

/** The stable codes of errors, of the form `area/what`. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What a code begins with, for example `wav` of `wav/truncated`. */
export type AreaOf<Code extends ErrorCode> = Code extends `${infer Area}/${string}` ? Area : never;
