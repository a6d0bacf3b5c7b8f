import { say } from '../i18n/wallTexts.ts';

const WORDS = {
  signIn: ['signInTitle', 'signInLead', 'signInButton', '/admin'],
  setUp: ['unpairedTitle', 'unpairedLead', 'unpairedButton', '/admin'],
  missing: ['missingTitle', 'missingLead', 'missingButton', '/'],
} as const;

/** In the wall's place: the browser may not see it yet, or there is no such layout. `name`: of that one. */
export function Gate({ kind, name = '' }: { kind: keyof typeof WORDS; name?: string }) {
  const [title, lead, button, href] = WORDS[kind];
  return (
    <main class="gate">
      <svg viewBox="0 0 64 40" aria-hidden="true">
        <path d="M2 20C12 6 22 2 32 2s20 4 30 18C52 34 42 38 32 38S12 34 2 20z" />
        <circle cx="32" cy="20" r="9" />
      </svg>
      <h1>{say(title, { name })}</h1>
      <p>{say(lead)}</p>
      <a href={href}>{say(button)}</a>
    </main>
  );
}
