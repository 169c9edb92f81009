/** People, and what they answer for. */
import { t } from './words'
import { api, type Item, takeAll } from '@/api/client'
import type { Role } from '@/api/session'

export type Person = Item<'/v1/people'>
export const ROLES = ['inspector', 'supervisor', 'reviewer', 'outlet_manager', 'auditor', 'admin'] as const satisfies readonly Role[]

export function rolesText(roles: readonly Role[]): string {
  return ROLES.filter((one) => roles.includes(one)).map((one) => t(`role-${one}`)).join(t('comma'))
}

/** Ids of regions and outlets by the person who answers for them; admins see everybody's, others their own. */
export async function dutiesOf(): Promise<{ regions: Map<string, string[]>; outlets: Map<string, string[]> }> {
  const [regions, outlets] = await Promise.all([
    takeAll((cursor) => api.GET('/v1/region-duties', { params: { query: { limit: 200, cursor } } })),
    takeAll((cursor) => api.GET('/v1/outlet-duties', { params: { query: { limit: 200, cursor } } })),
  ])
  return { regions: grouped(regions.map((one) => [one.person_id, one.region_id])), outlets: grouped(outlets.map((one) => [one.person_id, one.outlet_id])) }
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [person, place] of pairs) found.set(person, [...(found.get(person) ?? []), place])
  return found
}
