import { expect, test } from 'vitest';

import { neighbor } from '../../console/words/word-places.ts';

const word = { word: 'one', start: 0, end: 1, confidence: 1 };
const UTTERANCES = [{ words: [word, word] }, { words: [word, word, word] }];

test.each([
  ['ArrowRight', { utterance: 0, word: 1 }, { utterance: 1, word: 0 }],
  ['ArrowLeft', { utterance: 1, word: 0 }, { utterance: 0, word: 1 }],
  ['ArrowLeft', { utterance: 0, word: 0 }, undefined],
  ['ArrowRight', { utterance: 1, word: 2 }, undefined],
  ['ArrowDown', { utterance: 0, word: 1 }, { utterance: 1, word: 0 }],
  ['ArrowUp', { utterance: 1, word: 2 }, { utterance: 0, word: 0 }],
  ['Home', { utterance: 1, word: 2 }, { utterance: 0, word: 0 }],
  ['End', { utterance: 0, word: 0 }, { utterance: 1, word: 2 }],
  ['ArrowLeft', undefined, { utterance: 1, word: 1 }],
  ['x', { utterance: 0, word: 0 }, undefined],
] as const)('%s leads from word %o to %o', (key, from, to) => {
  expect(neighbor(UTTERANCES, from, key)).toEqual(to);
});
