import type { Health, System } from '../../../daemon/schema.ts';
import { bytes, duration, exactly, number, percent } from '../../i18n/format.ts';
import { texts } from '../../i18n/i18n.ts';
import { ErrorNote } from '../../parts/ErrorNote.tsx';
import { Waiting } from '../../parts/Waiting.tsx';
import { useRead } from '../read.ts';

/** Milliseconds. */
const EVERY = 5_000;

/** How the box is: what an installer reads out to support. */
export function OverviewPart() {
  const t = texts('system');
  const health = useRead<Health>('/api/health', { every: EVERY }).value.value;
  const reading = useRead<System>('/api/system', { every: EVERY });
  const system = reading.value.value;
  if (!system) return reading.failure.value ? <ErrorNote failure={reading.failure.value} /> : <Waiting />;
  const used = 1 - system.memory.free / system.memory.total;
  return (
    <section class="card">
      <h2>{t('overview')}</h2>
      {health?.status === 'degraded' && <ErrorNote message={health.message} />}
      <dl class="system-facts">
        <Fact name={t('version')}>{`Walleye ${system.version} · Node ${system.node}`}</Fact>
        <Fact name={t('host')}>{system.hostname}</Fact>
        <Fact name={t('addresses')}>
          {system.addresses.map(({ interface: name, address }) => `${address} (${name})`).join(', ') || '–'}
        </Fact>
        <Fact name={t('time')}>{exactly(system.time)}</Fact>
        <Fact name={t('uptime')}>{duration(system.uptime)}</Fact>
        <Fact name={t('processor')}>{`${system.model ?? '–'} × ${number(system.cpus)}`}</Fact>
        <Fact name={t('load')}>
          <Meter
            part={(system.load[0] ?? 0) / system.cpus}
            label={percent((system.load[0] ?? 0) / system.cpus)}
          />
        </Fact>
        <Fact name={t('memory')}>
          <Meter
            part={used}
            label={t('usedOf', {
              used: bytes(system.memory.total - system.memory.free),
              total: bytes(system.memory.total),
            })}
          />
        </Fact>
        {system.disk && (
          <Fact name={t('disk')}>
            <Meter
              part={1 - system.disk.free / system.disk.total}
              label={t('freeOf', { free: bytes(system.disk.free), total: bytes(system.disk.total) })}
            />
          </Fact>
        )}
        <Fact name={t('pictures')}>
          {t('picturesNow', {
            live: system.streams.live,
            total: system.streams.total,
            viewers: system.streams.viewers,
            renditions: system.streams.renditions,
          })}
        </Fact>
        <Fact name={t('screen')}>
          {system.screen === null
            ? t('noScreen')
            : t('screenNow', {
                painting: system.screen.painting,
                tiles: system.screen.tiles,
                ago: duration(system.time - system.screen.heartbeat),
              })}
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Meter({ part, label }: { part: number; label: string }) {
  return (
    <>
      <meter
        min={0}
        max={1}
        high={0.85}
        optimum={0}
        value={Math.min(Math.max(part, 0), 1)}
        aria-label={label}
      />
      <span>{label}</span>
    </>
  );
}
