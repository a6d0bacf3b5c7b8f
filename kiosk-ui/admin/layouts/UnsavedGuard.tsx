import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { texts } from '../../i18n/i18n.ts';
import { Button } from '../../parts/Button.tsx';
import { Dialog } from '../../parts/Dialog.tsx';

/**
 * Keeps the user from leaving with changes that are not saved: the browser asks when the page is closed, we ask about
 * links and about the browser’s Back.
 */
export function UnsavedGuard({ unsaved }: { unsaved: boolean }) {
  const t = texts('layouts');
  const c = texts('common');
  const { route } = useLocation();
  const [wish, setWish] = useState<string>();
  const leaving = useRef(false);
  useEffect(() => {
    if (!unsaved) return;
    const here = location.pathname + location.search;
    const closing = (event: BeforeUnloadEvent) => {
      if (!leaving.current) event.preventDefault();
    };
    const clicked = (event: MouseEvent) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (!link || link.target === '_blank' || link.origin !== location.origin || leaving.current) return;
      if (link.hash !== '' && link.pathname === location.pathname) return;
      event.preventDefault();
      event.stopPropagation();
      setWish(link.pathname + link.search);
    };
    const wentBack = (event: PopStateEvent) => {
      if (leaving.current) return;
      event.stopImmediatePropagation();
      const there = location.pathname + location.search;
      history.pushState(null, '', here);
      setWish(there);
    };
    addEventListener('beforeunload', closing);
    document.addEventListener('click', clicked, true);
    addEventListener('popstate', wentBack, true);
    return () => {
      removeEventListener('beforeunload', closing);
      document.removeEventListener('click', clicked, true);
      removeEventListener('popstate', wentBack, true);
    };
  }, [unsaved]);
  if (wish === undefined) return null;
  return (
    <Dialog
      title={t('leaveTitle')}
      onClose={() => setWish(undefined)}
      actions={
        <>
          <Button
            kind="danger"
            onClick={() => {
              leaving.current = true;
              setWish(undefined);
              route(wish);
            }}
          >
            {c('discard')}
          </Button>
          <Button kind="primary" onClick={() => setWish(undefined)}>
            {t('stay')}
          </Button>
        </>
      }
    >
      <p>{c('unsaved')}</p>
    </Dialog>
  );
}
