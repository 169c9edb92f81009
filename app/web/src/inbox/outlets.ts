/** Names of the outlets that entries are about, each asked for once: whoever may not see an outlet reads none. */
import { computed, type ComputedRef, shallowRef, watch } from 'vue'
import { api, type Answer, take } from '@/api/client'
import { nameOf } from '@/text'

type Outlet = Answer<'/v1/outlets/{outlet_id}', 'get'>
const known = shallowRef<ReadonlyMap<string, Outlet>>(new Map())
const asked = new Set<string>()

export function outletNames(wanted: () => readonly string[]): ComputedRef<ReadonlyMap<string, string>> {
  watch(wanted, (ids) => [...new Set(ids)].filter((id) => !asked.has(id)).forEach((id) => void ask(id)), { immediate: true })
  return computed(() => new Map([...known.value].map(([id, outlet]) => [id, nameOf(outlet)])))
}

async function ask(id: string): Promise<void> {
  asked.add(id)
  try {
    const outlet = await take(api.GET('/v1/outlets/{outlet_id}', { params: { path: { outlet_id: id } } }))
    known.value = new Map([...known.value, [id, outlet]])
  } catch {
    // The entry is told without the place.
  }
}
