import type { ReleasePolicies } from '../src/rules/policy/policy.ts'

/** The policies of a configuration that sets none. */
export const STANDARD_POLICIES: ReleasePolicies = {
  spam: 'release',
  badHeader: 'release',
  banned: 'confirm',
  unchecked: 'confirm',
  oversized: 'release',
  other: 'release',
  virus: 'never',
}
