/** The regions and tiers in reach, for the choices of forms. */
import { api, type Item, take, takeAll } from '@/api/client'
import { nameOf } from '@/text'

export type Region = Item<'/v1/regions'>
export type Tier = Item<'/v1/tiers'>
export interface Choice {
  readonly value: string
  readonly label: string
}

export async function regionsOf(): Promise<Map<string, Region>> {
  const rows = await takeAll<Region>((cursor) => api.GET('/v1/regions', { params: { query: { limit: 200, cursor } } }))
  return new Map(rows.map((one) => [one.id, one]))
}

export async function tiersOf(): Promise<Tier[]> {
  return take(api.GET('/v1/tiers'))
}

export function regionChoices(regions: Iterable<Region>): Choice[] {
  return [...regions].map((one) => ({ value: one.id, label: `${nameOf(one)} · ${one.code}` }))
}
