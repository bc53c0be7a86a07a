/** From what is heard of a session's audio to the events of its items: a turn of speech is an item. */
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import type { Word } from '../../src/text/word.ts';
import type { Dialect } from './client-event.ts';
import { RequestError } from './request-error.ts';
import { errorEvent, type Item, logProbabilitiesOf, newId, type ServerEvent } from './server-event.ts';
import type { RealtimeSettings } from './settings.ts';
import { createTranscript, type TurnTranscript } from './transcript.ts';

/** The settings at the moment when the audio, or the message, came. */
export type TurnContext = Pick<RealtimeSettings, 'model' | 'languages' | 'turnDetection' | 'hasLogprobs'> & {
  readonly dialect: Dialect;
  /** Audio received until then, of the whole session. */ readonly receivedMs: number;
};

export type Turns = {
  /** Takes events of the engine, with seconds from the session's start. */
  readonly takeEvents: (events: readonly RecognitionEvent[], context: TurnContext) => ServerEvent[];
  /** Makes an item of what was received; `events` settle it. Less than 100 ms is refused. */
  readonly commit: (events: readonly RecognitionEvent[], context: TurnContext, eventId: string | null) => ServerEvent[];
  /** Forgets what was received and not committed. */ readonly clear: (context: TurnContext) => ServerEvent[];
  /** The item that is under way, or would be the next one. */ readonly itemId: () => string;
};

/** OpenAI's bound on what may be committed. */
const SHORTEST_COMMIT_MS = 100;

/** An item that is not committed yet. */
type OpenItem = {
  readonly id: string;
  readonly transcript: TurnTranscript;
  /** Where the item's audio begins in the session, in milliseconds. */ startMs: number;
  /** Whether the client was told that somebody speaks. */ isSpeaking: boolean;
  /** Whether any text of it was told. */ hasDelta: boolean;
};

export function createTurns(): Turns {
  let open = openItem(0);
  let previousItemId: string | null = null;
  let endpointMs = 0;

  /** Closes the item, whose audio ends at `endMs`; `last` settles its text. */
  const finish = (last: readonly RecognitionEvent[], endMs: number, context: TurnContext): ServerEvent[] => {
    const { id } = open;
    const events: ServerEvent[] = [
      { type: 'input_audio_buffer.committed', item_id: id, previous_item_id: previousItemId },
      ...itemEvents(id, previousItemId, context.dialect),
      ...last.flatMap((event) => (event.type === 'final' ? settle(open, event.words, context) : [])),
      completedEvent(open, endMs, context),
    ];
    previousItemId = id;
    open = openItem(endMs);
    return events;
  };
  const takeEvent = (event: RecognitionEvent, context: TurnContext): ServerEvent[] => {
    if (event.type === 'endpoint') endpointMs = toMs(event.time);
    if (event.type !== 'partial' && event.type !== 'final') return [];
    const started = beginTurn(open, event.words, context);
    if (event.type === 'partial') return [...started, ...revise(open, event.words, context)];
    if (!open.isSpeaking) return settle(open, event.words, context);
    const endMs = Math.max(endpointMs, open.startMs);
    const stopped = { type: 'input_audio_buffer.speech_stopped', audio_end_ms: endMs, item_id: open.id } as const;
    return [...started, stopped, ...finish([event], endMs, context)];
  };
  const takeEvents: Turns['takeEvents'] = (events, context) => events.flatMap((event) => takeEvent(event, context));

  return {
    takeEvents,
    itemId: () => open.id,
    commit: (events, context, eventId) => {
      const bufferedMs = context.receivedMs - open.startMs;
      if (bufferedMs >= SHORTEST_COMMIT_MS) return finish(events, context.receivedMs, context);
      const expected = `Expected at least ${SHORTEST_COMMIT_MS} ms of audio in the buffer, got ${bufferedMs} ms`;
      const refusal = new RequestError('input_audio_buffer_commit_empty', expected);
      return [...takeEvents(events, context), errorEvent(refusal, eventId)];
    },
    clear: ({ receivedMs }) => {
      open = openItem(receivedMs);
      return [{ type: 'input_audio_buffer.cleared' }];
    },
  };
}

/** Tells that somebody speaks, where the server detects turns and has not told it yet. */
function beginTurn(open: OpenItem, words: readonly Word[], { turnDetection }: TurnContext): ServerEvent[] {
  const [first] = words;
  if (turnDetection === null || open.isSpeaking || first === undefined) return [];
  open.isSpeaking = true;
  open.startMs = Math.max(open.startMs, toMs(first.start) - turnDetection.prefixPaddingMs);
  return [{ type: 'input_audio_buffer.speech_started', audio_start_ms: open.startMs, item_id: open.id }];
}

function revise(open: OpenItem, words: readonly Word[], context: TurnContext): ServerEvent[] {
  return deltaEvents(open, open.transcript.revise(words), context);
}

function settle(open: OpenItem, words: readonly Word[], context: TurnContext): ServerEvent[] {
  return deltaEvents(open, open.transcript.settle(words), context);
}

function deltaEvents(open: OpenItem, words: readonly Word[], { hasLogprobs }: TurnContext): ServerEvent[] {
  if (words.length === 0) return [];
  const logprobs = logProbabilitiesOf(words, open.hasDelta);
  open.hasDelta = true;
  return [
    {
      type: 'conversation.item.input_audio_transcription.delta',
      item_id: open.id,
      content_index: 0,
      delta: logprobs.map(({ token }) => token).join(''),
      logprobs: hasLogprobs ? logprobs : null,
    },
  ];
}

function completedEvent(
  { id, transcript, startMs }: OpenItem,
  endMs: number,
  { model, languages, hasLogprobs }: TurnContext,
): ServerEvent {
  const logprobs = logProbabilitiesOf(transcript.words());
  return {
    type: 'conversation.item.input_audio_transcription.completed',
    item_id: id,
    content_index: 0,
    transcript: logprobs.map(({ token }) => token).join(''),
    logprobs: hasLogprobs ? logprobs : null,
    ...(languages !== undefined && { languages: [{ code: model.language }] }),
    usage: { type: 'duration', seconds: (endMs - startMs) / 1000 },
  };
}

function openItem(startMs: number): OpenItem {
  return { id: newId('item'), transcript: createTranscript(), startMs, isSpeaking: false, hasDelta: false };
}

function itemEvents(id: string, previous_item_id: string | null, dialect: Dialect): ServerEvent[] {
  const item: Item = {
    id,
    object: 'realtime.item',
    type: 'message',
    status: 'completed',
    role: 'user',
    content: [{ type: 'input_audio', transcript: null }],
  };
  const types = dialect === 'beta' ? ['created' as const] : ['added' as const, 'done' as const];
  return types.map((type) => ({ type: `conversation.item.${type}`, previous_item_id, item }));
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}
