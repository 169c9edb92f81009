/** The supervisor desk's day, reviews, second markings and publication. */
import type { RouteRecordRaw } from 'vue-router'

export const review: RouteRecordRaw[] = [
  { path: 'live', component: () => import('./LivePage.vue') },
  { path: 'reviews', component: () => import('./QueuePage.vue') },
  { path: 'reviews/:visit', component: () => import('./ReviewPage.vue') },
  { path: 'markings', component: () => import('./MarkingsPage.vue') },
  { path: 'markings/:marking', component: () => import('./MarkingPage.vue') },
  { path: 'publications', component: () => import('./PublicationsPage.vue') },
  { path: 'missing', component: () => import('./MissingPage.vue') },
]
