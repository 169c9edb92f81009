/** What a screen shows while it asks, when it has been answered, and when that failed. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

export interface Asked<T> {
  readonly value: ShallowRef<T | null>
  readonly error: ShallowRef<unknown>
  readonly busy: ShallowRef<boolean>
  /** Ask again. The last answer stays on the screen until the next one is there. */
  again: () => Promise<void>
}

/** Asks at once, and again when told to; an answer that was overtaken by a later question is dropped. */
export function asked<T>(ask: () => Promise<T>): Asked<T> {
  const value = shallowRef<T | null>(null)
  const error = shallowRef<unknown>(null)
  const busy = shallowRef(false)
  let latest = 0
  async function again(): Promise<void> {
    const own = ++latest
    busy.value = true
    try {
      const answer = await ask()
      if (own === latest) [value.value, error.value] = [answer, null]
    } catch (failure) {
      if (own === latest) error.value = failure
    } finally {
      if (own === latest) busy.value = false
    }
  }
  onScopeDispose(() => (latest = -1))
  void again()
  return { value, error, busy, again }
}
