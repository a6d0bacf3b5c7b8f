/** How far something has come. `part` of one; undefined: it cannot be known. */
export function Progress({ part, label }: { part?: number | undefined; label: string }) {
  return (
    <div class="progress">
      <span class="progress-label">{label}</span>
      {part === undefined ? (
        <progress aria-label={label} />
      ) : (
        <progress aria-label={label} max={1} value={Math.min(Math.max(part, 0), 1)} />
      )}
    </div>
  );
}
