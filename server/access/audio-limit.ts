import type { EngineWatch } from '../watched-engine.ts';
import type { AudioBudget } from './client-limits.ts';

/** Spends the audio of streams from `budget`: their `room` waits for it, and may reject as it does. */
export function audioLimit({ room, spend }: AudioBudget): EngineWatch {
  return { onOpen: () => ({ room, onPush: spend }) };
}
