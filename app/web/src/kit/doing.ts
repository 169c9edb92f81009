/** Something a person asked to be done: whether it is under way, and why it failed. */
import { type ShallowRef, shallowRef } from 'vue'
import { say } from './toasts'
import { told } from '@/api/problems'

type Run = (work: () => Promise<unknown>) => Promise<boolean>

export interface Doing {
  readonly busy: ShallowRef<boolean>
  readonly failure: ShallowRef<unknown>
  /** Gives whether it was done; what went wrong is kept in `failure` until the next attempt. */
  run: Run
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

/** The same where the screen keeps no place for a failure: a toast tells of it. */
export function doingAloud(): { readonly busy: ShallowRef<boolean>; run: Run } {
  const { busy, failure, run } = doing()
  async function aloud(work: () => Promise<unknown>): Promise<boolean> {
    const done = await run(work)
    if (failure.value !== null && !done) say(told(failure.value), { tone: 'bad' })
    return done
  }
  return { busy, run: aloud }
}
