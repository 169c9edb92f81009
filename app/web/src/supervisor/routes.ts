import type { RouteRecordRaw } from 'vue-router'
import { SUPERVISOR } from '@/areas'

export const supervisor: RouteRecordRaw = {
  path: SUPERVISOR.path,
  component: () => import('./SupervisorArea.vue'),
  meta: { roles: SUPERVISOR.roles },
  children: [
    { path: '', redirect: '/s/outlets' },
    { path: 'outlets', component: () => import('./OutletsPage.vue') },
  ],
}
