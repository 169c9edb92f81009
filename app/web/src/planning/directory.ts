/** What ids of the planner mean to people: outlets, inspectors, programmes, regions. */
import { api, type Item, takeAll } from '@/api/client'
import { toWgs84 } from '@/core/places'
import { nameOf } from '@/text'

export type Outlet = Item<'/v1/outlets'>
export type Person = Item<'/v1/people'>
export type Profile = Item<'/v1/planning/inspectors'>
export type Programme = Item<'/v1/programmes'>
export type Region = Item<'/v1/regions'>

const limit = 200

export const allOutlets = (region_id?: string | null): Promise<Outlet[]> =>
  takeAll<Outlet>((cursor) => api.GET('/v1/outlets', { params: { query: { limit, cursor, ...(region_id ? { region_id } : {}) } } }))
export const allPeople = (): Promise<Person[]> => takeAll<Person>((cursor) => api.GET('/v1/people', { params: { query: { limit, cursor } } }))
export const allProfiles = (): Promise<Profile[]> => takeAll<Profile>((cursor) => api.GET('/v1/planning/inspectors', { params: { query: { limit, cursor } } }))
export const allProgrammes = (): Promise<Programme[]> => takeAll<Programme>((cursor) => api.GET('/v1/programmes', { params: { query: { limit, cursor } } }))
export const allRegions = (): Promise<Region[]> => takeAll<Region>((cursor) => api.GET('/v1/regions', { params: { query: { limit, cursor } } }))

/** Names for ids; an id nobody knows is shown shortened rather than left out. */
export class Names {
  readonly outlets: ReadonlyMap<string, Outlet>
  readonly people: ReadonlyMap<string, Person>

  constructor(outlets: readonly Outlet[], people: readonly Person[]) {
    this.outlets = new Map(outlets.map((one) => [one.id, one]))
    this.people = new Map(people.map((one) => [one.id, one]))
  }
  outlet(id: string): string {
    const found = this.outlets.get(id)
    return found ? nameOf(found) || found.code : id.slice(-6)
  }
  code(id: string): string {
    return this.outlets.get(id)?.code ?? id.slice(-6)
  }
  person(id: string): string {
    return this.people.get(id)?.name ?? id.slice(-6)
  }
  crew(ids: readonly string[]): string {
    return ids.map((id) => this.person(id)).join(' · ')
  }
}

export interface Spot {
  readonly lat: number
  readonly lon: number
}

export function spotOf(position: Outlet['position']): Spot | null {
  if (!position) return null
  const { latitude, longitude } = toWgs84(position)
  return { lat: latitude, lon: longitude }
}
