import { defineConfig, type Plugin, type UserConfig } from 'vite';

/** What a browser does not have: functions of Node that throw when they are called, which only what reads files does. */
const withoutNode: Plugin = {
  name: 'without-node',
  enforce: 'pre',
  resolveId: (source) => (source.startsWith('node:') ? { id: `\0${source}`, syntheticNamedExports: true } : undefined),
  load: (id) => {
    if (!id.startsWith('\0node:')) return undefined;
    const message = JSON.stringify(`Expected nothing of ${id.slice(1)} in a browser`);
    return `export default new Proxy({}, { get: () => () => { throw new Error(${message}); } });`;
  },
};

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [withoutNode],
  resolve: {
    // The same interface, computed in a browser.
    alias: { 'onnxruntime-node': 'onnxruntime-web/wasm' },
  },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: '../dist/playground',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
  },
});

export default config;
