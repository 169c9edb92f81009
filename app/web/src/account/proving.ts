/** A form that proves who is at the keyboard: by the password and, once the server wants one, by a code as well. */
import { computed, type Ref, ref } from 'vue'
import { Problem } from '@/api/problems'
import { doing } from '@/kit/doing'

interface Proving {
  readonly code: Ref<string>
  /** Whether a code is wanted beside the password. */
  readonly wanting: Ref<boolean>
  readonly wrong: Readonly<Ref<boolean>>
  readonly busy: Readonly<Ref<boolean>>
  readonly failure: Readonly<Ref<unknown>>
  /** Does it with the code, if one is wanted; whether it was done. */
  readonly prove: (act: (code: { code?: string }) => Promise<unknown>) => Promise<boolean>
}

export function proving(): Proving {
  const code = ref('')
  const wanting = ref(false)
  const { busy, failure, run } = doing()
  const refused = computed(() => (failure.value instanceof Problem ? failure.value.type : ''))

  async function prove(act: (code: { code?: string }) => Promise<unknown>): Promise<boolean> {
    const done = await run(() => act(wanting.value ? { code: code.value } : {}))
    code.value = ''
    if (refused.value === 'second-factor-wanted') [wanting.value, failure.value] = [true, null]
    return done
  }

  return { code, wanting, wrong: computed(() => refused.value === 'wrong-credentials'), busy, failure, prove }
}
