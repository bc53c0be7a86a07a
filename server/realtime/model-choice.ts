/** Which of the server's models a client hears by, from the names and languages that it gives. */
import type { ServedModel } from '../engine/client.ts';
import { RequestError } from './request-error.ts';

/** A model, and whether the client asked for it or for one of OpenAI's. */
export type ChosenModel = { readonly model: ServedModel; readonly isStandIn: boolean };

/** Clients know OpenAI's models only, and many cannot be told another name. */
const OPENAI_NAME = /^(?:gpt|whisper)-/;
/** These have no detection of turns: their clients commit, and may send no settings of it. */
const WITHOUT_TURNS = /^gpt-(?:realtime-whisper|live-transcribe)/;

/**
 * The model of that id; the first one stands in for OpenAI's, and is what a client gets who names none. Throws a
 * `RequestError` for any other name.
 */
export function modelCalled(id: string | undefined, models: readonly ServedModel[], param: string): ChosenModel {
  const model = models.find((each) => each.id === id);
  if (model !== undefined) return { model, isStandIn: false };
  const [first] = models;
  const isOpenAis = id !== undefined && OPENAI_NAME.test(id);
  if (first !== undefined && (id === undefined || isOpenAis)) return { model: first, isStandIn: isOpenAis };
  const known = models.map((each) => each.id).join(', ') || 'which has none';
  throw new RequestError('model_not_found', `Expected a model of this server (${known}), got another`, param);
}

/** Whether clients of the model commit by themselves, where they say nothing of turns. */
export function isCommittedTo(id: string | undefined): boolean {
  return id !== undefined && WITHOUT_TURNS.test(id);
}

/** The first of the models for one of the languages; `en-GB` is heard by a model for `en`. Throws a `RequestError`. */
export function modelSpeaking(
  languages: readonly string[],
  models: readonly ServedModel[],
  param: string,
): ServedModel {
  const primary = (tag: string): string => tag.split('-', 1)[0]?.toLowerCase() ?? '';
  const wanted = new Set(languages.map(primary));
  const model = models.find((each) => wanted.has(primary(each.language)));
  if (model !== undefined) return model;
  const known = [...new Set(models.map((each) => each.language))].join(', ');
  throw new RequestError('unsupported_language', `Expected a language of the model (${known}), got another`, param);
}
