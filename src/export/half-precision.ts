/**
 * A graph in mixed precision, as automatic casting makes it of a graph in single precision (Micikevicius et al. 2018, "Mixed precision training",
 * https://arxiv.org/abs/1710.03740): products with weights are computed in half precision, sums, powers, exponentials and recurrences in single, and what lies
 * between in the precision of what it is given, single where that differs. Weights are stored in half precision. Inputs and outputs stay single, and so does
 * all that a comparison of real numbers rests on: half precision makes ties, and of two that are equal both would be chosen.
 */
import { LARGEST_HALF, roundToHalf, SMALLEST_NORMAL_HALF } from '../tensor/half.ts';
import { ELEMENT_CODES } from './element-types.ts';
import type { Constant, Node, Port, Precision } from './onnx-graph.ts';

/** What a pass reads and writes: nodes in order, constants by name. */
export type GraphParts = { readonly nodes: readonly Node[]; readonly constants: ReadonlyMap<string, Constant> };

/**
 * Operators that lose digits in half precision, or leave its range: those that add up many numbers, and those that grow fast. And recurrences, which
 * onnxruntime's WebGPU provider has in single precision only: in half they would be computed on the processor, between copies.
 */
const IN_SINGLE: ReadonlySet<string> = new Set([
  'CumSum',
  'Erf',
  'Exp',
  'GRU',
  'LSTM',
  'Log',
  'LogSoftmax',
  'Pow',
  'RNN',
  'Reciprocal',
  'ReduceMean',
  'ReduceProd',
  'ReduceSum',
  'Scan',
  'Softmax',
  'Softplus',
  'Sqrt',
]);

/** Operators that choose by real numbers. */
const COMPARISONS: ReadonlySet<string> = new Set([
  'ArgMax',
  'ArgMin',
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
]);

/** Operators whose output is no real number, whatever goes in. */
const NOT_REAL: ReadonlySet<string> = new Set([...COMPARISONS, 'And', 'IsNaN', 'Not', 'Or', 'Shape']);

/** Constants of so many numbers are stored in half precision wherever they are used. */
const SMALLEST_STORED_HALF = 1_024;

/** `parts` in mixed precision; `outputs` are values that stay single. */
export function inHalfPrecision(
  { nodes, constants }: GraphParts,
  inputs: readonly Port[],
  outputs: readonly string[],
): GraphParts & { readonly outputs: readonly string[] } {
  const exact = comparedBy(nodes);
  const pass = new HalfPrecisionPass(constants, inputs);
  for (const node of nodes) pass.take(node, exact.has(node));
  return { outputs: outputs.map((name) => pass.as(name, 'float32')), nodes: pass.nodes, constants: pass.constants };
}

/** The nodes on whose numbers comparisons rest, themselves included. */
function comparedBy(nodes: readonly Node[]): ReadonlySet<Node> {
  const needed = new Set<string>();
  const compared = nodes.toReversed().filter(({ operator, inputs, outputs }) => {
    const isCompared = COMPARISONS.has(operator) || outputs.some((output) => needed.has(output));
    if (isCompared && operator !== 'Shape') for (const input of inputs) needed.add(input);
    return isCompared;
  });
  return new Set(compared);
}

class HalfPrecisionPass {
  readonly nodes: Node[] = [];
  readonly constants: Map<string, Constant>;
  readonly #given: ReadonlyMap<string, Constant>;
  /** Precision of each value that is a real number; of others there is none. */
  readonly #precisions = new Map<string, Precision>();
  /** Values that are made of nothing but constants. */
  readonly #weights: Set<string>;
  /** Names of values in a precision that they were not made in, by `NAME PRECISION`. */
  readonly #converted = new Map<string, string>();

  constructor(constants: ReadonlyMap<string, Constant>, inputs: readonly Port[]) {
    this.#given = constants;
    this.constants = new Map(constants);
    this.#weights = new Set(constants.keys());
    for (const [name, { type }] of constants) if (type === 'float32') this.#precisions.set(name, 'float32');
    for (const { name, type } of inputs) if (type === 'float32') this.#precisions.set(name, 'float32');
  }

  /** Appends `node`; where it is to be `exact` it computes with single numbers, and its constants are not rounded. */
  take(node: Node, exact: boolean): void {
    const isWeight = node.inputs.every((name) => name === '' || this.#weights.has(name));
    const precision = exact || isWeight ? 'float32' : this.#precisionFor(node);
    const keeps = (name: string): boolean => !this.#precisions.has(name) || (exact && this.#given.has(name));
    const inputs = node.inputs.map((name) => (keeps(name) ? name : this.as(name, precision)));
    this.nodes.push({ ...node, inputs });
    for (const output of node.outputs) {
      if (isWeight) this.#weights.add(output);
      if (this.#isReal(node)) this.#precisions.set(output, node.operator === 'Cast' ? 'float32' : precision);
    }
  }

  /** The name of the value `name` in `precision`, cast where it was made in the other. */
  as(name: string, precision: Precision): string {
    const constant = this.#given.get(name);
    const isStoredHalf =
      constant !== undefined && constant.values.length >= SMALLEST_STORED_HALF && isInRange(constant);
    if (this.#precisions.get(name) === precision && !isStoredHalf) return name;
    const key = `${name} ${precision}`;
    const known = this.#converted.get(key) ?? this.#convert(name, precision, constant);
    this.#converted.set(key, known);
    return known;
  }

  #convert(name: string, precision: Precision, constant: Constant | undefined): string {
    if (constant === undefined) return this.#cast(name, name, precision);
    const half = `${name}.half`;
    const values = Float32Array.from(constant.values, roundToHalf);
    this.constants.set(half, { shape: constant.shape, type: 'float16', values });
    return precision === 'float16' ? half : this.#cast(half, name, precision);
  }

  #cast(from: string, name: string, precision: Precision): string {
    const output = `${name}.${precision}`;
    this.nodes.push({
      operator: 'Cast',
      inputs: [from],
      outputs: [output],
      attributes: { to: { int: ELEMENT_CODES[precision] } },
    });
    return output;
  }

  #precisionFor({ operator, inputs }: Node): Precision {
    if (IN_SINGLE.has(operator)) return 'float32';
    if (operator === 'MatMul' && inputs.some((name) => this.#weights.has(name))) {
      return inputs.every((name) => this.#isStaticallyInRange(name)) ? 'float16' : 'float32';
    }
    const real = inputs.filter((name) => this.#precisions.has(name));
    const computed = real.filter((name) => !this.#weights.has(name));
    const isHalf = computed.length > 0 && computed.every((name) => this.#precisions.get(name) === 'float16');
    return isHalf && real.every((name) => this.#isStaticallyInRange(name)) ? 'float16' : 'float32';
  }

  /** Whether half precision can hold `name` where its numbers are known. */
  #isStaticallyInRange(name: string): boolean {
    const constant = this.#given.get(name);
    return constant === undefined || constant.type !== 'float32' || isInRange(constant);
  }

  #isReal({ operator, inputs, attributes }: Node): boolean {
    if (NOT_REAL.has(operator)) return false;
    if (operator === 'Cast') return isCastToReal(attributes);
    return inputs.some((name) => this.#precisions.has(name));
  }
}

function isCastToReal(attributes: Node['attributes']): boolean {
  const to = attributes?.['to'];
  return to !== undefined && 'int' in to && to.int === ELEMENT_CODES.float32;
}

/** Whether no number is beyond the range of half precision, and the largest is not below what it holds with all its digits. */
function isInRange({ values }: Constant): boolean {
  let largest = 0;
  for (let index = 0; index < values.length; index++) largest = Math.max(largest, Math.abs(values[index]!));
  return largest === 0 || (largest <= LARGEST_HALF && largest >= SMALLEST_NORMAL_HALF);
}
