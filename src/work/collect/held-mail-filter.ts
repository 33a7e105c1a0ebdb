import type { HeldMailFilter } from '../../ground/amavis/held-mail-between.ts'
import { kindsNeverOffered, kindsNeverOfferedTo } from '../../rules/policy/offer.ts'
import { type ConfiguredPolicies, policiesOf } from '../../rules/policy/policy.ts'

/** The mail that collecting takes: what its readers can act on. */
export function heldMailFilter({ collect, policy }: Collecting): HeldMailFilter {
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

interface Collecting {
  readonly collect: Pick<HeldMailFilter, 'localOnly'>
  readonly policy: ConfiguredPolicies
}

const domainsOf = ({ domains = {} }: ConfiguredPolicies) =>
  Object.entries(domains).toSorted(([one], [other]) => (one < other ? -1 : 1))
