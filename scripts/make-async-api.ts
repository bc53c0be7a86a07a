/** Writes the document of the native protocol beside its guide; a test holds that it is up to date. */
import { writeFile } from 'node:fs/promises';

import { asyncApiDocument } from '../server/native/async-api.ts';

const path = new URL('../docs/guides/live-streams.asyncapi.json', import.meta.url);
await writeFile(path, `${JSON.stringify(asyncApiDocument(), undefined, 2)}\n`);
