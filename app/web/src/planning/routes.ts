import type { RouteRecordRaw } from 'vue-router'

const meta = { roles: ['admin', 'supervisor'] } as const

/** Plans are secret (D6.6): reviewers share the desk and see none of these. */
export const planning: RouteRecordRaw[] = [
  { path: 'board', component: () => import('./PlansPage.vue'), meta },
  { path: 'board/compare', component: () => import('./ComparePage.vue'), meta },
  { path: 'board/:plan', component: () => import('./BoardPage.vue'), meta },
  { path: 'coverage', component: () => import('./CoveragePage.vue'), meta },
]
