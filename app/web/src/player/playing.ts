/**
 * A play of a recording: links that live a minute or so and are renewed while it goes on, and the word to the server of
 * what was really played (D10.3). The media element is the browser's own; this only feeds it and listens.
 */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { api, type Schemas, take } from '@/api/client'

export type Playback = Schemas['PlaybackOut']

const RENEW_BEFORE_MS = 20_000
const TELL_EVERY_MS = 10_000

export interface Playing {
  readonly opened: ShallowRef<Playback | null>
  readonly error: ShallowRef<unknown>
  /** Open the recording, once. */
  open: () => Promise<void>
  /** The media element lost its link: give it a fresh one where it was. */
  recover: () => Promise<void>
}

/** `element` is the player when it is on the screen. */
export function playing(ask: () => Promise<Playback>, element: () => HTMLMediaElement | null): Playing {
  const opened = shallowRef<Playback | null>(null)
  const error = shallowRef<unknown>(null)
  let renewal: ReturnType<typeof setTimeout> | undefined
  let opening: Promise<void> | null = null
  let latest: Playback | null = null

  async function open(): Promise<void> {
    opening ??= begin()
    await opening
  }

  async function begin(): Promise<void> {
    try {
      opened.value = await ask()
      error.value = null
      plan(opened.value)
    } catch (failure) {
      ;[error.value, opening] = [failure, null]
    }
  }

  function plan(playback: Playback): void {
    clearTimeout(renewal)
    renewal = setTimeout(() => void renew(), Math.max(1_000, Date.parse(playback.expires_at) - Date.now() - RENEW_BEFORE_MS))
  }

  // The element keeps what it has: changing its address is heard. It gets the fresh link when it needs one.
  async function renew(): Promise<void> {
    if (!opened.value) return
    try {
      latest = await take(api.POST('/v1/playbacks/{playback_id}/renew', { params: { path: { playback_id: opened.value.id } } }))
      plan(latest)
    } catch {
      renewal = setTimeout(() => void renew(), 5_000) // a line that is away for a moment
    }
  }

  async function recover(): Promise<void> {
    try {
      if (!latest || expired(latest)) await renew()
      if (latest && latest.url !== opened.value?.url) await swap(latest)
    } catch (failure) {
      error.value = failure
    }
  }

  async function swap(fresh: Playback): Promise<void> {
    const player = element()
    const [at, playing, speed] = player ? [player.currentTime, !player.paused, player.playbackRate] : [0, false, 1]
    opened.value = fresh
    if (!player) return
    player.src = fresh.url
    player.currentTime = at
    player.playbackRate = speed
    if (playing) await player.play().catch(() => undefined)
  }

  onScopeDispose(() => clearTimeout(renewal))
  return { opened, error, open, recover }
}

/** Whether the store would refuse the link, or is about to. */
export function expired(playback: Playback): boolean {
  return Date.parse(playback.expires_at) < Date.now() + 3_000
}

/** Tells the server which seconds were played: call the functions from the element's events. */
export function telling(playback: () => Playback | null): { advanced: (at: number) => void; jumped: (at: number) => void; stopped: (ended?: boolean) => void } {
  let [from, to, told] = [0, 0, 0]

  function tell(ended: boolean): void {
    const known = playback()
    if (!known || (to <= from && !ended)) return
    const body = { from_ms: Math.round(from * 1000), to_ms: Math.round(Math.max(from, to) * 1000), ended }
    from = to
    told = Date.now()
    void api.POST('/v1/playbacks/{playback_id}/heartbeat', { params: { path: { playback_id: known.id } }, body, keepalive: true }).catch(() => undefined)
  }

  return {
    advanced(at) {
      to = at
      if (Date.now() - told > TELL_EVERY_MS) tell(false)
    },
    jumped(at) {
      tell(false)
      ;[from, to, told] = [at, at, Date.now()]
    },
    stopped: (ended = false) => tell(ended),
  }
}
