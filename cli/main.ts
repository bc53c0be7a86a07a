#!/usr/bin/env node
import { endWith } from './end-process.ts';
import { run } from './run.ts';
import { watchStandardStreams } from './standard-streams.ts';

watchStandardStreams();
endWith(await run(process.argv.slice(2)));
