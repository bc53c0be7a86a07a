import { expect, test } from 'vitest';

import { runCommand, spawnCommand } from './run-command.ts';

const SUBCOMMANDS = ['serve', 'stream', 'train', 'export', 'inspect', 'models', 'devices'];

test('help names every subcommand and shows examples', async () => {
  const { code, stdout } = await runCommand('--help');
  expect(code).toBe(0);
  for (const name of SUBCOMMANDS) expect(stdout).toContain(`\n  ${name} `);
  expect(stdout).toContain('Examples:');
  expect(stdout).toContain('Exit codes:');
});

test.each(SUBCOMMANDS)('help of %s teaches by example', async (name) => {
  const { code, stdout } = await runCommand(name, '--help');
  expect(code).toBe(0);
  expect(stdout).toContain(`hearken ${name} `);
  expect(stdout).toMatch(/Examples?:/);
});

test('no subcommand shows the help and counts as a wrong command line', async () => {
  const { code, stderr } = await runCommand();
  expect(code).toBe(2);
  expect(stderr).toContain('Usage: hearken');
});

test.each([
  { args: ['--verbos'], says: "unknown option '--verbos'" },
  { args: ['trian'], says: "unknown command 'trian' (Did you mean train?)" },
  { args: ['train', 'recipe.ts', '--step', '3'], says: "unknown option '--step' (Did you mean --steps?)" },
  { args: ['train'], says: 'Expected a recipe, or --manifest FILE --dev FILE --out DIR' },
  { args: ['train', 'package.json', '--manifest', 'a.jsonl'], says: 'Expected a recipe or --manifest, got both' },
  { args: ['train', 'package.json', '--from', 'models', '--resume'], says: 'Expected --from, which begins a run, or' },
  { args: ['train', 'package.json', '--from', 'missing'], says: 'missing: there is none' },
  { args: ['train', 'missing-recipe.ts'], says: 'Expected a file at missing-recipe.ts: there is none' },
  { args: ['train', 'tests'], says: 'Expected a file, got the folder tests' },
  { args: ['serve', '--model', 'models/codes-en'], says: 'Expected --model ID=DIR' },
  { args: ['serve', '--model', 'a=codes-en', 'a=codes-en'], says: 'Expected model ids to be distinct, got a twice' },
])('$args is refused in one line with exit code 2', async ({ args, says }) => {
  const { code, stdout, stderr } = await runCommand(...args);
  expect(stderr).toContain(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/^hearken: /);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('the exit code reaches the shell', async () => {
  const { code, stderr } = await spawnCommand(['inspect', 'missing-model']);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /^hearken: Expected a model folder, or a model that comes with hearken \(([a-z0-9-]+, )*codes-en(, [a-z0-9-]+)*\), got missing-model: there is none\n$/,
    ),
  });
});
