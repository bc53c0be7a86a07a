import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** For `npm run mutation`, which says in which folder the tests are that have to notice a change. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: [`${process.env['MUTATION_TESTS']}/**/*.test.ts`],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default config;
