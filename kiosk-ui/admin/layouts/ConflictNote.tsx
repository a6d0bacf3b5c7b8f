import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Icon } from '../../parts/Icon.tsx';
import type { Mine } from './useMine.ts';

/** Somebody else saved the same thing meanwhile: theirs or mine. */
export function ConflictNote<T>({ mine, text }: { mine: Mine<T>; text: string }) {
  const t = texts('layouts');
  if (mine.conflict === undefined) return null;
  return (
    <div class="note warning layouts-conflict" role="alert">
      <Icon name="warning" />
      <span>{text}</span>
      <span class="layouts-conflict-actions">
        <Button onClick={mine.takeTheirs}>{t('takeTheirs')}</Button>
        <Button onClick={mine.keepMine}>{t('keepMine')}</Button>
      </span>
    </div>
  );
}
