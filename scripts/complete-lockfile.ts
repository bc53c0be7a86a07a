/**
 * Completes `package-lock.json` with the packages of other platforms that the registry at hand did not serve.
 *
 * npm drops an optional package from the lock file when it cannot load its manifest (a mirror that holds Linux only, say),
 * and `npm ci` then refuses the very lock file that npm wrote: "Missing: NAME@ from lock file". An entry with version,
 * `os` and `cpu` is all that `npm ci` asks of a package that it will not install here. Run after `npm install`.
 *
 * It also takes the mark `hasInstallScript` from packages that `allowScripts` of `package.json` denies their scripts: versions of
 * npm that do not know that field run no script of a package without the mark.
 */
import { readFileSync, writeFileSync } from 'node:fs';

type LockedPackage = {
  version?: string;
  cpu?: string[];
  libc?: string[];
  optional?: boolean;
  dev?: boolean;
  hasInstallScript?: boolean;
  os?: string[];
  optionalDependencies?: Record<string, string>;
};

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> }; // npm wrote it
const { packages } = lock;
const { allowScripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  allowScripts: Record<string, boolean>; // ours
};

let added = 0;
for (const [location, parent] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isLocked(location, name)) continue;
    packages[`node_modules/${name}`] = {
      version: range.replace(/^[~^]/, ''),
      ...platformOf(name),
      ...(parent.dev ? { dev: true } : {}),
      optional: true,
    };
    added++;
  }
}
let denied = 0;
for (const [location, locked] of Object.entries(packages)) {
  if (allowScripts[location.slice(location.lastIndexOf('node_modules/') + 'node_modules/'.length)] !== false) continue;
  if (locked.hasInstallScript) denied++;
  delete locked.hasInstallScript;
}
const sorted = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
process.stdout.write(`${added} packages of other platforms added to package-lock.json; ${denied} run no script\n`);

/** Whether `name`, as seen from the package at `location`, has an entry (beside it or in a folder above). */
function isLocked(location: string, name: string): boolean {
  let folder = location;
  for (;;) {
    const prefix = folder === '' ? '' : `${folder}/`;
    if (`${prefix}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')));
  }
}

/** Platform packages carry their platform in their name: `@esbuild/linux-arm64`, `@rollup/rollup-linux-x64-musl`. */
function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  const libc = words.includes('musl') ? ['musl'] : [];
  return { ...(cpu.length > 0 ? { cpu } : {}), ...(os.length > 0 ? { os } : {}), ...(libc.length > 0 ? { libc } : {}) };
}
