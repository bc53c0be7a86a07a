/**
 * The models inside the engine's thread. A model may be loaded again while it is heard: streams stay with the weights that
 * their state belongs to, new ones get the new weights, and the old ones are freed when their last stream has ended.
 */
import { HearkenError } from '../../src/errors.ts';
import { toFailure } from './failure.ts';
import type { LoadedModel, ModelLoader } from './load-model.ts';
import type { AnyServedModel, FromEngine, ModelSource, OpenMessage, Reloaded, ToEngine } from './messages.ts';

export type ServedModels = {
  readonly served: () => readonly AnyServedModel[];
  readonly take: (message: Exclude<ToEngine, { type: 'reload' | 'end' }>) => void;
  /** Loads every model again; what has changed is served beside the old one until that is retired. Never rejects. */
  readonly reload: () => Promise<readonly Reloaded[]>;
  /** Closes all streams. */ readonly end: () => void;
};

export type ServedModelsOptions = {
  readonly load: ModelLoader;
  readonly tell: (message: FromEngine) => void;
};

/** A model in one version of its weights, and who is heard by it. */
type Generation = {
  readonly model: LoadedModel;
  readonly streams: Set<number>;
  /** Whether no more streams will come. */ isRetired: boolean;
};

/** Of `sources`, whose ids are distinct. Rejects as `load` does. */
export async function loadServedModels(
  sources: readonly ModelSource[],
  { load, tell }: ServedModelsOptions,
): Promise<ServedModels> {
  const current = new Map<string, Generation>(); // by id
  const named = new Map<string, Generation>(); // by id and version, while streams may be opened
  const generationOf = new Map<number, Generation>();

  const serve = (model: LoadedModel): AnyServedModel => {
    const { id, version } = model.served;
    const generation: Generation = { model, streams: new Set(), isRetired: false };
    current.set(id, generation);
    named.set(nameOf(id, version), generation);
    return model.served;
  };
  const freeUnused = async ({ model, streams, isRetired }: Generation): Promise<void> => {
    if (!isRetired || streams.size > 0) return;
    await model[Symbol.asyncDispose]();
    tell({ type: 'freed', model: model.served.id, version: model.served.version });
  };
  const reloadOne = async (source: ModelSource): Promise<Reloaded> => {
    const { id } = source;
    try {
      const model = await load(source);
      if (model.served.version !== current.get(id)?.model.served.version) {
        return { id, outcome: 'changed', model: serve(model) };
      }
      await model[Symbol.asyncDispose]();
      return { id, outcome: 'unchanged' };
    } catch (error) {
      return { id, outcome: 'refused', failure: toFailure(error) };
    }
  };
  const retire = (model: string, version: string): void => {
    const name = nameOf(model, version);
    const old = named.get(name);
    if (old === undefined) return;
    named.delete(name);
    old.isRetired = true;
    void freeUnused(old);
  };
  const open = (message: OpenMessage): void => {
    const opened = named.get(nameOf(message.model, message.version));
    if (opened === undefined) return; // its requests will be told that it is closed
    generationOf.set(message.stream, opened);
    opened.streams.add(message.stream);
    opened.model.open(message);
  };
  const close = (stream: number): void => {
    const owner = generationOf.get(stream);
    if (owner === undefined) return;
    generationOf.delete(stream);
    owner.model.close(stream);
    owner.streams.delete(stream);
    void freeUnused(owner);
  };

  for (const source of sources) serve(await load(source));
  return {
    served: () => [...current.values()].map(({ model }) => model.served),
    reload: async () => {
      const reloaded: Reloaded[] = [];
      for (const source of sources) reloaded.push(await reloadOne(source)); // one at a time: streams are being heard
      return reloaded;
    },
    take: (message) => {
      if (message.type === 'retire') retire(message.model, message.version);
      else if (message.type === 'open' || message.type === 'openTokens') open(message);
      else if (message.type === 'close') close(message.stream);
      else {
        const owner = generationOf.get(message.stream);
        if (owner !== undefined) {
          owner.model.ask(message.stream, message);
          return;
        }
        const closed = new HearkenError('stream/closed', `Expected an open stream, got stream ${message.stream}`);
        tell({ type: 'answers', answers: [{ request: message.request, failure: toFailure(closed) }] });
      }
    },
    end: () => {
      for (const [stream, { model }] of generationOf) model.close(stream);
    },
  };
}

function nameOf(id: string, version: string): string {
  return `${id} ${version}`;
}
