/** Short messages at the edge of the screen, heard as well as seen; with an undo where something was done. */
import { shallowRef } from 'vue'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'plain' | 'good' | 'bad'
  readonly undo?: () => void | Promise<void>
  /** Done when the message goes and was not undone: what cannot be taken back waits until then. */
  readonly after?: () => unknown
}

const LIFE_MS = 7_000
const MOST = 3
let last = 0

export const toasts = shallowRef<readonly Toast[]>([])

export function say(text: string, options: Partial<Pick<Toast, 'tone' | 'undo' | 'after'>> = {}): void {
  const toast: Toast = { id: ++last, text, tone: 'plain', ...options }
  for (const one of toasts.value.slice(0, 1 - MOST)) dismiss(one.id)
  toasts.value = [...toasts.value, toast]
  setTimeout(() => dismiss(toast.id), LIFE_MS)
}

export function dismiss(id: number): void {
  toastOf(id)?.after?.()
}

export async function undo(id: number): Promise<void> {
  await toastOf(id)?.undo?.()
}

/** It leaves the screen: whatever is done about it is done once. */
function toastOf(id: number): Toast | undefined {
  const toast = toasts.value.find((one) => one.id === id)
  toasts.value = toasts.value.filter((one) => one.id !== id)
  return toast
}
