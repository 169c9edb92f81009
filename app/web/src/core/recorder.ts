/**
 * Records in this page (way A), chunk by chunk onto the disk. A browser stops it when the screen goes off: every gap is
 * noticed by the clock, by the page's visibility and by the tracks, and kept with the recording.
 */
import { HEARD_SAMPLES, isDark, named, rmsOf, SILENT_RMS } from './looking.ts'
import type { Quality } from './gate.ts'

export interface Noticed {
  readonly fromMs: number
  readonly toMs: number
  readonly why: 'hidden' | 'muted' | 'stalled'
}

export interface Listener {
  chunk: (chunk: Blob) => void
  level: (rms: number) => void
  gap: (gap: Noticed) => void
  ended: () => void
}

const CHUNK_MS = 2_000
const STALLED_MS = 6_000
const LOOK_MS = 250
const TYPES = {
  audio: ['audio/mp4', 'audio/webm;codecs=opus', 'audio/webm', 'audio/ogg;codecs=opus'],
  video: ['video/mp4;codecs=avc1.42E01E,mp4a.40.2', 'video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'],
}

export function recordable(medium: 'audio' | 'video'): string | null {
  if (typeof MediaRecorder === 'undefined') return null
  return TYPES[medium].find((type) => MediaRecorder.isTypeSupported(type)) ?? null
}

export class Recorder {
  readonly contentType: string
  readonly stream: MediaStream
  startedAt = 0
  private readonly recorder: MediaRecorder
  private readonly context = new AudioContext()
  private readonly ears: AnalyserNode
  private readonly eye: HTMLVideoElement | null
  private readonly listener: Listener
  private readonly stopping = new AbortController()
  private began = 0
  private lastChunk = 0
  private hiddenSince: number | null = null
  private mutedSince: number | null = null
  private looks = 0
  private darkLooks = 0
  private quietLooks = 0
  private timer = 0

  private constructor(stream: MediaStream, contentType: string, listener: Listener) {
    this.stream = stream
    this.contentType = contentType
    this.listener = listener
    this.recorder = new MediaRecorder(stream, { mimeType: contentType, audioBitsPerSecond: 64_000, videoBitsPerSecond: 1_200_000 })
    this.ears = this.context.createAnalyser()
    this.ears.fftSize = HEARD_SAMPLES
    this.context.createMediaStreamSource(stream).connect(this.ears)
    this.eye = stream.getVideoTracks().length ? document.createElement('video') : null
  }

  /** Asks for microphone (and camera); rejects when the person or the system says no. */
  static async prepare(medium: 'audio' | 'video', listener: Listener): Promise<Recorder> {
    const type = recordable(medium)
    if (!type) throw new DOMException('This browser cannot record.', 'NotSupportedError')
    const video = medium === 'video' ? { facingMode: 'environment', width: { ideal: 1280 }, frameRate: { ideal: 15, max: 30 } } : false
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true }, video })
    const made = new Recorder(stream, type, listener)
    await made.context.resume()
    await made.open()
    return made
  }

  get elapsedMs(): number {
    return this.began ? performance.now() - this.began : 0
  }
  get recording(): boolean {
    return this.recorder.state === 'recording'
  }
  /** What was heard and seen of the whole so far. */
  get quality(): Quality {
    const dark = this.eye !== null && this.looks > 0 && this.darkLooks / this.looks > 0.9
    return named(dark, this.looks > 0 && this.quietLooks / this.looks > 0.98)
  }
  level(): number {
    return rmsOf(this.ears)
  }

  start(): void {
    const { signal } = this.stopping
    this.startedAt = Date.now()
    this.began = this.lastChunk = performance.now()
    this.recorder.addEventListener('dataavailable', (event) => this.take(event.data))
    document.addEventListener('visibilitychange', () => this.visibility(), { signal })
    for (const track of this.stream.getTracks()) {
      track.addEventListener('mute', () => (this.mutedSince ??= this.elapsedMs), { signal })
      track.addEventListener('unmute', () => this.unmuted(), { signal })
      track.addEventListener('ended', () => this.listener.ended(), { signal })
    }
    this.recorder.start(CHUNK_MS)
    this.timer = window.setInterval(() => this.look(), LOOK_MS)
  }

  /** Resolves when the last chunk has been handed over. */
  async stop(): Promise<void> {
    const length = this.elapsedMs
    clearInterval(this.timer)
    if (this.recorder.state !== 'inactive') {
      const stopped = new Promise((resolve) => this.recorder.addEventListener('stop', resolve, { once: true }))
      this.recorder.stop()
      await stopped
    }
    this.unmuted()
    if (this.hiddenSince !== null) this.listener.gap({ fromMs: this.hiddenSince, toMs: length, why: 'hidden' })
    await this.release()
  }

  async release(): Promise<void> {
    this.stopping.abort()
    for (const track of this.stream.getTracks()) track.stop()
    if (this.context.state !== 'closed') await this.context.close()
  }

  private async open(): Promise<void> {
    if (!this.eye) return
    this.eye.muted = true
    this.eye.playsInline = true
    this.eye.srcObject = this.stream
    await this.eye.play()
  }

  private take(chunk: Blob): void {
    const now = performance.now()
    if (now - this.lastChunk > STALLED_MS) this.listener.gap({ fromMs: this.lastChunk - this.began + CHUNK_MS, toMs: now - this.began, why: 'stalled' })
    this.lastChunk = now
    if (chunk.size) this.listener.chunk(chunk)
  }

  private look(): void {
    const rms = this.level()
    this.looks += 1
    this.quietLooks += Number(rms < SILENT_RMS)
    this.darkLooks += Number(this.eye !== null && isDark(this.eye))
    this.listener.level(rms)
  }

  private visibility(): void {
    if (document.visibilityState === 'hidden') this.hiddenSince = this.elapsedMs
    else if (this.hiddenSince !== null) {
      this.listener.gap({ fromMs: this.hiddenSince, toMs: this.elapsedMs, why: 'hidden' })
      this.hiddenSince = null
    }
  }

  private unmuted(): void {
    if (this.mutedSince === null) return
    this.listener.gap({ fromMs: this.mutedSince, toMs: this.elapsedMs, why: 'muted' })
    this.mutedSince = null
  }
}
