import { useState } from 'preact/hooks';
import type { Discovery, DiscoveryStart } from '../../../daemon/schema.ts';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { TextField } from '../../parts/Field.tsx';
import { useAction } from '../act.ts';

interface OtherNetworksProps {
  /** To listen. */
  seconds: number;
  /** One search at a time. */
  searching: boolean;
  onSearch: () => void;
}

/** Cameras are often in a network of their own, where a search by multicast does not get to. */
export function OtherNetworks({ seconds, searching, onSearch }: OtherNetworksProps) {
  const t = texts('cameras');
  const action = useAction();
  const [text, setText] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    const networks = text.split(/[\s,;]+/).filter(Boolean);
    const body: DiscoveryStart = { adopt: true, seconds, networks };
    const answer = await action.send<Discovery>('POST', '/api/discovery', body);
    if (answer.ok) onSearch();
  };
  return (
    <details class="card finder-by-hand">
      <summary>{t('otherNetworks')}</summary>
      <form onSubmit={submit}>
        <p class="soft">{t('otherNetworksLead')}</p>
        <TextField
          label={t('networks')}
          value={text}
          onInput={setText}
          placeholder="192.168.20.0/24"
          inputMode="url"
          hint={t('networksHint')}
          required
        />
        {action.failure && <ErrorNote failure={action.failure} />}
        <Button type="submit" kind="primary" busy={action.busy} disabled={searching}>
          {t('searchThere')}
        </Button>
      </form>
    </details>
  );
}
