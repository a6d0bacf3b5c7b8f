import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const page = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Two pages, built into kiosk-ui/dist, which the daemon serves: the wall at `/`, small, and the admin page at `/admin`.
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
    rolldownOptions: { input: { wall: page('index.html'), admin: page('admin/index.html') } },
  },
});
