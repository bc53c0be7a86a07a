/**
 * The API key of this tab: the browser forgets it when the tab is closed, and tells it to no other. Where pages may store
 * nothing, it is asked for again at every load.
 */
const NAME = 'hearken-api-key';

export function storedKey(): string | undefined {
  return storage()?.getItem(NAME) ?? undefined;
}

export function storeKey(key: string): void {
  storage()?.setItem(NAME, key);
}

export function forgetKey(): void {
  storage()?.removeItem(NAME);
}

function storage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined; // site data is blocked
  }
}
