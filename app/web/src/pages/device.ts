/** What this browser is called among the devices of whoever logs in. */
import { deviceId } from '@/api/session'
import { newId } from '@/core/ids'

export function thisDevice(): { id: string; name: string; platform: 'android' | 'ios' | 'web' } {
  const browser = /(Edg|Firefox|Chrome|Safari)\//.exec(navigator.userAgent)?.[1] ?? 'Browser'
  return { id: deviceId(newId), name: `${browser} · ${platform()}`, platform: platform() }
}

function platform(): 'android' | 'ios' | 'web' {
  if (/Android/.test(navigator.userAgent)) return 'android'
  return /iPhone|iPad/.test(navigator.userAgent) ? 'ios' : 'web'
}
