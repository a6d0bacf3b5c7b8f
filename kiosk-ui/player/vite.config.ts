import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The element `<walleye-camera>` as one module, which the daemon serves to other pages under a name that stays. Built after the
 * pages, whose build empties kiosk-ui/dist; for the npm package with `--outDir dist` (package.json).
 */
export default defineConfig({
  root: folder('.'),
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: '../dist/player',
    emptyOutDir: true,
    modulePreload: false,
    rolldownOptions: {
      input: folder('element.ts'),
      preserveEntrySignatures: 'allow-extension',
      // Loaded when somebody listens; under a name that stays, too.
      output: { entryFileNames: 'walleye-camera.js', chunkFileNames: 'walleye-camera-sound.js' },
    },
  },
});
