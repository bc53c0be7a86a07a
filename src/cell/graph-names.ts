/**
 * Names in ONNX files. They are those of the cell, but a graph's input and output cannot share a name: what replaces
 * state `state.x` is called `state.x.next` there.
 */
const NEXT = '.next';
const STATE = 'state.';

/** Cells, and one of their inputs, that had other names before; files that carry these are read as ever. */
const OLD_CELLS: ReadonlyMap<string, string> = new Map([
  ['summariseLeaf', 'summarizeLeaf'],
  ['summariseInner', 'summarizeInner'],
]);
const OLD_INPUTS: ReadonlyMap<string, string> = new Map([['mass', 'tokenCounts']]);

/** Folder of the graphs in a checkpoint folder. */
export const GRAPHS_FOLDER = 'onnx';

/** The name in the file of a cell's output. */
export function graphOutputName(output: string): string {
  return output.startsWith(STATE) ? `${output}${NEXT}` : output;
}

/** The cell's name of an output of the file. */
export function cellOutputName(graphOutput: string): string {
  return graphOutput.startsWith(STATE) && graphOutput.endsWith(NEXT) ? graphOutput.slice(0, -NEXT.length) : graphOutput;
}

/** The cell's name of an input of the file. */
export function cellInputName(graphInput: string): string {
  return OLD_INPUTS.get(graphInput) ?? graphInput;
}

/** The cell in the file `CELL.onnx` that is called `name` without its ending. */
export function cellOfGraph(name: string): string {
  return OLD_CELLS.get(name) ?? name;
}

/** Names of the file of `cell`, without the ending: the one that is written, then the one that was written before. */
export function graphNamesOf(cell: string): readonly string[] {
  return [cell, ...[...OLD_CELLS].flatMap(([old, now]) => (now === cell ? [old] : []))];
}
