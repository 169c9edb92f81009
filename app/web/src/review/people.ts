/** Names of the organisation's people, asked for once: what the desk is told names them by id. */
import { shallowRef, type ShallowRef } from 'vue'
import { api, type Item, takeAll } from '@/api/client'
import { person } from '@/api/session'

const names = shallowRef<ReadonlyMap<string, string>>(new Map())
let of: string | null = null

/** Whether the names have been asked for, be it in vain: before that, nobody is not nobody. */
export const namesAsked = shallowRef(false)

export function people(): ShallowRef<ReadonlyMap<string, string>> {
  const me = person.value?.id ?? null
  if (of !== me) {
    of = me
    names.value = new Map()
    namesAsked.value = false
    void ask(me)
  }
  return names
}

async function ask(me: string | null): Promise<void> {
  try {
    const all = await takeAll<Item<'/v1/people'>>((cursor) => api.GET('/v1/people', { params: { query: { limit: 200, cursor } } }))
    if (of === me) names.value = new Map(all.map((one) => [one.id, one.name]))
  } catch {
    of = null // pages show a dash, and the next one asks again
  } finally {
    namesAsked.value = true
  }
}
