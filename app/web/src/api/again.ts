/**
 * A log-in that ended while somebody is at work. Desks are asked to log in again over the page they are at: what is typed in it
 * stays, and what it asked for waits and goes on. The phone keeps everything by itself and goes to the log-in.
 */
import { shallowRef, watch } from 'vue'
import { accessToken, ended, person } from './session'

/** Whether the page at hand is one that waits. */
export const waits = shallowRef(false)

/** An access token; one of the next log-in, where the page waits for it. */
export async function tokenOfHere(): Promise<string> {
  for (;;) {
    try {
      return await accessToken()
    } catch (error) {
      if (!ended.value || !waits.value) throw error
      await loggedIn()
      if (!person.value) throw error
    }
  }
}

/** Until the log-in goes on, or somebody logged out; or until `signal`. */
export function loggedIn(signal?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (!ended.value || signal?.aborted) return done()
    const go = (): void => {
      stop()
      done()
    }
    const stop = watch(ended, go, { once: true })
    signal?.addEventListener('abort', go, { once: true })
  })
}
