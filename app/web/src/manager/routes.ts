import type { RouteRecordRaw } from 'vue-router'
import { MANAGER } from '@/areas'

export const manager: RouteRecordRaw = {
  path: MANAGER.path,
  component: () => import('./ManagerArea.vue'),
  meta: { roles: MANAGER.roles },
  children: [
    { path: '', redirect: '/o/reports' },
    { path: 'reports', component: () => import('./ReportsPage.vue') },
    { path: 'reports/:alias', component: () => import('./ReportPage.vue') },
    { path: 'outlets', component: () => import('@/insight/OutletsPage.vue') },
    { path: 'outlets/:outlet', component: () => import('@/insight/OutletPage.vue') },
    { path: 'comparison', component: () => import('@/insight/HeatMapPage.vue') },
    { path: 'bulletins', component: () => import('@/insight/BulletinsPage.vue') },
    { path: 'appeals', component: () => import('@/cases/AppealsPage.vue') },
    { path: 'appeals/:appeal', component: () => import('@/cases/AppealPage.vue') },
    { path: 'actions', component: () => import('@/cases/ActionsPage.vue') },
    { path: 'grants', component: () => import('@/supervisor/GrantsPage.vue'), meta: { roles: ['auditor'] } },
    { path: 'alerts', component: () => import('@/supervisor/AlertsPage.vue'), meta: { roles: ['auditor', 'admin'] } },
    { path: 'inbox', component: () => import('@/inbox/InboxPage.vue') },
    { path: 'actions/:action', component: () => import('@/cases/ActionPage.vue') },
  ],
}
