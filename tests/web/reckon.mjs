// Asks the pages' own code: cases as a JSON list on standard input, answers as a JSON list on standard output.
import { text } from 'node:stream/consumers'
import { scoreOf, missingRequired, vetoesWithoutEvidence } from '../../app/web/src/core/score.ts'
import { coverage, lostOf, recordedMs, unmet } from '../../app/web/src/core/gate.ts'
import { distanceM } from '../../app/web/src/core/places.ts'
import { beganAt, madeAt } from '../../app/web/src/core/aligning.ts'
import { newId } from '../../app/web/src/core/ids.ts'
import { modeAt } from '../../app/web/src/core/policies.ts'

const reckon = {
  score({ checklist, answers, terms }) {
    const score = scoreOf(checklist, answers, terms)
    return {
      total: score.total?.kept() ?? null,
      total_display: score.total?.shown() ?? null,
      total_without_vetoes: score.totalWithoutVetoes?.kept() ?? null,
      completeness: score.completeness?.kept() ?? null,
      vetoes: score.vetoes.map(({ item, scope, target, cap }) => ({ item, scope, target, cap: cap?.kept() ?? null })),
      missing: missingRequired(checklist, answers, terms.purpose),
      without_evidence: vetoesWithoutEvidence(checklist, answers, terms.purpose),
    }
  },
  gate: ({ claim, demands }) => ({ rules: unmet(claim, demands).map(({ rule, where }) => [rule, where]), coverage: coverage(claim.stays, claim.files), recorded: recordedMs(claim.files) }),
  lost: (file) => lostOf(file),
  distance: ({ a, b }) => distanceM(a, b),
  policy: ({ policies, jurisdiction, ownership }) => modeAt(policies, jurisdiction, ownership),
  async aligned({ file, writtenMs, durationMs, stays }) {
    const madeMs = await madeAt(new Blob([Buffer.from(file, 'base64')]))
    return { madeMs, beganAt: beganAt({ madeMs, writtenMs, durationMs }, stays) }
  },
  ids: ({ count, at }) => Array.from({ length: count }, () => newId(at)),
}

const cases = JSON.parse(await text(process.stdin))
process.stdout.write(JSON.stringify(await Promise.all(cases.map(({ kind, ...rest }) => reckon[kind](rest)))))
