/**
 * Sizes of dynamic axes while tracing: symbols, each a polynomial in the axis letters, never numbers of elements. tfjs takes
 * nothing but numbers for sizes, so each polynomial has a number of its own, its token. Tokens lie where no fixed size does and so
 * far apart that what JavaScript's arithmetic makes of them is no token: a symbol that was taken for a number is found out.
 */
import type { SizeArithmetic } from '../cell/size.ts';
import { HearkenError } from '../errors.ts';
import { add, constantOf, divide, letterOf, multiply, type Polynomial, write } from './polynomial.ts';

/** Sizes that are no symbols are below this. */
const LARGEST_FIXED_SIZE = 2 ** 32;

/** Token i is `FIRST_TOKEN + i * TOKEN_DISTANCE`: sums and multiples lie beyond all of them, differences below. */
const FIRST_TOKEN = 2 ** 50;
const TOKEN_DISTANCE = 2 ** 32 + 15;
const MOST_TOKENS = 2 ** 16;

/** The symbols of one traced cell. All functions throw `export/axes` on numbers that are neither fixed sizes nor tokens. */
export class SymbolicSizes implements SizeArithmetic {
  readonly #polynomials = new Map<number, Polynomial>();
  readonly #tokens = new Map<string, number>();

  /** The size of the axes with this letter. */
  letter(letter: string): number {
    return this.#tokenOf(letterOf(letter));
  }

  sum(terms: readonly number[]): number {
    return this.#tokenOf(add(terms.map((term) => this.polynomialOf(term))));
  }

  product(factors: readonly number[]): number {
    return this.#tokenOf(multiply(factors.map((factor) => this.polynomialOf(factor))));
  }

  /** `size / divisor`. Throws `export/axes` where that is not a whole number for every size of the letters. */
  quotient(size: number, divisor: number): number {
    const quotient = divide(this.polynomialOf(size), this.polynomialOf(divisor));
    if (quotient !== undefined) return this.#tokenOf(quotient);
    throw new HearkenError(
      'export/axes',
      `Expected ${this.write(size)} elements to be a multiple of ${this.write(divisor)} at every size, got a rest`,
    );
  }

  /** Whether `size` depends on a letter. */
  isSymbol(size: number): boolean {
    if (this.#polynomials.has(size)) return true;
    if (Number.isInteger(size) && Math.abs(size) < LARGEST_FIXED_SIZE) return false;
    throw new HearkenError(
      'export/axes',
      `Expected sizes of dynamic axes to be computed by \`sizeSum\` and \`sizeProduct\`, got ${size} from other arithmetic`,
    );
  }

  polynomialOf(size: number): Polynomial {
    return this.isSymbol(size) ? (this.#polynomials.get(size) ?? []) : constantOf(size);
  }

  /** As people write it, for messages. */
  write(size: number): string {
    return write(this.polynomialOf(size));
  }

  #tokenOf(polynomial: Polynomial): number {
    const [first] = polynomial;
    if (first === undefined) return 0;
    if (first.letters.length === 0) return first.coefficient; // the only monomial: higher degrees come first
    const key = write(polynomial);
    const token = this.#tokens.get(key) ?? FIRST_TOKEN + this.#tokens.size * TOKEN_DISTANCE;
    if (this.#tokens.size === MOST_TOKENS) {
      throw new HearkenError('export/axes', `Expected at most ${MOST_TOKENS} different dynamic sizes, got more`);
    }
    this.#tokens.set(key, token);
    this.#polynomials.set(token, polynomial);
    return token;
  }
}
