import type { ComponentChildren } from 'preact';
import { texts } from '../i18n/i18n.ts';

export interface ButtonProps {
  children: ComponentChildren;
  /** primary: the one thing to do here · danger: takes something away · quiet: beside others */
  kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  type?: 'button' | 'submit';
  /** Something that was asked for is under way. */
  busy?: boolean;
  disabled?: boolean;
  onClick?: () => void;
  label?: string;
}

export function Button({
  children,
  kind = 'plain',
  type = 'button',
  busy,
  disabled,
  onClick,
  label,
}: ButtonProps) {
  const t = texts('common');
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      aria-label={label}
      onClick={onClick}
    >
      {busy && <span class="spinner" role="img" aria-label={t('working')} />}
      {children}
    </button>
  );
}
