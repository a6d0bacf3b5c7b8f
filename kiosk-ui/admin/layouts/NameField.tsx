import { texts } from '../../i18n/i18n.ts';
import { TextField } from '../../parts/Field.tsx';
import { isName } from './uses.ts';

/** Whether a layout may be called so. */
export const mayBeNamed = (name: string, taken: readonly string[]): boolean =>
  isName(name) && !taken.includes(name);

/** A name that stands in addresses and files: spaces become dashes while typing. */
export function NameField({
  value,
  taken,
  onInput,
}: {
  value: string;
  taken: readonly string[];
  onInput: (value: string) => void;
}) {
  const t = texts('layouts');
  const fault =
    value === ''
      ? undefined
      : !isName(value)
        ? t('nameFault')
        : taken.includes(value)
          ? t('nameTaken')
          : undefined;
  return (
    <TextField
      label={t('name')}
      hint={t('nameHint')}
      fault={fault}
      value={value}
      maxLength={64}
      onInput={(typed) => onInput(typed.replaceAll(/\s+/g, '-'))}
    />
  );
}
