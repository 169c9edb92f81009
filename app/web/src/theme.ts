/** Light, dark, or as the system has it. */
import { ref, watchEffect } from 'vue'

export type Theme = 'system' | 'light' | 'dark'
const KEPT = 'plainclothes.theme'

function initial(): Theme {
  const kept = localStorage.getItem(KEPT)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export const theme = ref<Theme>(initial())

watchEffect(() => {
  localStorage.setItem(KEPT, theme.value)
  if (theme.value === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
})
