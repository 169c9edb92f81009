import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { serviceWorker } from './plugins/service-worker'

const api = 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue(), serviceWorker()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: ['chrome123', 'safari17.5', 'firefox128'], // the first with light-dark()
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the policy of the pages allows no data: address but for pictures
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  server: { port: 5173, proxy: { '/v1': api, '/docs': api, '/pages': api, '/openapi.json': api, '/readyz': api } },
})
