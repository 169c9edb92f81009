/** Distances between places, whichever datum a map used: the same formulas as `app/outlets/positions.py` (see there). */

export interface Place {
  readonly latitude: number
  readonly longitude: number
  readonly datum: 'wgs84' | 'gcj02' | 'bd09'
}

const SEMI_MAJOR_AXIS_M = 6_378_245
const ECCENTRICITY_SQUARED = 0.00669342162296594323
const BAIDU = (Math.PI * 3000) / 180
const MEAN_EARTH_RADIUS_M = 6_371_008.8
const [SOUTH, NORTH, WEST, EAST] = [0.8293, 55.8271, 72.004, 137.8347]
const STEPS = 12
const radians = (degrees: number): number => (degrees * Math.PI) / 180

export function distanceM(a: Place, b: Place): number {
  const [one, other] = [toWgs84(a), toWgs84(b)]
  const halfLat = radians(other.latitude - one.latitude) / 2
  const halfLon = radians(other.longitude - one.longitude) / 2
  const chord = Math.sin(halfLat) ** 2 + Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * Math.sin(halfLon) ** 2
  return 2 * MEAN_EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)))
}

export function toWgs84(place: Place): Place {
  if (place.datum === 'wgs84') return place
  const { latitude, longitude } = place.datum === 'bd09' ? fromBaidu(place) : place
  let [lat, lon] = [latitude, longitude]
  for (let step = 0; step < STEPS; step++) {
    const [north, east] = shift(lat, lon)
    ;[lat, lon] = [latitude - north, longitude - east]
  }
  return { latitude: lat, longitude: lon, datum: 'wgs84' }
}

function fromBaidu(place: Place): Place {
  const [x, y] = [place.longitude - 0.0065, place.latitude - 0.006]
  const z = Math.hypot(x, y) - 0.00002 * Math.sin(y * BAIDU)
  const theta = Math.atan2(y, x) - 0.000003 * Math.cos(x * BAIDU)
  return { latitude: z * Math.sin(theta), longitude: z * Math.cos(theta), datum: 'gcj02' }
}

function shift(latitude: number, longitude: number): [number, number] {
  if (!(latitude >= SOUTH && latitude <= NORTH && longitude >= WEST && longitude <= EAST)) return [0, 0]
  const [y, x] = [latitude - 35, longitude - 105]
  const both = 20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x))
  let dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x))
  dLat += ((both + waves(y, 160, 320)) * 2) / 3
  dLon += ((both + waves(x, 150, 300)) * 2) / 3
  const squeeze = 1 - ECCENTRICITY_SQUARED * Math.sin(radians(latitude)) ** 2
  const meridian = (SEMI_MAJOR_AXIS_M * (1 - ECCENTRICITY_SQUARED)) / (squeeze * Math.sqrt(squeeze))
  const parallel = (SEMI_MAJOR_AXIS_M / Math.sqrt(squeeze)) * Math.cos(radians(latitude))
  return [(dLat * 180) / (meridian * Math.PI), (dLon * 180) / (parallel * Math.PI)]
}

function waves(value: number, twelfth: number, thirtieth: number): number {
  const short = 20 * Math.sin(value * Math.PI) + 40 * Math.sin((value / 3) * Math.PI)
  return short + twelfth * Math.sin((value / 12) * Math.PI) + thirtieth * Math.sin((value / 30) * Math.PI)
}
