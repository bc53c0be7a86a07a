import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readAudio } from '../../src/audio/read-audio.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import { codeGrammar } from '../../src/grammar/code-grammar.ts';
import {
  type DecoderChoice,
  type FinalEvent,
  type GrammarChoice,
  type GrammarForm,
  loadModel,
  type Model,
} from '../../src/index.ts';
import { rankCodes } from '../../src/recognizer/code-alternatives.ts';
import { inChunks } from './chunks.ts';
import { idsOf, SPOKEN } from '../grammar/spoken-vocabulary.ts';

describe('a code that is said', () => {
  let model: Model;
  let pin: Float32Array;
  beforeAll(async () => {
    model = await loadModel('codes-en');
    const pieces: Float32Array[] = [];
    for await (const piece of readAudio('samples/pin.wav', { sampleRate: model.sampleRate })) pieces.push(piece);
    pin = concatenate(pieces);
  });
  afterAll(() => model.dispose());

  const finalsOf = async (grammar: GrammarChoice, chunks: readonly Float32Array[] = [pin]): Promise<FinalEvent[]> => {
    const finals: FinalEvent[] = [];
    for await (const event of model.stream(chunks, { grammar })) if (event.type === 'final') finals.push(event);
    return finals;
  };

  test('is written, with alternatives whose scores fall and whose shares sum to 1 at most', async () => {
    const [final] = await finalsOf({ pattern: '\\d{4}', alternatives: 20 });
    expect(final).toMatchObject({ text: 'four seven two nine', written: '4729', complete: true, valid: true });
    const alternatives = final?.alternatives ?? [];
    expect(alternatives[0]).toMatchObject({ written: '4729', text: 'four seven two nine' });
    expect(alternatives).toHaveLength(20);
    const scores = alternatives.map(({ logProbability }) => logProbability);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(new Set(alternatives.map(({ written }) => written)).size).toBe(20);
    expect(alternatives.reduce((sum, { posterior }) => sum + posterior, 0)).toBeLessThanOrEqual(1 + 1e-9);
    for (const { written } of alternatives) expect(written).toMatch(/^\d{1,4}$/);
  });

  test('grows in partials, which say whether it is whole', async () => {
    const written: string[] = [];
    for await (const event of model.stream(inChunks(pin, 1_600), { grammar: { pattern: '\\d{4}' } })) {
      if (event.type === 'partial') written.push(`${event.written} ${event.complete}`);
    }
    expect(written).toContain('4729 true');
    expect(written[0]).toMatch(/^\d{1,3} false$/);
  });

  test('is the likeliest that satisfies its check, where one is likely enough', async () => {
    const [among] = await finalsOf({ pattern: '\\d{4}', isValid: (written) => written === '4725', margin: 1000 });
    expect(among).toMatchObject({ written: '4725', valid: true, complete: true });
    const [none] = await finalsOf({ pattern: '\\d{4}', isValid: () => false, margin: 1000 });
    expect(none).toMatchObject({ written: '4729', valid: false, complete: true });
    const [tooFar] = await finalsOf({ pattern: '\\d{4}', isValid: (written) => written === '4725', margin: 0.1 });
    expect(tooFar).toMatchObject({ written: '4729', valid: false });
  });

  test.each(['ctc', 'attention', 'joint'] as const)('is the same by %s', async (decoder) => {
    const { codes } = await model.transcribe('samples/pin.wav', { grammar: { pattern: '\\d{4}' }, decoder });
    expect(codes?.map(({ written }) => written)).toEqual(['4729']);
  });

  test('that is not whole is told so', async () => {
    const [final] = await finalsOf({ pattern: '\\d{4}[A-Z]{4}' });
    expect(final).toMatchObject({ written: '4729', complete: false, valid: false });
  });

  test('goes on from a snapshot in its midst', async () => {
    const grammar = { pattern: '\\d{4}', check: 'verhoeff' as const, alternatives: 3, margin: 4, numbers: false };
    const whole = await finalsOf(grammar, [pin.slice(0, 30_000), pin.slice(30_000)]);
    const first = model.open({ grammar });
    await first.push(pin.slice(0, 30_000));
    const from = await first.snapshot();
    first.close();
    const second = model.open({ from });
    const events = [...(await second.push(pin.slice(30_000))), ...(await second.flush())];
    expect(events.filter(({ type }) => type === 'final')).toEqual(whole);
  });

  const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  const jsgf = `#JSGF V1.0; grammar pin; public <pin> = <digit>+; <digit> = ${DIGITS.map((word, digit) => `${word} {${digit}}`).join('|')};`;
  const items = DIGITS.map((word, digit) => `<item>${word}<tag>${digit}</tag></item>`).join('');
  const grxml = `<grammar root="pin"><rule id="pin"><item repeat="1-">
    <ruleref uri="#digit"/></item></rule><rule id="digit"><one-of>${items}</one-of></rule></grammar>`;

  test.each<[string, GrammarForm, string]>([
    ['JSGF', { jsgf }, '4729'],
    ['XML', { grxml, check: [], margin: 2 }, '4729'],
    ['phrases', { phrases: ['four', { phrase: 'four seven two nine', label: 'PIN', threshold: 0.5 }] }, 'PIN'],
    ['boosted phrases', { boosts: [{ phrase: 'seven two', boost: 1, label: '72' }], among: 'digits' }, 'four 72 nine'],
  ])('may be told by %s, and goes on from a snapshot', async (_, grammar, written) => {
    const whole = await finalsOf(grammar, [pin.slice(0, 30_000), pin.slice(30_000)]);
    expect(whole).toMatchObject([{ text: 'four seven two nine', written, complete: true, valid: true }]);
    const first = model.open({ grammar });
    await first.push(pin.slice(0, 30_000));
    const from = await first.snapshot();
    first.close();
    const second = model.open({ from });
    const events = [...(await second.push(pin.slice(30_000))), ...(await second.flush())];
    expect(events.filter(({ type }) => type === 'final')).toEqual(whole);
  });

  test('is not valid where its share is below the threshold of its phrase', async () => {
    const heard = await finalsOf({ phrases: [{ phrase: 'four seven two nine', threshold: 1 }, 'four seven two five'] });
    expect(heard[0]?.alternatives?.map(({ written, valid }) => [written, valid])).toContainEqual([
      'four seven two nine',
      false,
    ]);
  });

  test('is what a boost makes of it where another is nearly as likely', async () => {
    const words = async (boost: number, decoder: DecoderChoice): Promise<string | undefined> => {
      const grammar = { boosts: [{ phrase: 'two five', boost }], among: 'digits' };
      return (await model.transcribe(pin, { grammar, decoder })).text;
    };
    for (const decoder of ['ctc', 'joint', 'attention'] as const) {
      expect([decoder, await words(0, decoder)]).toEqual([decoder, 'four seven two nine']);
      expect([decoder, await words(10, decoder)]).toEqual([decoder, 'four seven two five']);
    }
  });

  test('whose validity a function decides cannot be saved', async () => {
    const stream = model.open({ grammar: { pattern: '\\d{4}', isValid: () => true } });
    await expect(stream.snapshot()).rejects.toThrow(expect.objectContaining({ code: 'grammar/unsaved' }));
    stream.close();
  });

  test('takes no number of words', async () => {
    const recognized = model.recognize(pin, { grammar: { pattern: '\\d{4}' }, maximumWords: 2 });
    await expect(recognized).rejects.toThrow(expect.objectContaining({ code: 'option/unused' }));
    expect((await model.recognize(pin, { grammar: { pattern: '\\d{4}' } })).text).toBe('four seven two nine');
  });
});

describe('ranked codes', () => {
  const { code } = codeGrammar(SPOKEN, 'en', { pattern: '[A-Z0-9]{2}', isValid: (written) => written !== 'OB' });
  const hypothesis = (words: string, logProbability: number) => ({ labels: idsOf(words), logProbability });

  test('are those of all ways to write a hypothesis, the likeliest valid first', () => {
    const ranked = rankCodes(code, [hypothesis('o b', -1)]);
    expect(ranked.map(({ written, valid }) => [written, valid])).toEqual([
      ['0B', true],
      ['OB', false],
    ]);
    expect(ranked[1]?.logProbability).toBe(-1);
    expect(ranked[0]?.logProbability).toBeCloseTo(-1 + Math.log(0.5), 12);
  });

  test('gather the hypotheses that are written alike', () => {
    const [best] = rankCodes(code, [hypothesis('a b', -1), hypothesis('alpha b', -1)]);
    expect(best).toMatchObject({ written: 'AB', valid: true, posterior: 1 });
    expect(best?.logProbability).toBeCloseTo(-1 + Math.log(2), 12);
  });

  test('pass over what is impossible, and are none of nothing', () => {
    expect(rankCodes(code, [hypothesis('a b', Number.NEGATIVE_INFINITY)])).toEqual([]);
  });
});
