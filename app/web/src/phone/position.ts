/** Where the phone is, as far as it can tell. */
import { distanceM, type Place } from '@/core/places.ts'
import type { KeptVisit } from './kept'

const PATIENCE_MS = 15_000

export interface Fix {
  readonly latitude: number
  readonly longitude: number
  readonly accuracy_m: number
}

/** Rejects with the browser's own reason when there is none. */
export function whereAmI(): Promise<Fix> {
  return new Promise((resolve, reject) => {
    if (!('geolocation' in navigator)) return reject(new Error('no geolocation'))
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude, accuracy_m: Math.min(coords.accuracy, 1_000_000) }),
      (error) => reject(new Error(error.message || `code ${error.code}`)),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 30_000 },
    )
  })
}

export function distanceTo(outlet: KeptVisit['visit']['outlet'], fix: Fix | null): number | null {
  if (!fix || outlet.latitude === null || outlet.longitude === null) return null
  const there: Place = { latitude: outlet.latitude, longitude: outlet.longitude, datum: (outlet.datum ?? 'wgs84') as Place['datum'] }
  return distanceM({ ...fix, datum: 'wgs84' }, there)
}
