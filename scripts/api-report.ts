/**
 * What users of the package may rely on: every name of every entry point with its type, as `docs/api.md`. `npm run api` writes it; a
 * test compares it, so that no change of the interface passes unseen.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const HEADER = `# The interface of hearken

Written by \`npm run api\`: every name that the entry points export (in the namespaces \`hearken\`, and by the name of each other one), and
what these refer to. A change here is a change for users.

`;

/** Lines of comments: of types that no entry point names, which are in the report, and of what has no docstring. */
const REMARKS = /^ *\/\/.*\n/gm;

const runFile = promisify(execFile);

/** The report of a package whose declarations are in `folder`, with its `package.json`. */
export async function apiReport(folder: string): Promise<string> {
  const { exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>; // ours
  };
  const entries = Object.entries(exports).flatMap(([name, entry]) =>
    typeof entry === 'string' ? [] : [{ name: name === '.' ? 'hearken' : name.slice('./'.length), types: entry.types }],
  );
  const work = await mkdtemp(join(tmpdir(), 'hearken-api-'));
  try {
    await cp(join(folder, 'dist'), join(work, 'dist'), {
      recursive: true,
      filter: (file) => !/\.(js|map)$/.test(file),
    });
    await cp(join(folder, 'package.json'), join(work, 'package.json'));
    await symlink(join(ROOT, 'node_modules'), join(work, 'node_modules'));
    const imports = entries.map(({ name, types }) => `import * as ${name} from '${types.replace('.d.ts', '.js')}';`);
    const names = entries.map(({ name }) => name).join(', ');
    await writeFile(join(work, 'entries.d.ts'), `${imports.join('\n')}\nexport { ${names} };\n`);
    await writeFile(join(work, 'api-extractor.json'), JSON.stringify(configuration(work)));
    const program = join(ROOT, 'node_modules/.bin/api-extractor');
    await runFile(program, ['run', '--local', '--config', join(work, 'api-extractor.json')], { cwd: work });
    const report = await readFile(join(work, 'hearken.api.md'), 'utf8');
    return (
      HEADER +
      report
        .slice(report.indexOf('```ts'))
        .replaceAll(REMARKS, '')
        .replaceAll(/\n{3,}/g, '\n\n')
    );
  } finally {
    await rm(work, { recursive: true });
  }
}

function configuration(folder: string): object {
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable', 'dom'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    types: ['node'],
    skipLibCheck: true,
  };
  const silent = { default: { logLevel: 'none' } };
  return {
    projectFolder: folder,
    newlineKind: 'lf',
    mainEntryPointFilePath: join(folder, 'entries.d.ts'),
    compiler: { overrideTsconfig: { compilerOptions } },
    apiReport: {
      enabled: true,
      reportFileName: 'hearken',
      reportFolder: folder,
      reportTempFolder: folder,
      includeForgottenExports: true,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent, compilerMessageReporting: silent },
  };
}

/** Builds the declarations of the sources in a folder, for `apiReport`. */
async function declarations(folder: string): Promise<void> {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  await runFile(tsc, ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', join(folder, 'dist')], {
    cwd: ROOT,
  });
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-declarations-'));
  try {
    await declarations(folder);
    await writeFile(join(ROOT, 'docs/api.md'), await apiReport(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}
