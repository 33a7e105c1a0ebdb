import type { SpamRule } from './findings.ts'

/**
 * The rules in `X-Spam-Status: Yes, score=7.2 … tests=[BAYES_99=3.5, HTML_MESSAGE=0.001] autolearn=no`, those with the
 * most points first.
 */
export function spamRulesOf(status: string): SpamRule[] {
  const tests = TESTS.exec(status)?.[1] ?? ''
  const rules = tests
    .split(',', MOST_RULES)
    .map(test => RULE.exec(test.trim()))
    .flatMap(match => (match?.[1] ? [{ name: match[1], points: Number(match[2]) }] : []))
  return rules.sort((one, other) => Math.abs(other.points) - Math.abs(one.points))
}

const TESTS = /\btests=\[([^\]]*)\]/

/** SpamAssassin's names have at most 50 characters or so. */
const RULE = /^([A-Za-z_]\w{0,99})=(-?\d{1,6}(?:\.\d{1,6})?)$/

const MOST_RULES = 500
