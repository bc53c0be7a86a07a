/** Scenes of digits, the rule of their captions, and what is measured of captions. */
import { describe, expect, test } from 'vitest';

import { pointingOf, pooledRow } from '../../models/caption-digits/evaluation.ts';
import { type Box, sceneOf, SIDE, WORDS } from '../../models/caption-digits/scenes.ts';
import { ATTENTIONS, configOf } from '../../models/caption-digits/variants.ts';
import { initModel } from '../../src/model/forward.ts';
import { parseModelConfig } from '../../src/model/config.ts';
import { Random } from '../../src/tensor/random.ts';

const SCENES = [2, 3, 4, 5].flatMap((digits) =>
  Array.from({ length: 25 }, (_, index) => ({ digits, scene: sceneOf('validation', 7, index, digits) })),
);

const center = ({ top, left, height, width }: Box): [row: number, column: number] => [
  top + height / 2,
  left + width / 2,
];

describe('a scene', () => {
  test('has its digits within 64 x 64 pixels, of 16 to 20 on the longer side, none over another', () => {
    for (const { digits, scene } of SCENES) {
      expect(scene.boxes).toHaveLength(digits);
      expect(scene.pixels).toHaveLength(SIDE * SIDE);
      for (const [index, box] of scene.boxes.entries()) {
        const longer = Math.max(box.height, box.width);
        expect(longer).toBeGreaterThanOrEqual(16);
        expect(longer).toBeLessThanOrEqual(20);
        expect(Math.min(box.top, box.left)).toBeGreaterThanOrEqual(0);
        expect(Math.max(box.top + box.height, box.left + box.width)).toBeLessThanOrEqual(SIDE);
        const overlapping = scene.boxes.filter(
          (other, at) =>
            at > index &&
            box.top < other.top + other.height &&
            other.top < box.top + box.height &&
            box.left < other.left + other.width &&
            other.left < box.left + box.width,
        );
        expect(overlapping).toEqual([]);
      }
    }
  });

  test('is captioned from left to right, with where each digit stands, seen from the next', () => {
    for (const { digits, scene } of SCENES) {
      const words = scene.caption.split(' ');
      expect(words).toHaveLength(2 * digits - 1);
      for (const word of words) expect(WORDS).toContain(word);
      const told = scene.boxes.slice(1).map((box, place) => {
        const [[y, x], [row, column]] = [center(scene.boxes[place]!), center(box)];
        expect(column).toBeGreaterThan(x);
        const [down, right] = [row - y, column - x];
        return Math.abs(down) < right ? 'left' : down > 0 ? 'above' : 'below';
      });
      expect(words.filter((_, place) => place % 2 === 1)).toEqual(told);
    }
  });

  test('is the same again by its number, and another by another', () => {
    expect(sceneOf('test', 1, 3, 4)).toEqual(sceneOf('test', 1, 3, 4));
    expect(sceneOf('test', 1, 4, 4).pixels).not.toEqual(sceneOf('test', 1, 3, 4).pixels);
    expect(sceneOf('training', 1, 3, 4).pixels).not.toEqual(sceneOf('test', 1, 3, 4).pixels);
  });
});

describe('what is measured', () => {
  const boxes = [
    { top: 0, left: 0, height: 16, width: 16 },
    { top: 32, left: 48, height: 16, width: 16 },
  ];

  test('points at a digit with the shares of parts whose centers lie in its box', () => {
    const grid = { rows: 8, columns: 8 };
    const shares = (...given: readonly (readonly [part: number, share: number])[]): number[] => {
      const all = new Array<number>(64).fill(0);
      for (const [part, share] of given) all[part] = share;
      return all;
    };
    // Row 0 has parts 0 to 7; the second box holds parts 38, 39, 46 and 47.
    const alignment = [
      shares([0, 0.5], [9, 0.25], [2, 0.25]),
      shares([5, 1]),
      shares([38, 0.5], [47, 0.25], [37, 0.25]),
    ];
    expect(pointingOf({ boxes }, { alignment, grid })).toEqual([0.75, 0.75]);
  });

  test('of several trainings is their mean', () => {
    const row = { attention: 'soft', digits: 4, pointing: 0.5, seeds: 1, scenes: 10 } as const;
    expect(
      pooledRow([
        { ...row, exact: 0.5 },
        { ...row, exact: 1, pointing: 1 },
      ]),
    ).toEqual({
      ...row,
      exact: 0.75,
      pointing: 0.75,
      seeds: 2,
    });
  });
});

test('all that is compared has the same weights', () => {
  const [soft, ...others] = ATTENTIONS.map((attention) =>
    Object.entries(initModel(configOf(attention), Random.seeded(1))).map(
      ([name, { shape }]) => `${name} ${shape.join(' ')}`,
    ),
  );
  for (const other of others) expect(other).toEqual(soft);
  for (const attention of ATTENTIONS) expect(parseModelConfig(configOf(attention))).toEqual(configOf(attention));
});
