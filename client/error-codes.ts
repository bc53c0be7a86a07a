/**
 * Every `code` that a `StreamError` can have of this client, with what it means to whoever meets it; others come from the server.
 * `docs/guides/errors.md` is printed from this table.
 */
export const CLIENT_ERROR_CODES = {
  'client/api-key': 'The API key has characters that no key has.',
  'client/bad-message': 'The server said what no hearken server says.',
  'client/bytes': 'Something else than bytes (a `Uint8Array`) was to be sent.',
  'client/closed': 'The connection was lost for good, or audio was to be sent after `close()`.',
  'client/gap': 'An event is missing, which a server of this protocol does not let happen.',
  'client/lost-after': 'The time after which a silent connection is lost is not one that it can be.',
  'client/no-web-socket': 'There is no `WebSocket` here; give one as an option.',
  'client/not-recovered': 'The server has forgotten the session that was to go on.',
  'client/odd-bytes': 'What was to be sent ends inside a sample.',
  'client/refused': 'What answers at the address is not a hearken server that takes the stream.',
  'client/tries': 'The number of tries to connect is not a whole number from 0 on.',
  'client/unreachable': 'There never was a connection to the address.',
  'client/url': 'No WebSocket can be opened to the address.',
};

/** Stable code of an error that this client finds itself, not the server. */
export type ClientErrorCode = keyof typeof CLIENT_ERROR_CODES;
