import './system.css';
import { texts } from '../../i18n/i18n.ts';
import { BackupPart } from './BackupPart.tsx';
import { BoxPart } from './BoxPart.tsx';
import { CertificatePart } from './CertificatePart.tsx';
import { DecodePart } from './DecodePart.tsx';
import { LogsPart } from './LogsPart.tsx';
import { OverviewPart } from './OverviewPart.tsx';
import { PowerPart } from './PowerPart.tsx';
import { ProvisionPart } from './ProvisionPart.tsx';
import { UpdatePart, useUpdate } from './UpdatePart.tsx';

export function SystemPage() {
  const t = texts('system');
  const update = useUpdate();
  return (
    <section class="page system">
      <h1>{t('title')}</h1>
      <OverviewPart />
      <ProvisionPart />
      <UpdatePart reading={update} />
      <BoxPart />
      <DecodePart />
      <CertificatePart />
      <BackupPart />
      <PowerPart update={update} />
      <LogsPart />
    </section>
  );
}
