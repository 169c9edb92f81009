/**
 * What happens at the visits in one's charge and in one's inbox, while it happens. One tab listens for all tabs of the
 * browser, which lets a server answer six requests at a time: each of these answers stays open. Where there is no stream,
 * listeners are told to look again every few seconds.
 */
import { onScopeDispose, shallowRef } from 'vue'
import { api, take } from '@/api/client'
import { loggedIn } from '@/api/again'
import { person } from '@/api/session'

export interface Happening {
  readonly kind: string
  /** null: it is in the inbox, which says what it is about */
  readonly visit_id: string | null
  readonly outlet_id: string | null
  readonly at: string
}
/** Told of one thing that happened; with null, that anything may have: look at everything again. */
type Listener = (happening: Happening | null) => void
interface Message {
  readonly linked: boolean
  readonly happening?: Happening | null
}

const NAME = 'plainclothes-stream'
const LOOK_EVERY_MS = 15_000
const BURST_MS = 300 // what comes within it is answered by one look

/** Whether things are told as they happen; otherwise they are looked for. */
export const linked = shallowRef(false)

const listeners = new Set<Listener>()
let channel: BroadcastChannel | null = null
let stop: AbortController | null = null

/** Listen as long as the component is there. */
export function onHappening(listener: Listener): void {
  listeners.add(listener)
  if (listeners.size === 1) begin()
  onScopeDispose(() => {
    listeners.delete(listener)
    if (!listeners.size) end()
  })
}

/** Ask again soon after something happened that `concerns` the question, once for a burst. */
export function keptFresh(again: () => unknown, concerns: (happening: Happening) => boolean = () => true): void {
  let waiting: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(waiting))
  onHappening((happening) => {
    if (happening && !concerns(happening)) return
    clearTimeout(waiting)
    waiting = setTimeout(() => void again(), BURST_MS)
  })
}

function begin(): void {
  const own = (stop = new AbortController())
  channel = new BroadcastChannel(NAME)
  channel.onmessage = (event: MessageEvent<Message>) => deliver(event.data)
  document.addEventListener('visibilitychange', lookedAt)
  // Whoever has the lock listens; when that tab goes, the next one takes its place.
  void navigator.locks.request(NAME, { signal: own.signal }, () => lead(own.signal)).catch(() => undefined)
}

function end(): void {
  stop?.abort()
  channel?.close()
  ;[stop, channel, linked.value] = [null, null, false]
  document.removeEventListener('visibilitychange', lookedAt)
}

function lookedAt(): void {
  if (!document.hidden && !linked.value) deliver({ linked: false, happening: null })
}

function deliver(message: Message): void {
  linked.value = message.linked
  const happening = message.happening
  if (happening !== undefined) for (const listener of [...listeners]) listener(happening)
}

function tell(message: Message): void {
  deliver(message)
  channel?.postMessage(message)
}

function goesOn(signal: AbortSignal): boolean {
  return !signal.aborted && person.value !== null
}

async function lead(signal: AbortSignal): Promise<void> {
  let last: string | undefined
  while (goesOn(signal)) {
    await loggedIn(signal)
    try {
      const header = last === undefined ? {} : { 'last-event-id': last }
      const stream = await take(api.GET('/v1/events/stream', { params: { header }, parseAs: 'stream', signal }))
      // Without an event to go on from, something may have happened since the last look.
      tell(last === undefined ? { linked: true, happening: null } : { linked: true })
      for await (const one of eventsOf(stream as ReadableStream<Uint8Array>)) {
        last = one.id ?? last
        tell({ linked: true, happening: one.happening })
      }
    } catch {
      if (!goesOn(signal)) return
      tell({ linked: false })
      await pause(LOOK_EVERY_MS, signal)
      tell({ linked: false, happening: null })
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true })
  })
}

/** Server-sent events as they arrive; what has no data is not for us. */
async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<{ id: string | undefined; happening: Happening }> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]))
      const data = fields.get('data')
      if (data) yield { id: fields.get('id'), happening: JSON.parse(data) as Happening }
    }
  }
}
