import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { readConfig } from '../../../cli/serve-config/read-config.ts';
import { settingsOf } from '../../../cli/serve-config/settings.ts';
import { runCommand } from '../run-command.ts';

/** A file in a folder of its own. */
async function written(text: string, name = 'hearken.yaml'): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'hearken-config-')), name);
  await writeFile(file, text);
  return file;
}

/** What a file is refused with, without the folder that it stands in. */
async function faultsOf(text: string): Promise<string[]> {
  const file = await written(text);
  const error: unknown = await readConfig(file).catch((reason: unknown) => reason);
  return (error as Error).message.replaceAll(file, 'hearken.yaml').split('\n');
}

describe('a configuration file', () => {
  test('gives all settings, with paths seen from its folder', async () => {
    const file = await written(`
host: 0.0.0.0
port: 80
device: auto
voskPort: 0
models:
  codes-en: codes-en # comes with hearken
  mine: ./mine
sessions: kept
limits: { streams: 7 }
`);
    const folder = join(file, '..');
    await mkdir(join(folder, 'mine'));
    await writeFile(join(folder, 'mine', 'config.json'), '{}');
    expect(await settingsOf({}, await readConfig(file))).toEqual({
      host: '0.0.0.0',
      port: 80,
      device: 'auto',
      voskPort: 0,
      models: [
        { id: 'codes-en', folder: 'codes-en' },
        { id: 'mine', folder: join(folder, 'mine') },
      ],
      sessions: join(folder, 'kept'),
      maximumStreams: 7,
    });
  });

  test('may be JSON, and may be empty', async () => {
    expect(await readConfig(await written('{"port": 81}', 'hearken.json'))).toEqual({ port: 81 });
    expect(await readConfig(await written('# nothing\n'))).toEqual({});
  });

  test('of the documentation is valid', async () => {
    const file = fileURLToPath(new URL('../../../docs/examples/hearken.yaml', import.meta.url));
    expect(await runCommand('serve', '--config', file, '--check')).toMatchObject({ code: 0, stderr: '' });
  });

  test('of the documentation has every setting, those that are commented out included', async () => {
    const file = fileURLToPath(new URL('../../../docs/examples/hearken.yaml', import.meta.url));
    const whole = (await readFile(file, 'utf8')).replaceAll(/^( *)# ( *\w+:.*)$/gm, '$1$2');
    const config = await readConfig(await written(whole));
    expect(Object.keys(config).toSorted()).toEqual(
      [
        'device',
        'host',
        'hostNames',
        'keys',
        'limits',
        'models',
        'origins',
        'port',
        'sessions',
        'tls',
        'tokens',
        'voskPort',
      ].toSorted(),
    );
    expect(Object.keys(config.limits?.perKey ?? {})).toHaveLength(3);
  });

  test.each([
    [{ tlsCert: 'a' }, {}, /--tls-cert and --tls-key together/],
    [{}, { limits: { perKey: { streams: 1 } } }, /`limits.perKey` with `keys` or `tokens`/],
  ])('and the command line %j, %j cannot be had together', async (options, config, reason) => {
    await expect(settingsOf(options, config)).rejects.toThrow(reason);
  });

  test('chooses one of the devices', async () => {
    expect(await faultsOf('device: abacus')).toEqual([
      'hearken.yaml:1:9 Expected `device` to be one of auto, cpu, webgpu, cuda, tfjs, got "abacus"',
    ]);
    expect(await settingsOf({ device: 'webgpu' }, { device: 'auto' })).toMatchObject({ device: 'webgpu' });
  });

  test('names the server in lower case and as browsers do', async () => {
    const file = await written('hostNames: [Hear.example, müller.example]');
    expect(await settingsOf({}, await readConfig(file))).toMatchObject({
      hostNames: ['hear.example', 'xn--mller-kva.example'],
    });
    expect(await settingsOf({ hostName: ['*'] }, await readConfig(file))).toMatchObject({ hostNames: ['*'] });
    await expect(settingsOf({ hostName: ['hear.example:80'] }, {})).rejects.toThrow(/--host-name.*hear\.example:80/);
    expect(await faultsOf('hostNames: [http://hear.example]')).toEqual([
      expect.stringMatching(/^hearken\.yaml:1:13 Expected `hostNames\.0` to be a name such as hear\.example/),
    ]);
  });

  test('is overruled by the command line, setting by setting', async () => {
    const config = { port: 1, host: 'from-file', limits: { streams: 3 }, models: { a: 'codes-en' } };
    const settings = await settingsOf({ port: 2, model: ['b=codes-en'] }, config);
    expect(settings).toMatchObject({ port: 2, host: 'from-file', maximumStreams: 3 });
    expect(settings.models).toEqual([{ id: 'b', folder: 'codes-en' }]);
  });

  test.each([
    ['port: eighty', 'hearken.yaml:1:7 Expected `port` to be a whole number in 0..65535, got "eighty"'],
    ['\nport: 65536', 'hearken.yaml:2:7 Expected `port` to be a whole number in 0..65535, got 65536'],
    ['port: 1.5', 'hearken.yaml:1:7 Expected `port` to be a whole number in 0..65535, got 1.5'],
    ['port:', 'hearken.yaml:1:6 Expected `port` to be a whole number in 0..65535, got nothing'],
    ['host: [a]', 'hearken.yaml:1:7 Expected `host` to be an address to listen on, got ["a"]'],
    ['limits: 5', 'hearken.yaml:1:9 Expected `limits` to be a mapping, got 5'],
    ['- port', 'hearken.yaml:1:1 Expected the file to be a mapping, got ["port"]'],
    ['models: {}', 'hearken.yaml:1:9 Expected `models` to be a mapping with at least one model, got {}'],
    ['limits:\n  streams: 0', 'hearken.yaml:2:12 Expected `limits.streams` to be a whole number in 1..100000, got 0'],
    ['tls: { cert: a }', 'hearken.yaml:1:1 Expected `tls.key` to be a file, got nothing'],
    [
      'origins: [https://a.example/b]',
      'hearken.yaml:1:11 Expected `origins.0` to be an origin such as https://app.example, or *, got "https://a.example/b"',
    ],
    [
      'tokens:\n  issuer: a\n  audience: b',
      'hearken.yaml:2:3 Expected `tokens` to be a mapping with one of `secret` and `jwks`, got {"issuer":"a","audience":"b"}',
    ],
    [
      'tokens: { issuer: a, audience: b, jwks: http://id.example/keys }',
      'hearken.yaml:1:41 Expected `tokens.jwks` to be a file, or an address that begins with https://, got "http://id.example/keys"',
    ],
    ['prot: 80', 'hearken.yaml:1:1 Expected a setting, got `prot`; did you mean `port`?'],
    ['limits:\n  stream: 4', 'hearken.yaml:2:3 Expected a setting, got `limits.stream`; did you mean `streams`?'],
    ['limits: { bananas: 4 }', 'hearken.yaml:1:11 Expected a setting, got `limits.bananas`; there are streams, perKey'],
    ['models:\n  a/b: codes-en', 'hearken.yaml:2:3 Expected `models.a/b` to be named by letters, digits, . _ and -'],
  ])('%j is refused with its line and column', async (text, fault) => {
    expect(await faultsOf(text)).toEqual([fault]);
  });

  test('tells every fault, not only the first', async () => {
    const faults = await faultsOf('port: x\nhots: y\nlimits:\n  streams: z\n');
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'hearken.yaml:1:7',
      'hearken.yaml:2:1',
      'hearken.yaml:4:12',
    ]);
  });

  test.each([
    ['a: [1', 'hearken.yaml:1:6'],
    ['port: 1\nport: 2', 'hearken.yaml:2:1'],
    ['port: !port 1', 'hearken.yaml:1:7'],
    ['port: 1\n---\nport: 2', 'hearken.yaml:2:1'],
    ['port: *unknown', 'hearken.yaml:1:7'],
  ])('%j is refused as YAML, with its line', async (text, place) => {
    const [fault] = await faultsOf(text);
    expect(fault?.split(' ').slice(0, 3)).toEqual([place, 'Expected', 'YAML:']);
  });
});

describe('hearken serve --check', () => {
  test('says that a file is valid and ends', async () => {
    const file = await written('port: 0\n');
    expect(await runCommand('serve', '--config', file, '--check')).toEqual({
      code: 0,
      stdout: `${file}: valid\n`,
      stderr: '',
    });
  });

  test('says what is wrong, a line a fault, and ends with exit code 2', async () => {
    const file = await written('port: x\nhots: y\n');
    const { code, stdout, stderr } = await runCommand('serve', '--config', file, '--check');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      `hearken: ${file}:1:7 Expected \`port\` to be a whole number in 0..65535, got "x"\n` +
        `hearken: ${file}:2:1 Expected a setting, got \`hots\`; did you mean \`host\`?\n`,
    );
  });

  test.each([
    [['--check'], /--config FILE/],
    [['--config', 'no-such.yaml', '--check'], /no-such\.yaml: there is none/],
  ])('%j is refused', async (args, reason) => {
    const { code, stderr } = await runCommand('serve', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
  });

  test('knows that a folder of a model is not there', async () => {
    const file = await written('models: { mine: ./mine }\n');
    const { code, stderr } = await runCommand('serve', '--config', file, '--check');
    expect(code).toBe(2);
    expect(stderr).toMatch(/Expected a model folder, .* got .*mine: there is none/);
  });
});
