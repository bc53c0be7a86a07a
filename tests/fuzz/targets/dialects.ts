/** What clients say to the server, in every dialect. */
import { credentialOf } from '../../../server/access/credential.ts';
import { createTokenVerifier } from '../../../server/access/tokens.ts';
import type { ServedModel } from '../../../server/engine/client.ts';
import { asOpening, parseClientMessage } from '../../../server/native/client-message.ts';
import { requestedSettings } from '../../../server/realtime/handshake.ts';
import { openRealtime } from '../../../server/realtime/protocol.ts';
import { openVosk } from '../../../server/vosk/protocol.ts';
import { streamGrammar } from '../../../server/engine/stream-grammar.ts';
import { servedModel } from '../../server/served-model.ts';
import { type FuzzTarget, textOf } from '../target.ts';

export const MODELS: readonly ServedModel[] = ['codes-en', 'codes-de'].map((id) => servedModel(id, id.slice(-2)));

export const NATIVE: FuzzTarget = {
  name: 'native-message',
  cases: 5_000,
  open: async () => (bytes) => {
    const message = asOpening(parseClientMessage(textOf(bytes)));
    if ('grammar' in message) streamGrammar(MODELS[0]!, message.grammar); // there are two
  },
};

export const VOSK: FuzzTarget = {
  name: 'vosk-message',
  cases: 5_000,
  open: async () => (bytes) => {
    const text = textOf(bytes);
    const { read } = openVosk(`/${text}`);
    read({ type: 'joined' }, MODELS);
    read({ type: 'text', text }, MODELS);
    read({ type: 'binary', bytes }, MODELS);
  },
};

export const REALTIME: FuzzTarget = {
  name: 'realtime-event',
  cases: 5_000,
  open: async () => (bytes) => {
    const { read, write } = openRealtime({ path: '/v1/realtime', headers: {} }, MODELS);
    const commands = [
      ...read({ type: 'text', text: textOf(bytes) }, MODELS),
      ...read({ type: 'binary', bytes }, MODELS),
    ];
    for (const command of commands) if ('note' in command) write({ note: command.note, events: [] });
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
