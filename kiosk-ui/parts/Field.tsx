import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useId, useState } from 'preact/hooks';
import { texts } from '../i18n/i18n.ts';
import { Icon } from './Icon.tsx';

interface Common {
  label: string;
  hint?: string | undefined;
  /** What is wrong with what was typed. */
  fault?: string | undefined;
  disabled?: boolean;
  required?: boolean;
}

function Surroundings({
  id,
  label,
  hint,
  fault,
  children,
}: Common & { id: string; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault && (
        <p class="fault" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

const described = (id: string, { hint, fault }: Common) =>
  [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;

/** Preact types inputs by a `type` that is known while writing; ours is known while drawing. */
const attributes = (input: object) => input as InputHTMLAttributes<HTMLInputElement>;

export interface TextFieldProps extends Common {
  value: string;
  onInput: (value: string) => void;
  type?: 'text' | 'number' | 'time' | 'datetime-local' | 'url' | 'search';
  autoComplete?: string;
  placeholder?: string;
  inputMode?: 'text' | 'numeric' | 'decimal' | 'url' | 'search';
  pattern?: string;
  maxLength?: number;
  min?: number;
  max?: number;
  step?: number;
  autoFocus?: boolean;
}

export function TextField({ value, onInput, label, hint, fault, ...input }: TextFieldProps) {
  const id = useId();
  return (
    <Surroundings id={id} label={label} hint={hint} fault={fault}>
      <input
        {...attributes(input)}
        id={id}
        value={value}
        aria-invalid={fault ? true : undefined}
        aria-describedby={described(id, { label, hint, fault })}
        autoCapitalize="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Surroundings>
  );
}

export interface PasswordFieldProps extends Common {
  value: string;
  onInput: (value: string) => void;
  autoComplete: 'current-password' | 'new-password' | 'off';
  minLength?: number;
}

export function PasswordField({ value, onInput, label, hint, fault, ...input }: PasswordFieldProps) {
  const t = texts('common');
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <Surroundings id={id} label={label} hint={hint} fault={fault}>
      <div class="with-button">
        <input
          {...attributes({ ...input, type: shown ? 'text' : 'password' })}
          id={id}
          value={value}
          aria-invalid={fault ? true : undefined}
          aria-describedby={described(id, { label, hint, fault })}
          autoCapitalize="off"
          spellcheck={false}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        <button
          type="button"
          class="button quiet icon-only"
          aria-label={shown ? t('hidePassword') : t('showPassword')}
          onClick={() => setShown(!shown)}
        >
          <Icon name={shown ? 'hide' : 'show'} />
        </button>
      </div>
    </Surroundings>
  );
}

export interface Choice<Value extends string> {
  value: Value;
  label: string;
}

export function SelectField<Value extends string>({
  value,
  onInput,
  choices,
  label,
  hint,
  fault,
  disabled,
}: Common & { value: Value; onInput: (value: Value) => void; choices: readonly Choice<Value>[] }) {
  const id = useId();
  return (
    <Surroundings id={id} label={label} hint={hint} fault={fault}>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-describedby={described(id, { label, hint, fault })}
        onChange={(event) => onInput(event.currentTarget.value as Value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Surroundings>
  );
}

export function Switch({
  label,
  hint,
  checked,
  onInput,
  disabled,
}: {
  label: string;
  hint?: string;
  checked: boolean;
  onInput: (checked: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div class="switch-row">
      <label for={id}>
        <span>{label}</span>
        {hint && <span class="hint">{hint}</span>}
      </label>
      <input
        id={id}
        type="checkbox"
        class="switch"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onInput(event.currentTarget.checked)}
      />
    </div>
  );
}
