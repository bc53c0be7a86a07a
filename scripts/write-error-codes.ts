/** Writes the guide of errors; a test holds that it is up to date. */
import { writeFile } from 'node:fs/promises';

import { errorGuide } from './error-guide.ts';

await writeFile(new URL('../docs/guides/errors.md', import.meta.url), errorGuide());
