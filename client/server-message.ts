/** Reads what a server says: what the client acts on is checked, so that another server's text ends a stream properly. */
import type { ServerMessage } from './protocol.ts';
import { StreamError } from './stream-error.ts';

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isSeconds = (value: unknown): boolean => typeof value === 'number' && value >= 0;
const isList = (value: unknown): boolean => Array.isArray(value);
const isInterval = (value: unknown): boolean => value === undefined || (isSeconds(value) && Number(value) <= 60);

type Checks = Readonly<Record<string, (value: unknown) => boolean>>;

/** Field checks by type of message, for the types that this client knows; other types of a newer server are ignored. */
const CHECKS: ReadonlyMap<string, Checks> = new Map<ServerMessage['type'], Checks>([
  ['started', { session: isText, epoch: isText, aliveEverySeconds: isInterval }],
  ['ack', { samples: isCount }],
  ['warning', { code: isText, message: isText }],
  ['error', { code: isText, message: isText }],
  ['partial', { text: isText, words: isList }],
  ['memory', { time: isSeconds, roots: isList }],
  ['final', { offset: isCount, text: isText, words: isList }],
  ['endpoint', { offset: isCount, time: isSeconds }],
  ['no-input', { offset: isCount, time: isSeconds }],
  ['attention', { offset: isCount, edges: isList, words: isList }],
  ['answers', { offset: isCount, firstToken: isCount, labels: isList, probabilities: isList }],
]);
const RECOVERED: Checks = { epoch: isText, ackedSamples: isCount, aliveEverySeconds: isInterval };
const NOT_RECOVERED: Checks = { reason: isText };

/** Parses the `data` of a WebSocket's message. Throws `client/bad-message` on what no hearken server says. */
export function parseServerMessage(data: unknown): ServerMessage {
  if (typeof data !== 'string') throw badMessage('a text frame', 'a binary one');
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    throw badMessage('a JSON object', 'text that is not JSON');
  }
  if (typeof json !== 'object' || json === null || !('type' in json) || typeof json.type !== 'string') {
    throw badMessage('a JSON object with a `type`', Array.isArray(json) ? 'a list' : other(json));
  }
  const fields = json as Fields; // an object
  const checks = json.type === 'resumed' ? checksOfResumed(fields) : (CHECKS.get(json.type) ?? {});
  for (const [field, isValid] of Object.entries(checks)) {
    if (!isValid(fields[field])) throw badMessage(`\`${field}\` of \`${json.type}\` to be valid`, other(fields[field]));
  }
  return json as ServerMessage; // one of those above, or one that nobody acts on
}

function checksOfResumed({ recovered }: Fields): Checks {
  return recovered === true ? RECOVERED : NOT_RECOVERED;
}

/** `value` in few characters, for an error message: a server that is none of hearken's may say anything. */
function other(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}

function badMessage(expected: string, got: string): StreamError {
  return new StreamError('client/bad-message', `Expected ${expected} from the server, got ${got}`);
}
