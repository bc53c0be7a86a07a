/** Polynomials in axis letters with integer coefficients: what sizes of dynamic axes are, `2 B T + 3`. Values, never changed. */

/** A product of letters, in order, one for each power: `['B', 'T', 'T']` is B T²; none is 1. */
export type Monomial = { readonly letters: readonly string[]; readonly coefficient: number };

/** Monomials with their letters and without zeros; higher degrees first, then by the alphabet. */
export type Polynomial = readonly Monomial[];

export function constantOf(value: number): Polynomial {
  return value === 0 ? [] : [{ letters: [], coefficient: value }];
}

export function letterOf(letter: string): Polynomial {
  return [{ letters: [letter], coefficient: 1 }];
}

export function add(polynomials: readonly Polynomial[]): Polynomial {
  return collect(polynomials.flat());
}

export function multiply(polynomials: readonly Polynomial[]): Polynomial {
  return polynomials.reduce<Polynomial>(
    (left, right) => collect(left.flatMap((a) => right.map((b) => times(a, b)))),
    constantOf(1),
  );
}

/** `dividend / divisor` where that is a polynomial with integer coefficients. */
export function divide(dividend: Polynomial, divisor: Polynomial): Polynomial | undefined {
  const [leading] = divisor;
  if (leading === undefined) return undefined;
  const quotient: Monomial[] = [];
  let rest = dividend;
  while (rest.length > 0) {
    const part = over(rest[0]!, leading); // there is one
    if (part === undefined) return undefined;
    quotient.push(part);
    rest = add([rest, multiply([[part], divisor, constantOf(-1)])]); // its leading monomial is gone
  }
  return quotient;
}

/** As people write it, the same for equal polynomials. */
export function write(polynomial: Polynomial): string {
  const terms = polynomial.map(({ letters, coefficient }) => {
    const factors = coefficient === 1 && letters.length > 0 ? letters : [coefficient, ...letters];
    return factors.join(' ');
  });
  return terms.join(' + ') || '0';
}

function times(a: Monomial, b: Monomial): Monomial {
  return { letters: [...a.letters, ...b.letters].toSorted(), coefficient: a.coefficient * b.coefficient };
}

function over(dividend: Monomial, divisor: Monomial): Monomial | undefined {
  const letters = [...dividend.letters];
  for (const letter of divisor.letters) {
    const index = letters.indexOf(letter);
    if (index < 0) return undefined;
    letters.splice(index, 1);
  }
  const coefficient = dividend.coefficient / divisor.coefficient;
  return Number.isInteger(coefficient) ? { letters, coefficient } : undefined;
}

/** Like monomials put together, in order. */
function collect(monomials: readonly Monomial[]): Polynomial {
  const sums = new Map<string, Monomial>();
  for (const { letters, coefficient } of monomials) {
    const key = letters.join(' ');
    sums.set(key, { letters, coefficient: (sums.get(key)?.coefficient ?? 0) + coefficient });
  }
  return [...sums]
    .filter(([, { coefficient }]) => coefficient !== 0)
    .toSorted(([a, { letters: left }], [b, { letters: right }]) => right.length - left.length || (a < b ? -1 : 1))
    .map(([, monomial]) => monomial);
}
