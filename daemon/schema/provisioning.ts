/** What root took from a stick, the ESP or a credential, as it tells the daemon and the daemon tells people. */
import { type Static, Type } from 'typebox';
import { Nullable, strict } from './basics.ts';

/** `/run/walleye-provision/report.json`. It holds no secret: the screen shows it to whoever stands there. */
export const ProvisionReport = Type.Object(
  {
    source: Type.String({
      maxLength: 200,
      description: 'credential, esp, stick; several with commas; earlier: at a start before this one',
    }),
    at: Type.String({ maxLength: 64, description: 'ISO 8601; at a first boot the clock may be wrong' }),
    applied: Type.Array(Type.String({ maxLength: 500 }), { maxItems: 201, description: 'One line a change' }),
    problems: Type.Array(Type.String({ maxLength: 500 }), {
      maxItems: 201,
      description: 'One sentence each: file, line, fault. Empty: all that was asked for is so',
    }),
  },
  strict,
);
export type ProvisionReport = Static<typeof ProvisionReport>;

export const Provisioning = Type.Object({
  report: Nullable(ProvisionReport),
  age: Nullable(
    Type.Number({
      description: 'Seconds since it was written, whatever the clock said meanwhile; no less than that',
    }),
  ),
});
export type Provisioning = Static<typeof Provisioning>;
