import type { AuthenticationResult, SpamRule } from './findings.ts'

/**
 * What is known of a sender's proof. A sender can write `Authentication-Results` into a message, in our own name too, so
 * only what stands in amavisd's head counts, and the rules of SpamAssassin by which it tells the same.
 *
 * @param fields `Authentication-Results` of amavisd's head
 */
export function authenticationIn(
  fields: readonly string[],
  rules: readonly SpamRule[],
): AuthenticationResult[] {
  const written = fields.flatMap(field =>
    [...field.matchAll(RESULT)].map(([, method = '', result = '']) => ({
      method: method.toLowerCase(),
      result: result.toLowerCase(),
    })),
  )
  const names = new Set(rules.map(({ name }) => name))
  return METHODS.flatMap(method => {
    const result =
      written.find(one => one.method === method)?.result ??
      BY_RULE[method].find(([rule]) => names.has(rule))?.[1]
    return result === undefined ? [] : [{ method, result }]
  })
}

const METHODS = ['spf', 'dkim', 'dmarc'] as const

/** RFC 8601, section 2.2. */
const RESULT = /(?:^|;)\s*(spf|dkim|dmarc)\s*=\s*([a-z]{1,20})\b/gi

/** Rules of SpamAssassin 3.4 and 4.0, those that say the most first. */
const BY_RULE: Readonly<
  Record<AuthenticationResult['method'], readonly (readonly [rule: string, result: string])[]>
> = {
  spf: [
    ['SPF_PASS', 'pass'],
    ['SPF_FAIL', 'fail'],
    ['SPF_SOFTFAIL', 'softfail'],
    ['SPF_NEUTRAL', 'neutral'],
    ['SPF_NONE', 'none'],
  ],
  dkim: [
    ['DKIM_VALID', 'pass'],
    ['DKIM_INVALID', 'fail'],
  ],
  dmarc: [
    ['DMARC_PASS', 'pass'],
    ['DMARC_REJECT', 'fail'],
    ['DMARC_QUAR', 'fail'],
    ['DMARC_NONE', 'fail'],
  ],
}
