import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const page = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the wall shares with the other pages: all of it is small, and the wall needs all of it at once. */
const BASE =
  /preload-helper|node_modules\/(preact|@preact\/signals(-core)?)\/|kiosk-ui\/(api\/(request|backoff|eventsSocket|serverEvent|report)|i18n\/(format|language|languageChoice)|wall\/(schedule|grid|pictureUrl))\.ts$/;

/**
 * Three pages, built into kiosk-ui/dist, which the daemon serves: the wall at `/`, small, the admin page at `/admin`, and the
 * playback page at `/playback`.
 * Every asset name carries a hash, so only the index.html must not be cached. The element for other pages is a build of its own,
 * after this one: player/vite.config.ts.
 */
export default defineConfig({
  base: '/',
  build: {
    target: 'es2022',
    modulePreload: false,
    emptyOutDir: true,
    // An inlined picture would be a data: address, which the pages' content security policy allows for icons only.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        wall: page('index.html'),
        admin: page('admin/index.html'),
        playback: page('playback/index.html'),
      },
      // Otherwise what the wall shares with one page would be another file than what it shares with the other, each with a seam.
      output: { codeSplitting: { groups: [{ name: 'base', test: BASE }] } },
    },
  },
});
