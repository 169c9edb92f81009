import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router'
import { renew } from './api/session'
import { watchForUpdates } from './updates'
import './style.css'
import './theme'

createApp(App).use(router).mount('#app')
void renew()
if (import.meta.env.PROD) void watchForUpdates()
