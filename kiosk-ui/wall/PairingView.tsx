import type { Pairing, ProvisionReport } from '../../daemon/schema.ts';
import { LANGUAGES, language } from '../i18n/language.ts';
import { say, type WallText } from '../i18n/wallTexts.ts';
import { ReportView } from './ReportView.tsx';

const MOST_PROBLEMS = 3;
const MOST_CHANGES = 3;

/** The first run, on the box's own screen: how a phone gets to the set-up page, and the code that it asks for. */
export function PairingView({
  name,
  pairing,
  report,
}: {
  name: string;
  pairing: Pairing;
  /** What a stick brought, which was not enough to set the box up. */
  report: ProvisionReport | undefined;
}) {
  const { code, urls, fingerprint } = pairing;
  return (
    <main class="pairing">
      <header>
        <p class="box">{name}</p>
        <h1>
          <Said text="pairTitle" />
        </h1>
      </header>
      <ol>
        <li>
          {/* Another code, another picture. */}
          <img key={code} src="/api/pairing/qr.svg" alt={say('pairQr')} />
          <div>
            <h2>
              <Said text="pairScan" />
            </h2>
            <h2 class="or">
              <Said text="pairOr" />
            </h2>
            {urls.slice(0, 4).map((url) => (
              <p key={url} class="address">
                {url}
              </p>
            ))}
          </div>
        </li>
        <li>
          <div>
            <h2>
              <Said text="pairCode" />
            </h2>
            <p class="code">
              <span>{code.slice(0, 3)}</span>
              <span>{code.slice(3)}</span>
            </p>
          </div>
        </li>
      </ol>
      {report && <ReportView report={report} problems={MOST_PROBLEMS} changes={MOST_CHANGES} />}
      {fingerprint !== null && (
        <footer>
          <Said text="pairFingerprint" />
          <p class="fingerprint">{fingerprint}</p>
        </footer>
      )}
    </main>
  );
}

/** In the language in use, and small in the others: nobody has chosen one yet. */
function Said({ text }: { text: WallText }) {
  return (
    <>
      <span class="said">{say(text)}</span>
      {LANGUAGES.filter(({ code }) => code !== language.value).map(({ code }) => (
        <span key={code} class="also" lang={code}>
          {say(text, {}, code)}
        </span>
      ))}
    </>
  );
}
