import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { waits } from './api/again'
import { person } from './api/session'
import { fits, PHONE } from './areas'
import { manager } from './manager/routes'
import { phone } from './phone/routes'
import { supervisor } from './supervisor/routes'

const ACCOUNT = '/account'
const routes: RouteRecordRaw[] = [
  { path: '/', component: () => import('./pages/StartPage.vue') },
  { path: '/login', component: () => import('./pages/LoginPage.vue'), meta: { open: true } },
  { path: '/invitation', component: () => import('./pages/InvitationPage.vue'), meta: { open: true } },
  { path: ACCOUNT, component: () => import('./account/AccountPage.vue') },
  { path: '/new-password', component: () => import('./pages/NewPasswordPage.vue'), meta: { open: true } },
  phone,
  supervisor,
  manager,
  { path: '/:rest(.*)*', component: () => import('./pages/NotFoundPage.vue'), meta: { open: true } },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach((to) => {
  if (to.meta.open) return true
  if (!person.value) return { path: '/login', query: to.path === '/' ? {} : { next: to.fullPath } }
  // The phone's own pages stay open: they hold unsent work, and work without a network.
  if (person.value.second_factor_due && to.path !== ACCOUNT && !to.path.startsWith(PHONE.path)) return { path: ACCOUNT }
  return fits(to) ? true : { path: '/' }
})

router.afterEach((to) => {
  waits.value = !to.meta.open && !to.path.startsWith(PHONE.path)
})
