/** What a recipe trains, as the environment chooses it: `HEARKEN_VARIANT=gru npx hearken train ...`. */
import { numberIn, oneOf } from '../src/arguments.ts';

/** The text of `variable`, which must be one of `names`; `otherwise` where it is not set. Throws `option/unknown-value`. */
export function nameFrom<Name extends string>(variable: string, names: readonly Name[], otherwise: Name): Name {
  const name = process.env[variable] ?? otherwise;
  oneOf(...names)(variable, name);
  return name as Name; // one of them, as was just checked
}

/** The number in `variable`, from 0 on; `otherwise` where it is not set. Throws `option/type`, or `option/out-of-range`. */
export function numberFrom(variable: string, otherwise: number): number {
  const text = process.env[variable];
  if (text === undefined) return otherwise;
  const number = Number(text);
  numberIn(0)(variable, Number.isNaN(number) ? text : number);
  return number;
}
