import type { RouteRecordRaw } from 'vue-router'
import { PHONE } from '@/areas'

export const phone: RouteRecordRaw = {
  path: PHONE.path,
  component: () => import('./PhoneArea.vue'),
  meta: { roles: PHONE.roles },
  children: [{ path: '', component: () => import('./TodayPage.vue') }],
}
