/** Proving again who is at the keyboard: asked for by the client when the server wants it, answered by a dialog of the page. */
import { shallowRef } from 'vue'

/** What the open dialog answers with; null while nobody is asked. */
export const asked = shallowRef<((proved: boolean) => void) | null>(null)
let asking: Promise<boolean> | null = null

/** Whether it was proved; several requests at a time are one question. */
export function askProof(): Promise<boolean> {
  asking ??= new Promise<boolean>((resolve) => (asked.value = resolve)).finally(() => {
    asked.value = asking = null
  })
  return asking
}
