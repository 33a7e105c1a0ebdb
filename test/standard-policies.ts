import type { Policies, ReleasePolicies } from '../src/rules/policy/policy.ts'

/** The policies of a configuration that sets none, for the domains of all recipients. */
export const STANDARD_POLICIES: Policies = policiesWith({})

/** The same, but for some kinds. */
export function policiesWith(changes: Partial<ReleasePolicies>): Policies {
  const policies: ReleasePolicies = {
    spam: 'release',
    badHeader: 'release',
    banned: 'confirm',
    unchecked: 'confirm',
    oversized: 'release',
    other: 'release',
    virus: 'never',
    ...changes,
  }
  return { of: () => policies, settingFor: (_, kind) => `policy.${kind}`, all: [policies] }
}
