/** The service worker: it is installed at once, and a new one takes over only when the person says so. */
import { shallowRef } from 'vue'

const GRACE_MS = 2_000 // iOS does not always tell that the new worker took over

/** A new version waits. */
export const waiting = shallowRef<ServiceWorker | null>(null)

export async function watchForUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const registration = await navigator.serviceWorker.register('/service-worker.js', { updateViaCache: 'none' })
  const look = (): void => {
    if (registration.waiting && navigator.serviceWorker.controller) waiting.value = registration.waiting
  }
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look))
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && navigator.onLine) void registration.update().catch(() => undefined)
  })
  look()
}

export function takeUpdate(): void {
  const reload = (): void => location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', reload, { once: true })
  waiting.value?.postMessage('take over')
  setTimeout(reload, GRACE_MS)
}
