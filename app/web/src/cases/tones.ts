/** Colours of states; each is said in words as well. */
import type { Schemas } from '@/api/client'

type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'accent'

const APPEALS: Record<Schemas['AppealOut']['state'], Tone> = { filed: 'warn', admitted: 'accent', returned: 'bad', withdrawn: 'plain', decided: 'good', lapsed: 'plain' }
const ACTIONS: Record<Schemas['ActionOut']['state'], Tone> = { open: 'warn', in_progress: 'accent', proof_submitted: 'accent', awaiting_recheck: 'accent', reopened: 'bad', verified: 'good', cancelled: 'plain' }

export const appealTone = (state: Schemas['AppealOut']['state']): Tone => APPEALS[state]
export const actionTone = (state: Schemas['ActionOut']['state']): Tone => ACTIONS[state]
