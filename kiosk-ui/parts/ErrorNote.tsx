import type { Failure } from '../api/request.ts';
import { texts } from '../i18n/i18n.ts';
import { Icon } from './Icon.tsx';

/** What went wrong and what to do. The daemon’s own sentences say both; the page adds those for what it knows itself. */
export function ErrorNote({ failure, message }: { failure?: Failure; message?: string }) {
  const t = texts('common');
  const text =
    message ?? (failure?.code === 'unreachable' ? t('failedUnreachable') : failure?.message) ?? t('failed');
  return (
    <p class="note error" role="alert">
      <Icon name="warning" />
      <span>{text}</span>
    </p>
  );
}
