/** The recording that runs in this page: it goes on while the person walks through the app's screens. */
import { ref, shallowRef } from 'vue'
import type { Gap, KeptFile, KeptVisit } from './kept'
import { emptyFile, finish } from './media'
import { bytes, changeFile, kept, putFile, recordingNow, reload, removeFile } from './work'
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
  const [running, mine] = [recorder.value, file]
  ;[recorder.value, recordingNow.value, file] = [null, null, null]
  document.removeEventListener('visibilitychange', keepAwake)
  await wake?.release().catch(() => undefined)
  wake = null
  if (!running || !mine) return void (await running?.release())
  const durationMs = Math.round(running.elapsedMs)
  const { quality } = running
  await running.stop()
  await writing
  await bytes().close(mine.id)
  stopped.value = why
  const latest = (await kept().get('files', mine.id)) ?? mine
  const digest = await bytes().hash(mine.id)
  if (!digest.size || durationMs < SHORTEST_MS) return removeFile(mine)
  await finish({ ...latest, durationMs, quality, startedAt: running.startedAt }, digest)
  await reload()
}

async function keep(chunk: Blob): Promise<void> {
  if (!file) return
  const { size: written } = await bytes().append(file.id, chunk)
  size.value = written
  file = { ...file, durationMs: Math.round(recorder.value?.elapsedMs ?? file.durationMs), sizeBytes: written, quality: recorder.value?.quality ?? file.quality }
  await putFile(file)
}

async function halt(error: unknown): Promise<void> {
  if (error instanceof NoRoom) await stop('no-room')
  else throw error
}

async function note(gap: Gap): Promise<void> {
  navigator.vibrate?.([200, 100, 200])
  if (file) file = { ...file, gaps: [...file.gaps, { ...gap, fromMs: Math.round(gap.fromMs), toMs: Math.round(gap.toMs) }] }
  if (file) await changeFile(file.id, { gaps: file.gaps })
}

async function keepAwake(): Promise<void> {
  if (document.visibilityState !== 'visible') return
  wake = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null
  wakeLost.value = !wake
}

