import { connectSocket } from '../socket-client.ts';

/** A message of the server, as the tests look at it. */
export type Told = {
  readonly type: string;
  readonly event_id: string;
  readonly item_id: string;
  readonly previous_item_id: string | null;
  readonly audio_start_ms: number;
  readonly audio_end_ms: number;
  readonly delta: string;
  readonly transcript: string;
  readonly logprobs: { token: string; logprob: number; bytes: number[] }[] | null;
  readonly usage: { readonly type: string; readonly seconds: number };
  readonly item: { readonly id: string };
  readonly session: Record<string, unknown>;
  readonly error: { type: string; code: string; message: string; param: string | null; event_id: string | null };
};

export type RealtimeClient = {
  readonly say: (message: unknown) => void;
  /** Sends audio, as many bytes a message. */ readonly append: (audio: Uint8Array, pieceBytes?: number) => void;
  /** The next message. Rejects where the connection ends before. */ readonly next: () => Promise<Told>;
  /** All messages up to the first of the type, that one included. */
  readonly until: (type: string) => Promise<Told[]>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly close: () => void;
  readonly protocol: string;
};

const TRANSCRIPTION = 'conversation.item.input_audio_transcription';
export const DELTA: string = `${TRANSCRIPTION}.delta`;
export const COMPLETED: string = `${TRANSCRIPTION}.completed`;
export const FAILED: string = `${TRANSCRIPTION}.failed`;

/** 0.1 s of 16-bit samples at 24 kHz. */
const PIECE_BYTES = 4800;

export async function connectRealtime(
  url: string,
  { protocols = ['realtime'], headers = {} }: { protocols?: string[]; headers?: Record<string, string> } = {},
): Promise<RealtimeClient> {
  const { socket, reply, closed } = await connectSocket(url, protocols, { headers });
  const say = (message: unknown): void =>
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  const next = async (): Promise<Told> => JSON.parse(await reply());
  return {
    say,
    next,
    closed,
    protocol: socket.protocol,
    close: () => socket.close(),
    append: (audio, pieceBytes = PIECE_BYTES) => {
      for (let at = 0; at < audio.length; at += pieceBytes) {
        const piece = Buffer.from(audio.subarray(at, at + pieceBytes));
        say({ type: 'input_audio_buffer.append', audio: piece.toString('base64') });
      }
    },
    until: async (type) => {
      const told: Told[] = [];
      while (told.at(-1)?.type !== type) told.push(await next());
      return told;
    },
  };
}

/** `session.update` of a transcription session. */
export function sessionUpdate(input: object, session: object = {}): object {
  return { type: 'session.update', session: { type: 'transcription', audio: { input }, ...session } };
}
