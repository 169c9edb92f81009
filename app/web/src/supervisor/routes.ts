import type { RouteRecordRaw } from 'vue-router'
import { SUPERVISOR } from '@/areas'
import { review } from '@/review/routes'

/** A section's pages stand together; its line in the menu is in `places.ts`. */
export const supervisor: RouteRecordRaw = {
  path: SUPERVISOR.path,
  component: () => import('./SupervisorArea.vue'),
  meta: { roles: SUPERVISOR.roles },
  children: [
    { path: '', redirect: '/s/live' },
    { path: 'inbox', component: () => import('@/inbox/InboxPage.vue') },

    // The live day, review, publication
    ...review,

    // Outlets, people, programmes, checklists
    { path: 'outlets', component: () => import('./OutletsPage.vue') },
  ],
}
