/** What clients say to the server, in every dialect. */
import { credentialOf } from '../../../server/access/credential.ts';
import { createTokenVerifier } from '../../../server/access/tokens.ts';
import type { ServedModel } from '../../../server/engine/client.ts';
import { asOpening, parseClientMessage } from '../../../server/native/client-message.ts';
import { eventIdOf, parseClientEvent, parseObject } from '../../../server/realtime/client-event.ts';
import { requestedSettings } from '../../../server/realtime/handshake.ts';
import { configured as configuredSession, openingOf } from '../../../server/realtime/settings.ts';
import { parseVoskRequest } from '../../../server/vosk/request.ts';
import { configured as configuredVosk, defaultSettings } from '../../../server/vosk/settings.ts';
import { resolveGrammar } from '../../../src/text/vocabulary.ts';
import { type FuzzTarget, textOf } from '../target.ts';

const DIGITS = ['zero', 'one', 'two', 'three'];

export const MODELS: readonly ServedModel[] = ['codes-en', 'codes-de'].map((id) => ({
  kind: 'speech',
  id,
  version: '1',
  name: id,
  language: id.slice(-2),
  sampleRate: 16_000,
  vocabulary: {
    labels: DIGITS,
    grammars: { digits: DIGITS.map((word) => ({ label: word, word })) },
    defaultGrammar: 'digits',
  },
  memory: { window: 4, leafFanIn: 2, fanIn: 2 },
  secondsPerVector: 0.04,
  endpointing: { pauseMs: 950, blankThreshold: 0.5 },
}));

export const NATIVE: FuzzTarget = {
  name: 'native-message',
  cases: 5_000,
  open: async () => (bytes) => {
    const message = asOpening(parseClientMessage(textOf(bytes)));
    if ('grammar' in message) resolveGrammar(MODELS[0]?.vocabulary as ServedModel['vocabulary'], message.grammar); // there are two
  },
};

export const VOSK: FuzzTarget = {
  name: 'vosk-message',
  cases: 5_000,
  open: async () => (bytes) => {
    const text = textOf(bytes);
    const settings = defaultSettings(MODELS, `/${text}`);
    const request = parseVoskRequest(text);
    if (request.type === 'config') configuredVosk(settings, request.config, MODELS);
  },
};

export const REALTIME: FuzzTarget = {
  name: 'realtime-event',
  cases: 5_000,
  open: async () => (bytes) => {
    const { settings } = requestedSettings('/v1/realtime', MODELS);
    const json = parseObject(textOf(bytes));
    eventIdOf(json);
    const event = parseClientEvent(json);
    if (event.type === 'update')
      openingOf(configuredSession(settings, event.change, { models: MODELS, path: 'session' }).settings);
  },
};

export const REALTIME_ADDRESS: FuzzTarget = {
  name: 'realtime-address',
  cases: 3_000,
  open: async () => (bytes) => {
    requestedSettings(textOf(bytes), MODELS);
  },
};

/** Lines of headers as a client sends them, with keys and tokens in them. */
export const CREDENTIAL: FuzzTarget = {
  name: 'credential',
  cases: 2_000,
  open: async () => {
    const verify = createTokenVerifier({
      keys: new Uint8Array(32).fill(7),
      issuer: 'https://id.example',
      audience: 'hearken',
    });
    return async (bytes) => {
      const headers = Object.fromEntries(
        textOf(bytes)
          .split('\n')
          .map((line) => [line.split(': ', 1)[0]?.toLowerCase() ?? '', line.split(': ').slice(1).join(': ')]),
      );
      const credential = credentialOf(headers);
      if (credential !== undefined && (await verify(credential)) !== undefined)
        throw new Error('a forged token is believed');
    };
  },
};
