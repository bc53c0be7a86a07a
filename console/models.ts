/** What `/v1/models` says of the server's models, as far as the page needs it. */
import type { ScheduleConfig } from '../src/memory/schedule.ts';
import { ConsoleError } from './console-error.ts';

export type ConsoleModel = {
  readonly id: string;
  /** Sample rate in Hz that the model works at. */ readonly sampleRate: number;
  readonly grammars: readonly string[];
  readonly defaultGrammar: string;
  /** All that it can hear. */ readonly words: readonly string[];
  readonly memory: ScheduleConfig;
  readonly secondsPerVector: number;
};

type ListedModel = {
  readonly id: string;
  readonly sample_rate: number;
  readonly grammars: readonly string[];
  readonly default_grammar: string;
  readonly words: readonly string[];
  readonly memory: { readonly window: number; readonly leaf_fan_in: number; readonly fan_in: number };
  readonly seconds_per_vector: number;
};

/** Form of keys and tokens; a header takes no others. */
const KEY = /^[\w.~-]+$/;

/**
 * Fetches the list of models. Throws `console/server` where the server does not answer, `console/api-key` where it
 * refuses this key.
 */
export async function fetchModels(apiKey: string | undefined): Promise<ConsoleModel[]> {
  if (apiKey !== undefined && !KEY.test(apiKey)) {
    throw new ConsoleError('console/api-key', 'Expected a key of letters, digits, - . _ and ~, got others in it');
  }
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const response = await fetch('v1/models', { headers }).catch((cause: unknown) => {
    throw new ConsoleError('console/server', 'Expected the server to answer, got nothing', { cause });
  });
  if (response.status === 401) throw new ConsoleError('console/api-key', 'Expected the models, got HTTP 401');
  if (!response.ok) throw new ConsoleError('console/server', `Expected the models, got HTTP ${response.status}`);
  const { data } = (await response.json()) as { data: readonly ListedModel[] }; // the server of this very page
  return data.map((model) => ({
    id: model.id,
    sampleRate: model.sample_rate,
    grammars: model.grammars,
    defaultGrammar: model.default_grammar,
    words: model.words,
    memory: { window: model.memory.window, leafFanIn: model.memory.leaf_fan_in, fanIn: model.memory.fan_in },
    secondsPerVector: model.seconds_per_vector,
  }));
}
