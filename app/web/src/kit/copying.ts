/** To the clipboard, and said so: `said` is the message. */
import { say } from './toasts'

export async function copyAloud(text: string, said: string): Promise<void> {
  await navigator.clipboard.writeText(text)
  say(said, { tone: 'good' })
}
