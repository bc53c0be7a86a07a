/** Why no connection came about, as far as the platform tells: Node does, browsers keep it to themselves. */

export type HandshakeFailure = {
  /**
   * `unwelcome`: the server does not take us. `elsewhere`: what answers is no hearken server, or not to be trusted as one.
   * `hung-up`: the connection ended without an answer. `unreachable`: nobody answers, or not now. `hidden`: not told.
   */
  readonly kind: 'unwelcome' | 'elsewhere' | 'hung-up' | 'unreachable' | 'hidden';
  /** Why the handshake failed, as a sentence for people; empty where the platform hides it. */ readonly reason: string;
};

/** The fields of a WebSocket's `error` event in Node that tell why a handshake failed. */
export type HandshakeError = { readonly message?: string | undefined; readonly code?: string | undefined };

/** HTTP statuses by which a server says that it does not admit this client, and why that may be. */
const UNWELCOME: ReadonlyMap<number, string> = new Map([
  [401, 'the server asks for a key or token that it takes'],
  [403, 'the server is not to be called by this name, or not from this page'],
]);
/**
 * HTTP statuses that another try may turn into a connection: too busy, too many, or a server behind it that is away.
 */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const CERTIFICATE_CODES = /CERT|SELF_SIGNED|UNABLE_TO_|^CRL_/;
const NOT_TLS = /wrong version number|unexpected message|packet length too long|unknown protocol/;

/** Classifies a handshake with `url` that failed; `error` is what the platform tells of it. */
export function handshakeFailure(url: string, { message = '', code = '' }: HandshakeError): HandshakeFailure {
  const isPlain = url.startsWith('ws:');
  const elsewhere = (reason: string): HandshakeFailure => ({ kind: 'elsewhere', reason });
  const status = /^Unexpected server response: (\d{3})$/.exec(message)?.[1];
  if (status !== undefined) return statusFailure(Number(status), isPlain);
  if (/^(Server sent|Invalid|Missing) /.test(message)) return elsewhere(`another protocol (${lowerFirst(message)})`);
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'HPE_INVALID_EOF_STATE') {
    return { kind: 'hung-up', reason: `an end without an answer${isPlain ? ': does it want wss://?' : ''}` };
  }
  if (code.startsWith('HPE_')) return elsewhere(`an answer that is not HTTP${isPlain ? ': does it want wss://?' : ''}`);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    if (NOT_TLS.test(message)) return elsewhere('an answer that is not TLS: does it want ws://?');
    return elsewhere(`a failure of TLS (${/routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? code})`);
  }
  if (CERTIFICATE_CODES.test(code)) return elsewhere(`a certificate that is not trusted (${message})`);
  if (code === 'ENOTFOUND') return elsewhere('no host of that name');
  if (/^E[A-Z_]+$/.test(code)) return { kind: 'unreachable', reason: code };
  return { kind: 'hidden', reason: '' };
}

function statusFailure(status: number, isPlain: boolean): HandshakeFailure {
  const unwelcome = UNWELCOME.get(status);
  if (unwelcome !== undefined) return { kind: 'unwelcome', reason: `HTTP ${status}: ${unwelcome}` };
  if (PASSING_STATUSES.has(status)) return { kind: 'unreachable', reason: `HTTP ${status}` };
  const advice = status === 404 ? 'is its path /v1/stream?' : isPlain && status === 400 ? 'does it want wss://?' : '';
  return { kind: 'elsewhere', reason: `HTTP ${status}${advice && `: ${advice}`}` };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
