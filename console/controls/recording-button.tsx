import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';

type RecordingProps = { readonly isDisabled: boolean; readonly choose: (file: File) => void };

/** A button by which a recording is chosen among the files of whoever looks at the page. */
export function RecordingButton({ isDisabled, choose }: RecordingProps): JSX.Element {
  const file = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" disabled={isDisabled} onClick={() => file.current?.click()}>
        Choose a recording
      </button>
      <input
        ref={file}
        type="file"
        accept="audio/*,video/*"
        hidden
        onChange={({ currentTarget }) => {
          const [chosen] = currentTarget.files ?? [];
          if (chosen !== undefined) choose(chosen);
          currentTarget.value = ''; // the same file may be chosen again
        }}
      />
    </>
  );
}
