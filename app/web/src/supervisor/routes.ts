import type { RouteRecordRaw } from 'vue-router'
import { SUPERVISOR } from '@/areas'
import { planning } from '@/planning/routes'
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

    // Route board; coverage and rotation
    ...planning,

    // Outlets, people, programmes, checklists
    { path: 'outlets', component: () => import('./OutletsPage.vue') },
    { path: 'outlets/import', component: () => import('./OutletsImport.vue'), meta: { roles: ['admin'] } },
    { path: 'coverage/import', component: () => import('./HistoryImport.vue'), meta: { roles: ['admin'] } },
    { path: 'outlets/:outlet', component: () => import('./OutletPage.vue') },
    { path: 'regions', component: () => import('./RegionsPage.vue') },
    { path: 'people', component: () => import('./PeoplePage.vue') },
    { path: 'people/:person', component: () => import('./PersonPage.vue') },
    { path: 'grants', component: () => import('./GrantsPage.vue'), meta: { roles: ['admin'] } },
    { path: 'alerts', component: () => import('./AlertsPage.vue'), meta: { roles: ['admin'] } },
    { path: 'programmes', component: () => import('./ProgrammesPage.vue') },
    { path: 'programmes/:programme', component: () => import('./ProgrammePage.vue') },
    { path: 'checklists', component: () => import('@/checklists/ChecklistsPage.vue') },
    { path: 'checklists/:code', component: () => import('@/checklists/OneChecklist.vue') },
    { path: 'checklists/:code/edit', component: () => import('@/checklists/ChecklistEditor.vue'), meta: { roles: ['admin'] } },
  ],
}
