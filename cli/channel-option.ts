import { InvalidArgumentError } from 'commander';

import type { ChannelOption } from '../src/index.ts';

/** Which channel of a recording to hear, for commander. */
export function channelOption(text: string): ChannelOption {
  if (text === 'mix' || text === 'each' || text === 'left' || text === 'right') return text;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected mix, each, left, right, or a number from 0.');
}
