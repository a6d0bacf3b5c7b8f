import { say } from '../i18n/wallTexts.ts';

/** In front of the wall, for a browser that may not see it yet. */
export function Gate({ kind }: { kind: 'setUp' | 'signIn' }) {
  const [title, lead, button] =
    kind === 'signIn'
      ? (['signInTitle', 'signInLead', 'signInButton'] as const)
      : (['unpairedTitle', 'unpairedLead', 'unpairedButton'] as const);
  return (
    <main class="gate">
      <svg viewBox="0 0 64 40" aria-hidden="true">
        <path d="M2 20C12 6 22 2 32 2s20 4 30 18C52 34 42 38 32 38S12 34 2 20z" />
        <circle cx="32" cy="20" r="9" />
      </svg>
      <h1>{say(title)}</h1>
      <p>{say(lead)}</p>
      <a href="/admin">{say(button)}</a>
    </main>
  );
}
