/** The native protocol as an AsyncAPI 3.1 document, made of the very schemas that the server checks messages with. */
import { z } from 'zod';

import { clientMessageSchema } from './client-message.ts';
import { serverMessageSchema } from './server-message.ts';

export function asyncApiDocument(): Record<string, unknown> {
  const audio = {
    name: 'audio',
    contentType: 'application/octet-stream',
    description: 'A binary frame of whole samples of one channel, or of tokens, in the encoding of `start`.',
    payload: { type: 'string', format: 'binary' },
  };
  const text = (name: string, schema: z.ZodType): Record<string, unknown> => {
    const { $schema: _, ...payload } = z.toJSONSchema(schema, { target: 'draft-7' });
    return { name, contentType: 'application/json', payload };
  };
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'hearken live streams',
      version: '1',
      description:
        'WebSocket, subprotocol `hearken.v1`. Audio goes up, numbered events come down; see the server guide.',
    },
    channels: {
      stream: {
        address: '/v1/stream',
        messages: {
          audio,
          clientMessage: text('clientMessage', clientMessageSchema),
          serverMessage: text('serverMessage', serverMessageSchema),
        },
      },
    },
    operations: {
      hear: {
        action: 'receive',
        channel: { $ref: '#/channels/stream' },
        messages: [{ $ref: '#/channels/stream/messages/audio' }, { $ref: '#/channels/stream/messages/clientMessage' }],
      },
      tell: {
        action: 'send',
        channel: { $ref: '#/channels/stream' },
        messages: [{ $ref: '#/channels/stream/messages/serverMessage' }],
      },
    },
  };
}
