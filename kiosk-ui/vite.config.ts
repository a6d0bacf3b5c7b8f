import { defineConfig } from 'vite';

/** Built into kiosk-ui/dist, which the daemon serves. Every asset name carries a hash, so only index.html must not be cached. */
export default defineConfig({
  base: '/',
  build: {
    target: 'es2022',
    modulePreload: false,
    emptyOutDir: true,
  },
});
