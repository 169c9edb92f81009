/** Short messages at the edge of the screen, heard as well as seen; with an undo where something was done. */
import { shallowRef } from 'vue'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'plain' | 'good' | 'bad'
  readonly undo?: () => void | Promise<void>
}

const LIFE_MS = 7_000
let last = 0

export const toasts = shallowRef<readonly Toast[]>([])

export function say(text: string, options: { tone?: Toast['tone']; undo?: Toast['undo'] } = {}): void {
  const toast: Toast = { id: ++last, text, tone: options.tone ?? 'plain', ...(options.undo ? { undo: options.undo } : {}) }
  toasts.value = [...toasts.value.slice(-2), toast]
  setTimeout(() => dismiss(toast.id), LIFE_MS)
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id)
}
