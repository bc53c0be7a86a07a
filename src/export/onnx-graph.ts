/**
 * An ONNX graph under construction, and its encoding. Knows nothing of tfjs.
 *
 * Reference: ONNX IR version 8, operator set 17, https://github.com/onnx/onnx/blob/main/docs/IR.md
 */
import protocol from 'onnx-proto';

import { HearkenError } from '../errors.ts';
import type { Axis } from '../cell/tensor-spec.ts';
import { ELEMENT_CODES, type ElementType } from './element-types.ts';
import { inHalfPrecision } from './half-precision.ts';
import { roundToHalf, toHalves } from '../tensor/half.ts';
import { sizeOf } from '../tensor/shape.ts';

const { onnx } = protocol;

const IR_VERSION = 8;
const OPERATOR_SET = 17;

/** Constants of at most this many elements are shared between nodes. */
const LARGEST_SHARED_CONSTANT = 16;

/** Constants of so many numbers, all of which half precision holds exactly, are stored in it, and cast when a session is made. */
const SMALLEST_HALVED_CONSTANT = 1_024;

/** A cell has some hundreds; a loop over a dynamic axis, unrolled over a symbol, would have no end. */
const MOST_NODES = 100_000;

/** What a graph computes in; `float16` is mixed precision: see `inHalfPrecision`. */
export type Precision = 'float32' | 'float16';

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string }
  | { readonly body: Body };

/** What an operator repeats: its values are its own. */
export type Body = {
  readonly inputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly string[];
};

export type Attributes = Readonly<Record<string, Attribute>>;

/** A constant of the graph; `int64` values are given as numbers. */
export type Constant = {
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly values: ArrayLike<number>;
};

/** A graph input or output; letters are sizes that are known only when it runs. */
export type Port = { readonly name: string; readonly shape: readonly Axis[]; readonly type: ElementType };

export type Node = {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Attributes;
};

/** Grows by `node` and `constant`; `encode` writes what its outputs depend on. */
export class OnnxGraph {
  readonly #nodes: Node[] = [];
  readonly #constants = new Map<string, Constant>();
  readonly #shared = new Map<string, string>();
  #valueCount = 0;

  /** A value name that nothing else in the graph has. */
  freshName(): string {
    return `v${this.#valueCount++}`;
  }

  /** Appends a node and gives the names of its outputs. An input named `''` is absent. */
  node(operator: string, inputs: readonly string[], attributes: Attributes = {}, outputCount = 1): string[] {
    if (this.#nodes.length === MOST_NODES) {
      throw new HearkenError(
        'export/loop',
        `Expected a graph of at most ${MOST_NODES} nodes, got a loop that makes more`,
      );
    }
    const outputs = Array.from({ length: outputCount }, () => this.freshName());
    this.#nodes.push({ operator, inputs, outputs, attributes });
    return outputs;
  }

  /** Adds a constant, under `name` where one is given, and gives its name. */
  constant(constant: Constant, name?: string): string {
    if (name !== undefined || constant.values.length > LARGEST_SHARED_CONSTANT) {
      const chosen = name ?? this.freshName();
      this.#constants.set(chosen, constant);
      return chosen;
    }
    const key = `${constant.type} [${constant.shape.join()}] ${Array.from(constant.values).join()}`;
    const known = this.#shared.get(key) ?? this.freshName();
    this.#shared.set(key, known);
    this.#constants.set(known, constant);
    return known;
  }

  /** The graph as an ONNX model file, computing in `precision`. `outputs` maps the name of each output port to the value it shows. */
  encode(
    name: string,
    inputs: readonly Port[],
    outputs: readonly (Port & { readonly value: string })[],
    precision: Precision = 'float32',
  ): Uint8Array {
    const values = outputs.map(({ value }) => value);
    const single = { nodes: this.#reachable(values), constants: this.#constants, outputs: values };
    const parts = precision === 'float16' ? inHalfPrecision(single, inputs, values) : single;
    const nodes = [...parts.nodes, ...parts.outputs.map((value, index) => identity(value, outputs[index]!.name))];
    const used = new Set(nodes.flatMap((node) => node.inputs));
    const constants = [...parts.constants]
      .filter(([constant]) => used.has(constant))
      .map(([constant, content]) => encodeConstant(constant, content));
    const casts = constants.flatMap(({ cast }) => cast ?? []);
    return onnx.ModelProto.encode({
      irVersion: IR_VERSION,
      opsetImport: [{ domain: '', version: OPERATOR_SET }],
      producerName: 'hearken',
      graph: {
        name,
        node: [...casts, ...nodes].map(encodeNode),
        initializer: constants.map(({ initializer }) => initializer),
        input: inputs.map(encodePort),
        output: outputs.map(encodePort),
      },
    }).finish();
  }

  /** The nodes that `values` depend on, in order. */
  #reachable(values: readonly string[]): Node[] {
    const needed = new Set(values);
    const reachable = this.#nodes.toReversed().filter((node) => {
      const isNeeded = node.outputs.some((output) => needed.has(output));
      if (isNeeded) for (const input of node.inputs) needed.add(input);
      return isNeeded;
    });
    return reachable.toReversed();
  }
}

function identity(value: string, name: string): Node {
  return { operator: 'Identity', inputs: [value], outputs: [name], attributes: {} };
}

function encodeNode({ operator, inputs, outputs, attributes }: Node): protocol.onnx.INodeProto {
  return {
    opType: operator,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes ?? {}).map(([name, attribute]) => encodeAttribute(name, attribute)),
  };
}

function encodeAttribute(name: string, attribute: Attribute): protocol.onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if ('int' in attribute) return { name, type: AttributeType.INT, i: attribute.int };
  if ('float' in attribute) return { name, type: AttributeType.FLOAT, f: attribute.float };
  if ('ints' in attribute) return { name, type: AttributeType.INTS, ints: [...attribute.ints] };
  if ('body' in attribute) return { name, type: AttributeType.GRAPH, g: encodeBody(name, attribute.body) };
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(attribute.text) };
}

/** Its values are of single precision, and of shapes that the runtime infers. */
function encodeBody(name: string, { inputs, nodes, outputs }: Body): protocol.onnx.IGraphProto {
  const port = (value: string): protocol.onnx.IValueInfoProto => ({
    name: value,
    type: { tensorType: { elemType: ELEMENT_CODES.float32 } },
  });
  return { name, node: nodes.map(encodeNode), input: inputs.map(port), output: outputs.map(port) };
}

type EncodedConstant = {
  readonly initializer: protocol.onnx.ITensorProto;
  /** Makes of `initializer`, where that is stored in half precision, what the graph computes with. */ readonly cast?: Node;
};

function encodeConstant(name: string, { shape, type, values }: Constant): EncodedConstant {
  if (values.length !== sizeOf(shape)) {
    throw new HearkenError(
      'export/constant',
      `Expected ${sizeOf(shape)} values in constant \`${name}\` of shape [${shape.join(', ')}], got ${values.length}`,
    );
  }
  const halves = halvesOf(type, values);
  if (halves !== undefined) {
    const stored = `${name}.half`;
    const rawData = new Uint8Array(halves.buffer);
    return {
      initializer: { name: stored, dims: [...shape], dataType: ELEMENT_CODES.float16, rawData },
      cast: { operator: 'Cast', inputs: [stored], outputs: [name], attributes: { to: { int: ELEMENT_CODES[type] } } },
    };
  }
  const rawData = littleEndianBytes(type, values);
  return { initializer: { name, dims: [...shape], dataType: ELEMENT_CODES[type], rawData } };
}

function halvesOf(type: ElementType, values: ArrayLike<number>): Uint16Array<ArrayBuffer> | undefined {
  if (type !== 'float32' || values.length < SMALLEST_HALVED_CONSTANT) return undefined;
  return toHalves(Float32Array.from(values));
}

function littleEndianBytes(type: ElementType, values: ArrayLike<number>): Uint8Array {
  switch (type) {
    case 'float32':
      return new Uint8Array(Float32Array.from(values).buffer);
    case 'float16':
      return new Uint8Array(toHalves(Float32Array.from(values, roundToHalf))!.buffer); // rounded, so that it holds them
    case 'int32':
      return new Uint8Array(Int32Array.from(values).buffer);
    case 'int64':
      return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    case 'bool':
      return Uint8Array.from(values);
    default:
      return type satisfies never;
  }
}

function encodePort({ name, shape, type }: Port): protocol.onnx.IValueInfoProto {
  const dim = shape.map((axis) => (typeof axis === 'number' ? { dimValue: axis } : { dimParam: axis }));
  return { name, type: { tensorType: { elemType: ELEMENT_CODES[type], shape: { dim } } } };
}
