/**
 * The phone's own look at a recording before leaving (D7.3): is the picture black, can anything be heard. It plays short
 * pieces from all over the file, muted; the server looks at all of it later and knows better.
 */
import type { Quality } from './gate.ts'

const BLACK_LUMA = 28 // a covered lens measured 20, a hall 126
const BLACK_SPREAD = 12
export const SILENT_RMS = 0.0018 // about −55 dBFS
export const HEARD_SAMPLES = 16_384 // a third of a second: more than lies between two looks, so that nothing is missed
const PIECES = 8
const PIECE_MS = 500
const PATIENCE_MS = 8_000

export interface Look {
  readonly quality: Quality
  readonly durationMs: number
}

/** Throws nothing: a file that cannot be played here is `unchecked`, and only the server can tell. */
export async function lookAt(file: Blob, medium: 'video' | 'audio'): Promise<Look> {
  const player = document.createElement(medium)
  const url = URL.createObjectURL(file)
  const context = new AudioContext()
  try {
    player.src = url
    player.preload = 'auto'
    if (player instanceof HTMLVideoElement) player.playsInline = true
    await event(player, 'loadedmetadata')
    const durationMs = await lengthOf(player)
    const ears = context.createAnalyser()
    ears.fftSize = HEARD_SAMPLES
    context.createMediaElementSource(player).connect(ears) // and to no loudspeaker
    await context.resume()
    return { quality: await judge(player, ears, durationMs), durationMs }
  } catch {
    return { quality: 'unchecked', durationMs: Number.isFinite(player.duration) ? Math.round(player.duration * 1000) : 0 }
  } finally {
    player.src = ''
    URL.revokeObjectURL(url)
    await context.close()
  }
}

async function judge(player: HTMLMediaElement, ears: AnalyserNode, durationMs: number): Promise<Quality> {
  const heard: number[] = []
  const dark: boolean[] = []
  for (let piece = 0; piece < PIECES; piece++) {
    player.currentTime = (durationMs / 1000) * ((piece + 0.5) / PIECES)
    await event(player, 'seeked')
    if (player instanceof HTMLVideoElement) dark.push(isDark(player))
    await player.play()
    heard.push(await loudest(ears))
    player.pause()
  }
  return named(dark.length > 0 && dark.every(Boolean), heard.every((rms) => rms < SILENT_RMS))
}

export function named(black: boolean, silent: boolean): Quality {
  if (black && silent) return 'black_and_silent'
  if (black) return 'black'
  return silent ? 'silent' : 'good'
}

const canvas = document.createElement('canvas')

/** Whether a picture shows nothing: dark all over, or even all over. */
export function isDark(video: HTMLVideoElement): boolean {
  ;[canvas.width, canvas.height] = [32, 18]
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  if (!pen || !video.videoWidth) return true
  pen.drawImage(video, 0, 0, 32, 18)
  const { data } = pen.getImageData(0, 0, 32, 18)
  const lumas = Array.from({ length: data.length / 4 }, (_, i) => 0.299 * (data[4 * i] ?? 0) + 0.587 * (data[4 * i + 1] ?? 0) + 0.114 * (data[4 * i + 2] ?? 0))
  const mean = lumas.reduce((a, b) => a + b, 0) / lumas.length
  const spread = Math.sqrt(lumas.reduce((a, b) => a + (b - mean) ** 2, 0) / lumas.length)
  return mean < BLACK_LUMA && spread < BLACK_SPREAD
}

export function rmsOf(ears: AnalyserNode): number {
  const wave = new Float32Array(ears.fftSize)
  ears.getFloatTimeDomainData(wave)
  return Math.sqrt(wave.reduce((total, one) => total + one * one, 0) / wave.length)
}

async function loudest(ears: AnalyserNode): Promise<number> {
  const until = performance.now() + PIECE_MS
  let most = 0
  while (performance.now() < until) {
    most = Math.max(most, rmsOf(ears))
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  return most
}

/** A recording that was cut off does not say how long it is: the way to its end does. */
async function lengthOf(player: HTMLMediaElement): Promise<number> {
  if (!Number.isFinite(player.duration)) {
    player.currentTime = 1e7
    await event(player, 'seeked')
  }
  const seconds = Number.isFinite(player.duration) ? player.duration : player.currentTime
  return Math.round(seconds * 1000)
}

function event(target: EventTarget, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error(`no ${name}`)), PATIENCE_MS)
    target.addEventListener(name, () => (clearTimeout(giveUp), resolve()), { once: true })
    target.addEventListener('error', () => (clearTimeout(giveUp), reject(new Error('cannot be played'))), { once: true })
  })
}
