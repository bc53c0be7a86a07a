/** The guide of errors, whose tables are those that the sources throw from. */
import { CLIENT_ERROR_CODES } from '../client/error-codes.ts';
import { ERROR_CODES } from '../src/error-codes.ts';

export function errorGuide(): string {
  return `# Errors

<!-- Written by scripts/write-error-codes.ts from src/error-codes.ts and client/error-codes.ts. -->

Every refusal has a \`message\`, a sentence for people that may change, and a \`code\`, \`area/what\`, which does not: programs tell
errors apart by it ([example](streaming-library.md#errors)). TypeScript knows the codes: \`ErrorCode\` of \`hearken\`, \`ClientErrorCode\`
of \`hearken/client\`. A code that is misspelled does not compile.

## Of the library, the command line and the server

The library throws them in a \`HearkenError\`; \`incomplete\` and \`warnings\` of a transcript have them too. The command line prints
them in brackets after the message. The server tells them in [answers over HTTP](server.md#errors), in \`error\` messages of
[live streams](live-streams.md), in reasons of closed WebSockets, in its log and its traces; to clients of OpenAI's realtime API it
tells those of \`realtime/\` without their area.

${tableOf(ERROR_CODES)}
## Of the client

Streams of \`connect\` throw them in a \`StreamError\`, whose code is otherwise one of the server, from the table above.

${tableOf(CLIENT_ERROR_CODES)}`;
}

function tableOf(codes: Readonly<Record<string, string>>): string {
  const rows = Object.entries(codes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |\n`);
  return `| code | what it means |\n|---|---|\n${rows.join('')}`;
}
