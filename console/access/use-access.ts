import { useCallback, useEffect, useState } from 'preact/hooks';

import { ConsoleError } from '../console-error.ts';
import { type Problem, problemOf } from '../problem.ts';
import { fetchModels, type ConsoleModel } from '../models.ts';
import { forgetKey, storedKey, storeKey } from './stored-key.ts';

/** Whether the server lets the page in. */
export type Access =
  | { readonly state: 'asking' }
  | { readonly state: 'open'; readonly models: readonly ConsoleModel[]; readonly apiKey: string | undefined }
  | {
      readonly state: 'closed';
      /** Whether a key was given, and not taken. */
      readonly isRefused: boolean;
    }
  | { readonly state: 'failed'; readonly problem: Problem };

export type AccessControls = {
  readonly access: Access;
  readonly giveKey: (key: string) => void;
  readonly forget: () => void;
};

/** Asks the server for its models, with the key of this tab where there is one. Only a key that was taken is stored. */
export function useAccess(): AccessControls {
  const [access, setAccess] = useState<Access>({ state: 'asking' });
  const ask = useCallback((apiKey: string | undefined): void => {
    setAccess({ state: 'asking' });
    void accessWith(apiKey).then(setAccess);
  }, []);
  useEffect(() => ask(storedKey()), [ask]);
  const forget = useCallback((): void => {
    forgetKey();
    ask(undefined);
  }, [ask]);
  return { access, giveKey: ask, forget };
}

/** Whether the page was served by a server that asks for keys: asked of the page itself, which everybody may have. */
async function isKeyRequired(): Promise<boolean> {
  const page = await fetch(location.pathname, { method: 'HEAD' }).catch(() => undefined); // then the models cannot be had either
  return page?.headers.get('hearken-access') === 'key';
}

async function accessWith(apiKey: string | undefined): Promise<Access> {
  if (apiKey === undefined && (await isKeyRequired())) return { state: 'closed', isRefused: false };
  try {
    const models = await fetchModels(apiKey);
    if (apiKey !== undefined) storeKey(apiKey);
    return { state: 'open', models, apiKey };
  } catch (error) {
    if (!(error instanceof ConsoleError && error.code === 'console/api-key')) {
      return { state: 'failed', problem: problemOf(error) };
    }
    forgetKey();
    return { state: 'closed', isRefused: apiKey !== undefined };
  }
}
