/**
 * An encoder on another one's vectors: what one model learned to hear, and what another learns to make of it. Weights of the lower one have
 * their own names, those of the upper one stand under `encoder.above`; likewise the states.
 */

/** `encoder.lstm.0.kernel` is `encoder.above.lstm.0.kernel` of the stack. */
const WEIGHTS = ['encoder.', 'encoder.above.'] as const;
/** `state.hidden.0` is `state.above.hidden.0` of the stack. */
const STATES = ['state.', 'state.above.'] as const;

/** Names of the upper encoder's weights as the stack has them. */
export function stackedWeights<Value>(upper: Readonly<Record<string, Value>>): Record<string, Value> {
  return renamed(upper, WEIGHTS[0], WEIGHTS[1]);
}

/** The upper encoder's weights under names of their own. */
export function upperWeights<Value>(weights: Readonly<Record<string, Value>>): Record<string, Value> {
  return renamed(weights, WEIGHTS[1], WEIGHTS[0]);
}

/** Names of the upper encoder's states as the stack has them. */
export function stackedStates<Value>(upper: Readonly<Record<string, Value>>): Record<string, Value> {
  return renamed(upper, STATES[0], STATES[1]);
}

/** The upper encoder's states under names of their own. */
export function upperStates<Value>(states: Readonly<Record<string, Value>>): Record<string, Value> {
  return renamed(states, STATES[1], STATES[0]);
}

/** What starts with `from` starts with `to` instead; all else is left out. */
function renamed<Value>(given: Readonly<Record<string, Value>>, from: string, to: string): Record<string, Value> {
  const own = Object.entries(given).filter(([name]) => name.startsWith(from));
  return Object.fromEntries(own.map(([name, value]) => [`${to}${name.slice(from.length)}`, value]));
}
