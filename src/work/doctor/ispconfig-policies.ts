import type { PolicyRow, PolicyUse } from '../../ground/directory/ispconfig/policies.ts'

/** A policy that is in use. */
export interface PolicyInUse {
  readonly policy: PolicyRow
  readonly mailboxes: number
}

/**
 * The policies that hold for at least one mailbox, as amavisd finds them: the mailbox's own row, that of its domain, or
 * that for everybody; a row that inherits counts as none.
 */
export function policiesInUse({ policies, users, mailboxes }: PolicyUse): readonly PolicyInUse[] {
  const byAddress = new Map(
    users
      .filter(({ policyId }) => policyId !== 0)
      .map(({ email, policyId }) => [email.toLowerCase(), policyId]),
  )
  const counts = new Map<number, number>()
  for (const mailbox of mailboxes) {
    const address = mailbox.toLowerCase()
    const keys = [address, address.slice(address.lastIndexOf('@')), '@.']
    const policy = keys.map(key => byAddress.get(key)).find(id => id !== undefined)
    if (policy !== undefined) counts.set(policy, (counts.get(policy) ?? 0) + 1)
  }
  return policies.flatMap(policy => {
    const count = counts.get(Number(policy.id)) ?? 0
    return count === 0 ? [] : [{ policy, mailboxes: count }]
  })
}

/** The policy ids that a mailbox or a domain has, and that no policy has. */
export const danglingPolicies = ({ policies, users }: PolicyUse): readonly { id: number; of: string[] }[] => {
  const known = new Set(policies.map(({ id }) => Number(id)))
  const lost = users.filter(({ policyId }) => policyId !== 0 && !known.has(policyId))
  return [...Map.groupBy(lost, ({ policyId }) => policyId)].map(([id, of]) => ({
    id,
    of: of.map(({ email }) => email),
  }))
}

type Kind = 'virus' | 'spam' | 'banned' | 'bad_header'

const KINDS: readonly Kind[] = ['virus', 'spam', 'banned', 'bad_header']

const LOVERS = {
  virus: 'virus_lover',
  spam: 'spam_lover',
  banned: 'banned_files_lover',
  bad_header: 'bad_header_lover',
} as const satisfies Record<Kind, keyof PolicyRow>

/** The columns by which a policy passes what it quarantines, so that it is in the quarantine and in the mailbox. */
export const passed = (policy: PolicyRow): readonly string[] =>
  KINDS.map(kind => LOVERS[kind]).filter(column => policy[column] === 'Y')

/** The columns by which a policy discards mail that it keeps nowhere. */
export const discards = (policy: PolicyRow): readonly string[] =>
  KINDS.filter(kind => policy[LOVERS[kind]] !== 'Y')
    .map(kind => `${kind}_quarantine_to` as const)
    .filter(column => policy[column]?.trim() === '')

/** Whether the policy keeps no spam, because keeping ends where killing begins or below. */
export function cutsOffAllSpam(policy: PolicyRow): boolean {
  const { spam_quarantine_cutoff_level: cutoff, spam_kill_level: kill } = policy
  if (cutoff === null || policy.spam_lover === 'Y') return false
  return Number(cutoff) <= 0 || (kill !== null && Number(cutoff) <= Number(kill))
}

/** The columns with a value that their enum does not have. */
export const strangeValues = (policy: PolicyRow): readonly string[] =>
  Object.values(LOVERS).filter(column => policy[column] !== null && !['Y', 'N'].includes(policy[column]))
