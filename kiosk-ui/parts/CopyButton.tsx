import { texts } from '../i18n/i18n.ts';
import { Button } from './Button.tsx';
import { toast } from './toast.tsx';

/** Puts a text on the clipboard. @param label what a screen reader says, where “Copy” alone would not tell what */
export function CopyButton({
  text,
  kind = 'plain',
  label,
}: {
  text: string;
  kind?: 'plain' | 'quiet';
  label?: string;
}) {
  const t = texts('common');
  const copy = async () => toast((await toClipboard(text)) ? t('copied') : t('copyFailed'));
  return (
    <Button kind={kind} {...(label === undefined ? {} : { label })} onClick={() => void copy()}>
      {t('copy')}
    </Button>
  );
}

/** Pages over plain HTTP, as in a site's own network, have no `navigator.clipboard`; a selection can be copied there as well. */
async function toClipboard(text: string): Promise<boolean> {
  if (navigator.clipboard)
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  // Within an open dialog nothing outside of it can be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
