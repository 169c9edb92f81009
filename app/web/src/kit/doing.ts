/** Something a person asked to be done: whether it is under way, and why it failed. */
import { type ShallowRef, shallowRef } from 'vue'

export interface Doing {
  readonly busy: ShallowRef<boolean>
  readonly failure: ShallowRef<unknown>
  /** Gives whether it was done; what went wrong is kept in `failure` until the next attempt. */
  run: (work: () => Promise<unknown>) => Promise<boolean>
}

export function doing(): Doing {
  const [busy, failure] = [shallowRef(false), shallowRef<unknown>(null)]
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    ;[busy.value, failure.value] = [true, null]
    try {
      await work()
      return true
    } catch (error) {
      failure.value = error
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, failure, run }
}
