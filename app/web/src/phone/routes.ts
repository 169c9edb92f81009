import type { RouteRecordRaw } from 'vue-router'
import { PHONE } from '@/areas'

export const phone: RouteRecordRaw = {
  path: PHONE.path,
  component: () => import('./PhoneArea.vue'),
  meta: { roles: PHONE.roles },
  children: [
    { path: '', component: () => import('./TodayPage.vue') },
    { path: 'uploads', component: () => import('./UploadsPage.vue') },
    { path: 'import', component: () => import('./ImportPage.vue') },
    { path: 'settings', component: () => import('./SettingsPage.vue') },
    {
      path: 'visits/:id',
      component: () => import('./VisitFrame.vue'),
      children: [
        { path: '', component: () => import('./BriefPage.vue') },
        { path: 'checklist', component: () => import('./ChecklistPage.vue') },
        { path: 'recorder', component: () => import('./RecorderPage.vue') },
        { path: 'leave', component: () => import('./LeavePage.vue') },
      ],
    },
  ],
}
