import type { Command } from 'commander';

import { createApiKey, keyLine } from '../server/access/api-keys.ts';

const DETAILS = `
The key is printed once, as the first line; nothing stores it. The second line goes into the file that hearken serve --keys names, and tells
nobody the key. A name may have several keys, so that one can be replaced while the old one still works.

Example:
  hearken keys new phone-gateway`;

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .summary('make API keys')
    .description('Makes keys for clients of hearken serve.')
    .helpCommand(false);
  keys
    .command('new')
    .description('Prints a new key, and the line to store for it.')
    .argument('<name>', 'whose key it is: letters, digits, . _ @ and -')
    .addHelpText('after', DETAILS)
    .action((name: string) => {
      const key = createApiKey();
      const line = keyLine(name, key); // before the key is shown: it may refuse the name
      process.stdout.write(`${key}\n${line}\n`);
    });
}
