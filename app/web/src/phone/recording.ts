/** The recording that runs in this page: it goes on while the person walks through the app's screens. */
import { ref, shallowRef } from 'vue'
import type { Gap, KeptFile, KeptVisit } from './kept'
import { emptyFile, finish } from './media'
import { bytes, changeFile, putFile, recordingNow, reload, removeFile } from './work'
import { NoRoom } from '@/core/bytes'
import { Recorder } from '@/core/recorder'

const SHORTEST_MS = 1_000

export const recorder = shallowRef<Recorder | null>(null)
export const level = ref(0)
export const seconds = ref(0)
export const size = ref(0)
export const wakeLost = ref(false)
export const stopped = ref<'no-room' | 'ended' | null>(null)

let file: KeptFile | null = null
let wake: WakeLockSentinel | null = null
let writing: Promise<unknown> = Promise.resolve()

/** Microphone (and camera) on, nothing kept yet: for the level test. */
export async function prepare(medium: 'audio' | 'video'): Promise<void> {
  await recorder.value?.release()
  stopped.value = null
  recorder.value = await Recorder.prepare(medium, {
    chunk: (chunk) => (writing = writing.then(() => keep(chunk)).catch(halt)),
    level: (rms) => {
      level.value = rms
      seconds.value = Math.floor((recorder.value?.elapsedMs ?? 0) / 1000)
    },
    gap: (gap) => void note(gap),
    ended: () => void stop('ended'),
  })
}

export async function start(one: KeptVisit, medium: 'audio' | 'video'): Promise<void> {
  const running = recorder.value
  if (!running || running.recording) return
  const type = running.contentType.split(';')[0] as string
  file = emptyFile(one.id, medium, 'app', { contentType: type, phase: 'recording', startedAt: Date.now(), deviceLabel: one.deviceLabel || 'Phone' })
  file.name = `${new Date().toISOString().slice(0, 16).replace('T', ' ')}.${type.split('/')[1]}`
  await putFile(file)
  running.start()
  ;[seconds.value, size.value] = [0, 0]
  recordingNow.value = { visitId: one.id, fileId: file.id, elapsedMs: () => running.elapsedMs }
  await keepAwake()
  document.addEventListener('visibilitychange', keepAwake)
}

/** A tap on the black screen. */
export async function mark(): Promise<number> {
  const at = Math.round(recorder.value?.elapsedMs ?? 0)
  if (file) file = { ...file, markers: [...file.markers, at] }
  if (file) await putFile(file)
  return at
}

export async function stop(why: 'no-room' | 'ended' | null = null): Promise<void> {
  const running = recorder.value
  ;[recorder.value, recordingNow.value] = [null, null]
  document.removeEventListener('visibilitychange', keepAwake)
  await wake?.release().catch(() => undefined)
  wake = null
  if (!running || !file) return void (await running?.release())
  const lengthMs = Math.round(running.elapsedMs)
  const { quality, startedAt } = running
  await running.stop() // hands over the last seconds, and the gap that is still open
  await writing
  const mine = file
  file = null
  stopped.value = why
  await bytes().close(mine.id)
  const digest = await bytes().hash(mine.id)
  const durationMs = why === 'no-room' ? mine.durationMs : lengthMs
  if (!digest.size || durationMs < SHORTEST_MS) return removeFile(mine)
  await finish({ ...mine, durationMs, quality, startedAt }, digest)
  await reload()
}

async function keep(chunk: Blob): Promise<void> {
  if (!file) return
  const { size: written } = await bytes().append(file.id, chunk)
  size.value = written
  file = { ...file, durationMs: Math.round(recorder.value?.elapsedMs ?? file.durationMs), sizeBytes: written, quality: recorder.value?.quality ?? file.quality }
  await putFile(file)
}

/** Not waited for: stopping waits for the chunks, of which this one is the last. */
function halt(error: unknown): void {
  if (!(error instanceof NoRoom)) throw error
  void stop('no-room')
}

async function note(gap: Gap): Promise<void> {
  navigator.vibrate?.([200, 100, 200])
  if (file) file = { ...file, gaps: [...file.gaps, { ...gap, fromMs: Math.round(gap.fromMs), toMs: Math.round(gap.toMs) }] }
  if (file) await changeFile(file.id, { gaps: file.gaps })
}

/** The system takes the lock back when the screen goes off, or the battery is low: it is asked for again, and said. */
async function keepAwake(): Promise<void> {
  if (document.visibilityState !== 'visible') return
  const lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null
  wake = lock
  wakeLost.value = !lock
  lock?.addEventListener('release', () => (wakeLost.value = lock === wake && recordingNow.value !== null))
}

