import type { ReleasePolicies } from '../src/rules/policy/policy.ts'

/** Those of a configuration that names none. */
export const STANDARD_POLICIES: ReleasePolicies = {
  spam: 'release',
  badHeader: 'release',
  banned: 'confirm',
  unchecked: 'confirm',
  oversized: 'release',
  other: 'release',
  virus: 'never',
}
