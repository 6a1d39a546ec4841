import { useStrings } from '../shared/strings.ts';

/** A button that lets the visitor choose a picture's file. */
export function OpenPhoto({ onFile }: { onFile: (file: File) => void }) {
  const words = useStrings().picture;
  return (
    <label class="button">
      <input
        type="file"
        accept="image/*"
        class="hidden"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) onFile(file);
          // The same file may be chosen again.
          currentTarget.value = '';
        }}
      />
      {words.file}
    </label>
  );
}
