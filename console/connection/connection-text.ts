import type { ConsoleState } from '../console-state.ts';

/** The connection's state in a word or two. */
export function connectionText({ activity, connection }: ConsoleState): string {
  if (activity === 'opening') return 'Opening';
  switch (connection) {
    case 'connecting':
      return 'Connecting';
    case 'open':
      return activity === 'settling' ? 'Settling the last words' : 'Open';
    case 'lost':
      return 'Lost, trying again';
    case 'none':
    case 'closed':
      return 'Not connected';
    default:
      return connection satisfies never;
  }
}
