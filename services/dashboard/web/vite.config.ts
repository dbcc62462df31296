import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// `npm run dev` takes the API from a running suite.
const suite = process.env.SPM_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  build: {
    // light-dark() and dialog are used as they are; older browsers are not targeted.
    target: ['chrome125', 'edge125', 'firefox128', 'safari17.5'],
    // The content security policy allows no data: URLs and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/v1': suite, '/openapi.json': suite } },
});
