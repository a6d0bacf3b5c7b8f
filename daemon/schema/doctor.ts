/** What `walleye doctor --json` prints: one page about the box, for support and for programs. */
import { type Static, Type } from 'typebox';
import { Nullable, strict } from './basics.ts';

/**
 * fact: there is nothing to judge · well · look: not wrong yet, or wrong for some sites only · wrong: `advice` says what to do ·
 * unknown: it could not be found out, `text` says why
 */
export const DoctorMark = Type.Enum(['fact', 'well', 'look', 'wrong', 'unknown']);
export type DoctorMark = Static<typeof DoctorMark>;

export const DoctorLine = Type.Object(
  {
    id: Type.String({
      description: 'Stable, for programs; its last part may name a device',
      examples: ['disk.wear.mmcblk0', 'time.synchronised'],
    }),
    mark: DoctorMark,
    name: Type.String(),
    text: Type.String({ description: 'What is seen, in words' }),
    advice: Nullable(Type.String({ description: 'What to do about it' })),
    value: Nullable(Type.Number({ description: 'The same as a number, where it is one' })),
    unit: Nullable(Type.String({ examples: ['bytes', 'percent', 'celsius', 'seconds', 'count', 'dbm'] })),
  },
  strict,
);
export type DoctorLine = Static<typeof DoctorLine>;

export const DoctorSection = Type.Object(
  { id: Type.String({ examples: ['disk'] }), title: Type.String(), lines: Type.Array(DoctorLine) },
  strict,
);
export type DoctorSection = Static<typeof DoctorSection>;

export const DoctorPage = Type.Object(
  {
    walleye_doctor: Type.Literal(1),
    time: Type.Number({ description: 'Unix seconds by the box’s clock' }),
    took: Type.Number({ description: 'Seconds' }),
    host: Type.String(),
    root: Type.Boolean({ description: 'Others than root cannot read everything' }),
    daemon: Type.Enum(['open', 'closed', 'silent'], {
      description:
        'open: it answered · closed: it answers, but lets us see nothing · silent: it does not answer',
    }),
    counts: Type.Object(
      {
        fact: Type.Integer(),
        well: Type.Integer(),
        look: Type.Integer(),
        wrong: Type.Integer(),
        unknown: Type.Integer(),
      },
      strict,
    ),
    sections: Type.Array(DoctorSection),
  },
  strict,
);
export type DoctorPage = Static<typeof DoctorPage>;
