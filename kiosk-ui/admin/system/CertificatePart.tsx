import { useState } from 'preact/hooks';
import type { Certificate, CertificateUpload } from '../../../daemon/schema.ts';
import { day } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { FileField } from '../../parts/FileField.tsx';
import { toast } from '../../parts/toast.tsx';
import { useAction } from '../act.ts';
import { useRead } from '../read.ts';

const PATH = '/api/system/certificate';

/** The box’s own certificate, and the site’s in its place. */
export function CertificatePart() {
  const t = texts('system');
  const c = texts('common');
  const reading = useRead<Certificate>(PATH);
  const action = useAction();
  const [certificate, setCertificate] = useState('');
  const [key, setKey] = useState('');
  const [round, setRound] = useState(0);
  const now = reading.value.value;
  if (!now) return reading.failure.value ? <ErrorNote failure={reading.failure.value} /> : null;
  if (!now.enabled)
    return (
      <section class="card">
        <h2>{t('certificate')}</h2>
        <p class="soft">{t('httpsOff')}</p>
      </section>
    );
  const upload = async (event: Event) => {
    event.preventDefault();
    const body: CertificateUpload = { certificate, private_key: key };
    const answer = await action.send<Certificate>('PUT', PATH, body);
    if (!answer.ok) return;
    setCertificate('');
    setKey('');
    setRound(round + 1);
    toast(c('saved'));
    reading.again();
  };
  const own = async () => {
    await action.send('DELETE', PATH);
    reading.again();
  };
  return (
    <section class="card">
      <h2>{t('certificate')}</h2>
      <dl class="system-facts">
        <div>
          <dt>{t('issuedTo')}</dt>
          <dd>{now.subject}</dd>
        </div>
        <div>
          <dt>{t('validUntil')}</dt>
          <dd>{day(now.not_after)}</dd>
        </div>
        <div class="system-wide">
          <dt>{t('fingerprint')}</dt>
          <dd class="system-fingerprint">{now.fingerprint}</dd>
        </div>
      </dl>
      <p class="soft">{now.self_signed ? t('selfSigned') : t('ownCertificate')}</p>
      <details>
        <summary>{t('uploadCertificate')}</summary>
        <form key={round} onSubmit={upload}>
          <FileField label={t('certificateFile')} accept=".pem,.crt,.cer" onText={setCertificate} />
          <FileField label={t('keyFile')} accept=".pem,.key" onText={setKey} />
          {action.failure && <ErrorNote failure={action.failure} />}
          <Button type="submit" kind="primary" busy={action.busy} disabled={certificate === '' || key === ''}>
            {t('useCertificate')}
          </Button>
        </form>
      </details>
      {!now.self_signed && (
        <Button busy={action.busy} onClick={() => void own()}>
          {t('backToSelfSigned')}
        </Button>
      )}
    </section>
  );
}
