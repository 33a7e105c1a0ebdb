import type { HeldMailFilter } from '../ground/amavis/held-mail-between.ts'
import type { Config } from '../ground/config/schema.ts'
import { kindsNeverOffered, kindsNeverOfferedTo } from '../rules/policy/offer.ts'
import { policiesOf } from '../rules/policy/policy.ts'

/** The mail that collecting takes: what its readers can act on. */
export function heldMailFilter({ collect, policy }: Pick<Config, 'collect' | 'policy'>): HeldMailFilter {
  const policies = policiesOf(policy)
  const differs = policies.all.length > 1
  return {
    localOnly: collect.localOnly,
    excludedKinds: kindsNeverOffered(policies),
    byDomain: differs
      ? {
          excludedFor: recipient => kindsNeverOfferedTo(policies, recipient),
          text: JSON.stringify([kindsNeverOfferedTo(policies, ''), domainsOf(policy)]),
        }
      : undefined,
  }
}

const domainsOf = ({ domains }: Config['policy']) =>
  Object.entries(domains).toSorted(([one], [other]) => (one < other ? -1 : 1))
