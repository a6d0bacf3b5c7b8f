import './people.css';
import { texts } from '../../i18n/i18n.ts';
import { AuditPart } from './AuditPart.tsx';
import { OwnPasswordPart } from './OwnPasswordPart.tsx';
import { SessionsPart } from './SessionsPart.tsx';
import { TokensPart } from './TokensPart.tsx';
import { UsersPart } from './UsersPart.tsx';

/** Who may come in, by what, who is in, and who did what. */
export function PeoplePage() {
  const t = texts('people');
  return (
    <section class="page people">
      <h1>{t('title')}</h1>
      <UsersPart />
      <TokensPart />
      <SessionsPart />
      <OwnPasswordPart />
      <AuditPart />
    </section>
  );
}
