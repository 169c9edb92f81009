/** The three places to work, and whose they are. */
import type { RouteLocationResolved, RouteMeta } from 'vue-router'
import { has, type Role } from './api/session'
import type { IconName } from './kit/icons'

declare module 'vue-router' {
  interface RouteMeta {
    /** Everybody may see it, logged in or not. */
    open?: boolean
    /** Who may see it; asked of every route around it as well. */
    roles?: readonly Role[]
  }
}

type Matched = Pick<RouteLocationResolved, 'matched'>

export interface Area {
  readonly path: '/m' | '/s' | '/o'
  readonly name: 'area-phone' | 'area-supervisor' | 'area-manager'
  readonly icon: IconName
  readonly roles: NonNullable<RouteMeta['roles']>
}

export const PHONE: Area = { path: '/m', name: 'area-phone', icon: 'list', roles: ['inspector'] }
export const SUPERVISOR: Area = { path: '/s', name: 'area-supervisor', icon: 'day', roles: ['admin', 'supervisor', 'reviewer'] }
export const MANAGER: Area = { path: '/o', name: 'area-manager', icon: 'pin', roles: ['outlet_manager', 'auditor', 'admin', 'supervisor', 'reviewer'] }

export function areasOfPerson(): Area[] {
  return [PHONE, SUPERVISOR, MANAGER].filter((area) => has(...area.roles))
}

/** Every route around a page that names roles wants one of them. */
export function fits(place: Matched): boolean {
  return place.matched.every((one) => !one.meta.roles || has(...one.meta.roles))
}

/** The same, of pages that are there at all. */
export function mayOpen(place: Matched): boolean {
  return place.matched.some((one) => one.meta.roles) && fits(place)
}
