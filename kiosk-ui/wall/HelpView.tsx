import { say, type WallText } from '../i18n/wallTexts.ts';

const KEYS: [string | { say: WallText }, WallText][] = [
  ['0 – 9', 'helpDigits'],
  [{ say: 'helpKeyArrows' }, 'helpArrows'],
  ['Enter · OK', 'helpEnter'],
  ['Esc · Back', 'helpBack'],
  ['Space · Play', 'helpHold'],
  ['Page ↑ ↓ · + −', 'helpLayouts'],
  [{ say: 'helpKeyColours' }, 'helpColours'],
  ['P', 'helpMove'],
  ['? · Info', 'help'],
];

export function HelpView({ close }: { close: () => void }) {
  return (
    <section class="help" role="dialog" aria-label={say('help')} onPointerUp={close}>
      <div>
        <h2>{say('help')}</h2>
        <dl>
          {KEYS.map(([key, what]) => (
            <div key={what}>
              <dt>{typeof key === 'string' ? key : say(key.say)}</dt>
              <dd>{say(what)}</dd>
            </div>
          ))}
        </dl>
        <p>{say('helpTouch')}</p>
      </div>
    </section>
  );
}
