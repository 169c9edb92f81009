/** Which recording policy holds where (D10.5), as `app/programmes/rules.py` decides it. */
export type Ownership = 'own' | 'agency' | 'competitor'
export type Mode = 'none' | 'audio' | 'video'

export interface Policy {
  readonly jurisdiction: string
  readonly scope: Ownership | 'any'
  readonly mode: Mode
}

/** A policy for `CN` speaks of `CN-44`; one for `CN-4` does not. */
function covers(policy: string, jurisdiction: string): boolean {
  return jurisdiction === policy || jurisdiction.startsWith(`${policy}-`)
}

/** The mode in force; `null` where no policy speaks, so that no visit may be planned. */
export function modeAt(policies: readonly Policy[], jurisdiction: string, ownership: Ownership): Mode | null {
  const fitting = policies.filter((one) => covers(one.jurisdiction, jurisdiction) && (one.scope === ownership || (one.scope === 'any' && ownership !== 'competitor')))
  const rank = (one: Policy): number => 2 * one.jurisdiction.length + Number(one.scope !== 'any')
  const [closest] = [...fitting].sort((a, b) => rank(b) - rank(a))
  return closest?.mode ?? (ownership === 'competitor' ? 'none' : null)
}
