/**
 * Brings recordings and photos to the store, part by part by presigned links. The server's list of parts, compared with
 * our own MD5s, is the only memory: whatever was cut off goes on where the store is.
 */
import { computed, ref, shallowRef, watch } from 'vue'
import type { KeptFile } from './kept'
import { begin, bytes, changeFile, files, kept, settings, visitOf } from './work'
import { api, type Answer, take } from '@/api/client'
import { Problem, Unreachable } from '@/api/problems'
import { PART_BYTES } from '@/core/bytes'

type Recording = Answer<'/v1/recordings/{recording_id}', 'get'>

const SIGNED_AT_ONCE = 20
const TRIES = 3
const LOOK_AGAIN_MS = 4_000
const TAKES_FILES = new Set(['entered', 'left', 'submitted', 'in_review', 'approved', 'published', 'appealed'])

export interface Pace {
  readonly bytesPerS: number
}
export const paces = shallowRef<ReadonlyMap<string, Pace>>(new Map())
export const sending = shallowRef<string | null>(null)
let stop = new AbortController()

/** Every file that may travel now, the smallest first. Called again while it works, it does nothing. */
export async function uploadAll(): Promise<void> {
  await begin()
  look()
  await navigator.locks.request('plainclothes-uploads', { ifAvailable: true }, async (lock) => {
    if (!lock) return
    stop = new AbortController()
    let screen: WakeLockSentinel | null = null
    try {
      for (let next = choose(); next && !stop.signal.aborted; next = choose()) {
        screen ??= await navigator.wakeLock?.request('screen').catch(() => null)
        await upload(next)
      }
    } catch (error) {
      if (!(error instanceof Unreachable) && !(error instanceof DOMException) && !(error instanceof Problem)) throw error
    } finally {
      sending.value = null
      await screen?.release()
    }
  })
  watchArrived()
}

export async function pause(file: KeptFile, paused: boolean): Promise<void> {
  await changeFile(file.id, { paused })
  if (paused && sending.value === file.id) await cease()
  void uploadAll() // the others go on
}

interface Network extends EventTarget {
  /** Told by browsers on Android alone. */
  readonly type?: string
}
const network = (navigator as Navigator & { connection?: Network }).connection
export const knowsNetwork = network !== undefined && 'type' in network
const [online, cellular] = [ref(true), ref(false)]

function look(): void {
  ;[online.value, cellular.value] = [navigator.onLine, network?.type === 'cellular']
}
look()

/** Why nothing travels though there is something to send; null when it may. */
export const heldBack = computed((): 'offline' | 'cellular' | null => {
  if (!online.value) return 'offline'
  return settings.value.wifiOnly && cellular.value ? 'cellular' : null
})

/** What is on its way stops at once where it may not go, and goes on by itself where it may. */
export function heedNetwork(): () => void {
  network?.addEventListener('change', look)
  addEventListener('online', look)
  addEventListener('offline', look)
  const unwatch = watch(heldBack, (held) => void (held ? cease() : uploadAll()))
  return () => {
    unwatch()
    network?.removeEventListener('change', look)
    removeEventListener('online', look)
    removeEventListener('offline', look)
  }
}

/** The part that is on its way is given up; resolves when nothing travels. */
async function cease(): Promise<void> {
  stop.abort()
  await navigator.locks.request('plainclothes-uploads', () => undefined)
}

/** The copy on the phone goes once the server has read all bytes back and found the hash; never before. */
export async function free(file: KeptFile): Promise<void> {
  const recording = await take(api.GET('/v1/recordings/{recording_id}', { params: { path: { recording_id: file.id } } }))
  if (!recording.may_free_copy || recording.sha256 !== file.sha256) return
  await bytes().remove(file.id)
  await changeFile(file.id, { phase: 'freed' })
}

function choose(): KeptFile | undefined {
  if (heldBack.value) return undefined
  return files.value.filter(mayTravel).sort((a, b) => a.sizeBytes - b.sizeBytes)[0]
}

function mayTravel(file: KeptFile): boolean {
  const waits = (file.phase === 'here' || file.phase === 'sending') && file.sha256 !== null
  return waits && !file.paused && !file.problem && TAKES_FILES.has(visitOf(file.visitId)?.visit.state ?? '')
}

/** Something could travel and does not: the line broke, and it is to be tried again. */
export function hasStalled(): boolean {
  return sending.value === null && choose() !== undefined
}

async function upload(file: KeptFile): Promise<void> {
  sending.value = file.id
  try {
    const recording = await declare(file)
    await changeFile(file.id, { phase: 'sending' })
    if (recording.state === 'created' || recording.state === 'uploading') await sendParts(file, recording)
    await settle(file.id, await complete(file.id, recording))
  } catch (error) {
    if (!(error instanceof Problem) || error.status === 401 || error.status >= 500) throw error
    await changeFile(file.id, { phase: 'here', problem: error.message })
  }
}

function declare(file: KeptFile): Promise<Recording> {
  return take(
    api.POST('/v1/visits/{visit_id}/recordings', {
      params: { path: { visit_id: file.visitId } },
      body: { id: file.id, medium: file.medium, content_type: file.contentType, device_kind: file.deviceKind, size_bytes: file.sizeBytes, sha256: file.sha256 as string },
    }),
  )
}

function complete(id: string, recording: Recording): Promise<Recording> {
  if (!['created', 'uploading', 'completing'].includes(recording.state)) return Promise.resolve(recording)
  return take(api.POST('/v1/recordings/{recording_id}/complete', { params: { path: { recording_id: id } } }))
}

async function sendParts(file: KeptFile, recording: Recording): Promise<void> {
  const own = recording.part_bytes === PART_BYTES ? file.md5s : (await bytes().hash(file.id, recording.part_bytes)).md5s
  const store = await take(api.GET('/v1/recordings/{recording_id}/parts', { params: { path: { recording_id: file.id } } }))
  const there = new Map(store.parts.map((part) => [part.number, part.md5]))
  const missing = own.map((md5, at) => ({ number: at + 1, md5 })).filter((part) => there.get(part.number) !== part.md5)
  const sizeOf = (number: number): number => Math.min(recording.part_bytes, file.sizeBytes - (number - 1) * recording.part_bytes)
  let confirmed = file.sizeBytes - missing.reduce((total, part) => total + sizeOf(part.number), 0)
  await changeFile(file.id, { confirmedBytes: confirmed })
  const source = await bytes().file(file.id)
  for (let at = 0; at < missing.length; at += SIGNED_AT_ONCE) {
    for (const part of await sign(file.id, missing.slice(at, at + SIGNED_AT_ONCE))) {
      const first = (part.number - 1) * recording.part_bytes
      const began = performance.now()
      await sendPart(file.id, part, source.slice(first, first + part.size_bytes), missing)
      confirmed += part.size_bytes
      pace(file.id, part.size_bytes, performance.now() - began)
      await changeFile(file.id, { confirmedBytes: confirmed })
    }
  }
}

type Signed = Answer<'/v1/recordings/{recording_id}/parts', 'post'>['parts'][number]

async function sign(id: string, parts: { number: number; md5: string }[]): Promise<Signed[]> {
  return (await take(api.POST('/v1/recordings/{recording_id}/parts', { params: { path: { recording_id: id } }, body: { parts } }))).parts
}

/** The link holds for this content alone. One that ran out is no failure: another is asked for. */
async function sendPart(id: string, part: Signed, content: Blob, missing: { number: number; md5: string }[]): Promise<void> {
  let link: Signed | undefined = part
  for (let tries = 0; link && tries < TRIES; tries++) {
    const response: Response = await fetch(link.url, { method: link.method, headers: link.headers, body: content, signal: stop.signal }).catch((error: unknown) => {
      throw error instanceof DOMException && error.name === 'AbortError' ? error : new Unreachable(String(error))
    })
    if (response.ok) return
    if (response.status === 403) [link] = await sign(id, missing.filter((one) => one.number === part.number))
  }
  throw new Unreachable(`part ${part.number} was not taken`)
}

function pace(id: string, size: number, ms: number): void {
  const now = size / Math.max(0.001, ms / 1000)
  const before = paces.value.get(id)?.bytesPerS ?? now
  paces.value = new Map(paces.value).set(id, { bytesPerS: 0.6 * before + 0.4 * now })
}

async function settle(id: string, recording: Recording): Promise<void> {
  const phase = recording.state === 'rejected' ? 'rejected' : recording.may_free_copy ? 'verified' : 'arrived'
  const problem = recording.rejected ? JSON.stringify({ zh: recording.rejected.zh, en: recording.rejected.en }) : null
  await changeFile(id, { phase, problem, confirmedBytes: recording.size_bytes })
}

let watching = 0

/** The worker reads what arrived and compares the hash: ask until it has. */
function watchArrived(): void {
  clearTimeout(watching)
  if (!files.value.some((file) => file.phase === 'arrived')) return
  watching = window.setTimeout(() => void recordingsInto().catch(() => undefined).then(watchArrived), LOOK_AGAIN_MS)
}

/** What the server says of everything that arrived. */
export async function recordingsInto(): Promise<void> {
  for (const file of (await kept().getAll('files')).filter((one) => one.phase === 'arrived')) {
    await settle(file.id, await take(api.GET('/v1/recordings/{recording_id}', { params: { path: { recording_id: file.id } } })))
  }
}
