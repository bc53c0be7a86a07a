import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

type KeyFormProps = {
  /** Whether a key was given that the server does not take. */ readonly isRefused: boolean;
  readonly give: (key: string) => void;
};

/** Asks for the API key. Its field has no name, so that no way of sending the form carries it. */
export function KeyForm({ isRefused, give }: KeyFormProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      class="key"
      onSubmit={(event) => {
        event.preventDefault();
        const key = field.current?.value.trim() ?? '';
        if (key !== '') give(key);
      }}
    >
      <p>This server asks for an API key. It stays in this tab until the tab is closed.</p>
      {isRefused && (
        <p class="refused" role="alert">
          The server does not take this key. <code>console/api-key</code>
        </p>
      )}
      <label>
        <span>API key</span>
        <input ref={field} type="password" required autocomplete="off" spellcheck={false} />
      </label>
      <button type="submit" class="primary">
        Use the key
      </button>
    </form>
  );
}
