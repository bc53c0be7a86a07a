/** Forms as plain data that survive JSON: in snapshots, and in messages of clients. */
import { z } from 'zod';

import { CHECK_NAMES, type CheckName } from './check-digits.ts';
import type { PlainForm } from './grammar-form.ts';
import type { Phrase } from './phrases.ts';

const checkName = z.enum(CHECK_NAMES as readonly [CheckName, ...CheckName[]]); // there are some

const answer = {
  check: z.union([checkName, z.array(checkName)]).exactOptional(),
  alternatives: z.int().min(1).max(100).exactOptional(),
  margin: z.number().min(0).max(1000).exactOptional(),
  incompletePauseMs: z.number().exactOptional(),
  completePauseMs: z.number().exactOptional(),
  noInputMs: z.number().exactOptional(),
};

/** An entry of a list of phrases. */
export const phraseSchema: z.ZodType<Phrase> = z.strictObject({
  phrase: z.string(),
  boost: z.number().min(-100).max(100).exactOptional(),
  threshold: z.number().min(0).max(1).exactOptional(),
  label: z.string().exactOptional(),
});

const phrase = z.union([z.string(), phraseSchema]);

/** What its fields hold is checked where the form is compiled. */
export const formSchema: z.ZodType<PlainForm> = z.union([
  z.strictObject({ pattern: z.string(), numbers: z.boolean().exactOptional(), ...answer }),
  z.strictObject({ jsgf: z.string(), ...answer }),
  z.strictObject({ grxml: z.string(), ...answer }),
  z.strictObject({ phrases: z.array(phrase), ...answer }),
  z.strictObject({
    boosts: z.array(phrase),
    among: z.union([z.string(), z.array(z.string())]).exactOptional(),
    ...answer,
  }),
]);
