import { defineConfig, type UserConfig } from 'vite';

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: { outDir: '../dist/console', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: false },
  // `npx vite console`: the page from its sources, the rest from a server that runs.
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:8080', ws: true } } },
});

export default config;
