import { z } from 'zod'
import { domainName } from '../../directory/reader-address.ts'
import { section } from './fields.ts'

const policyOf = z.enum(['release', 'confirm', 'request', 'never'])

const own = policyOf.optional()

const ownPolicies = z.strictObject({
  spam: own,
  badHeader: own,
  banned: own,
  unchecked: own,
  oversized: own,
  other: own,
  virus: own,
})

/** What readers may do with held messages. */
export const policyOptions = section({
  spam: policyOf.default('release'),
  badHeader: policyOf.default('release'),
  banned: policyOf.default('confirm'),
  unchecked: policyOf.default('confirm'),
  oversized: policyOf.default('release'),
  other: policyOf.default('confirm'),
  virus: policyOf.default('never'),
  domains: z
    .record(z.string(), ownPolicies)
    .transform(domainKeys)
    .default({})
    .describe(
      'What differs for mail to some domains: { example.com: { banned: request } }. A subdomain counts separately.',
    ),
}).describe(
  'release: one click. confirm: a second, explicit confirmation. request: an admin is asked, and decides. never: neither listed nor released, by admins neither.',
)

/** The domains as A-labels in lower case, each once. */
function domainKeys<Value>(byDomain: Readonly<Record<string, Value>>, context: z.RefinementCtx) {
  const found: Record<string, Value> = {}
  for (const [text, value] of Object.entries(byDomain)) {
    const domain = domainName(text)
    const fault =
      domain === undefined
        ? 'expected a domain such as example.com (a subdomain counts separately)'
        : Object.hasOwn(found, domain) && `expected each domain once, found ${domain} twice`
    if (fault) context.addIssue({ code: 'custom', path: [text], message: fault })
    else if (domain !== undefined) found[domain] = value
  }
  return found
}
