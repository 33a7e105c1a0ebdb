import type { Sample } from '../samples/sample.ts'

/** A rule of SpamAssassin and its points. */
export type Rule = readonly [name: string, points: number]

/** Rules that add up to this score: those of the sample first, then usual ones, as many as fit. */
export function spamRules({ rules = [] }: Sample, score: number): Rule[] {
  const found = [...rules]
  let rest = score - sum(rules)
  for (const rule of USUAL) {
    if (rule[1] > rest) continue
    found.push(rule)
    rest -= rule[1]
  }
  const last = Number(rest.toFixed(3))
  return last === 0 ? found : [...found, ['TXREP', last]]
}

const sum = (rules: readonly Rule[]): number => rules.reduce((total, [, points]) => total + points, 0)

/** With the scores of SpamAssassin 4.0. TXREP, the reputation of the sender, may have any. */
const USUAL: readonly Rule[] = [
  ['BAYES_99', 3.5],
  ['URIBL_BLACK', 1.7],
  ['RCVD_IN_BL_SPAMCOP_NET', 1.347],
  ['RAZOR2_CHECK', 0.922],
  ['RDNS_NONE', 0.793],
  ['BAYES_999', 0.2],
]
