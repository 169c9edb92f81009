// Keeps the phone's screens on the phone. What the list holds is filled in by plugins/service-worker.ts.
// It touches nothing of the API: what the person has and has not sent is the application's own business.
const VERSION = '__VERSION__'
const FILES = [/* __FILES__ */]
const SHELL = `shell-${VERSION}`
const PAGE = '/'
const SHARED = 'shared' // folder of files that another app handed over, until the person has said where they belong

self.addEventListener('install', (event) => event.waitUntil(fill()))
self.addEventListener('activate', (event) => event.waitUntil(settle()))
self.addEventListener('message', (event) => event.data === 'take over' && self.skipWaiting())
self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (url.origin !== location.origin) return
  if (request.method === 'POST' && url.pathname === '/m/share') event.respondWith(takeShared(event))
  else if (request.method !== 'GET') return
  else if (request.mode === 'navigate') answerNavigation(event, url)
  else if (url.pathname.startsWith('/assets/') || FILES.includes(url.pathname)) event.respondWith(fromShell(request))
})

async function fill() {
  const cache = await caches.open(SHELL)
  const wanted = [new Request(PAGE, { cache: 'reload' }), ...FILES.map((path) => new Request(path, { cache: 'no-cache' }))]
  await cache.addAll(wanted)
}

async function settle() {
  const old = (await caches.keys()).filter((name) => name.startsWith('shell-') && name !== SHELL)
  await Promise.all(old.map((name) => caches.delete(name)))
  await self.clients.claim()
}

// The phone's screens come from the phone, so that they are always all of one version; the desks' from the server.
function answerNavigation(event, url) {
  if (url.pathname === '/m' || url.pathname.startsWith('/m/')) event.respondWith(page())
  else if (/^\/(login|account)?$|^\/[so](\/|$)/.test(url.pathname)) event.respondWith(fetch(event.request).catch(page))
}

async function page() {
  return (await caches.match(PAGE, { cacheName: SHELL, ignoreVary: true })) ?? fetch(PAGE)
}

async function fromShell(request) {
  return (await caches.match(request, { cacheName: SHELL, ignoreVary: true })) ?? fetch(request)
}

async function takeShared(event) {
  const data = await event.request.formData()
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(SHARED, { create: true })
  for (const file of data.getAll('recordings')) {
    if (typeof file === 'string' || !file.size) continue
    const name = `${Date.now()}-${file.lastModified}-${file.name.replaceAll(/[^\w.\-\u4e00-\u9fff]/g, '_')}`
    const handle = await folder.getFileHandle(name, { create: true })
    await file.stream().pipeTo(await handle.createWritable())
  }
  return Response.redirect('/m/import', 303)
}
