/**
 * Names in ONNX files. They are those of the cell, but a graph's input and output cannot share a name: what replaces
 * state `state.x` is called `state.x.next` there.
 */
const NEXT = '.next';
const STATE = 'state.';

/** Where in a checkpoint folder the graphs are. */
export const GRAPHS_FOLDER = 'onnx';

/** The name in the file of a cell's output. */
export function graphOutputName(output: string): string {
  return output.startsWith(STATE) ? `${output}${NEXT}` : output;
}

/** The cell's name of an output of the file. */
export function cellOutputName(graphOutput: string): string {
  return graphOutput.startsWith(STATE) && graphOutput.endsWith(NEXT) ? graphOutput.slice(0, -NEXT.length) : graphOutput;
}
