import { useId, useState } from 'preact/hooks';

/** Larger files are not what is asked for here. */
const LARGEST = 32 * 1024 * 1024;

/** A file whose text is wanted. What cannot be read, or is far too large, gives an empty text. */
export function FileField({
  label,
  accept,
  onText,
}: {
  label: string;
  accept: string;
  onText: (text: string) => void;
}) {
  const id = useId();
  const [reading, setReading] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file || file.size > LARGEST) return onText('');
    setReading(true);
    onText(await file.text().catch(() => ''));
    setReading(false);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept={accept}
        aria-busy={reading || undefined}
        onChange={(event) => void take(event.currentTarget.files?.[0])}
      />
    </div>
  );
}
