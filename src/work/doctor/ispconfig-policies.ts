import type { PolicyRow, PolicyUse } from '../../ground/directory/ispconfig/policies.ts'

/** The policies that amavisd finds for a mailbox, the nearest first. Where one has NULL, the next one decides. */
export type PolicyChain = readonly PolicyRow[]

/** What a policy decides for some mailboxes. */
export interface PolicyFault {
  readonly policy: PolicyRow
  readonly columns: readonly (keyof PolicyRow)[]
  /** 0: for other addresses only, such as aliases or a domain whose mail is passed on. */
  readonly mailboxes: number
}

/**
 * Looks at the policies that are in use, as amavisd finds them: by the mailbox's own row, that of its domain, and that
 * for everybody; a row that inherits counts as none. Source: `lookup_sql_field` of amavisd.
 *
 * @param columnsOf the columns whose value is a fault, among those that decide
 */
export function policyFaults(
  use: PolicyUse,
  columnsOf: (chain: PolicyChain) => readonly (keyof PolicyRow)[],
): readonly PolicyFault[] {
  const found = new Map<number, { policy: PolicyRow; columns: Set<keyof PolicyRow>; mailboxes: number }>()
  for (const { chain, mailboxes } of chainsInUse(use)) {
    const byPolicy = Map.groupBy(columnsOf(chain), column => deciding(chain, column))
    for (const [policy, columns] of byPolicy) {
      if (policy === undefined) continue
      const before = found.get(policy.id)
      found.set(policy.id, {
        policy,
        columns: new Set([...(before?.columns ?? []), ...columns]),
        mailboxes: (before?.mailboxes ?? 0) + mailboxes,
      })
    }
  }
  return [...found.values()].map(fault => ({ ...fault, columns: [...fault.columns] }))
}

/** Each chain once, with the mailboxes that it holds for. */
function chainsInUse({ policies, users, mailboxes }: PolicyUse): { chain: PolicyChain; mailboxes: number }[] {
  const byId = new Map(policies.map(policy => [Number(policy.id), policy]))
  const byAddress = new Map(users.map(({ email, policyId }) => [email.toLowerCase(), byId.get(policyId)]))
  const inUse = new Map<string, { chain: PolicyChain; mailboxes: number }>()
  const add = (address: string, count: number) => {
    const keys = new Set([address, address.slice(address.lastIndexOf('@')), '@.'])
    const chain = [...keys].flatMap(key => byAddress.get(key) ?? [])
    const id = chain.map(policy => policy.id).join()
    inUse.set(id, { chain, mailboxes: (inUse.get(id)?.mailboxes ?? 0) + count })
  }
  for (const mailbox of new Set(mailboxes.map(each => each.toLowerCase()))) add(mailbox, 1)
  for (const address of byAddress.keys()) add(address, 0)
  return [...inUse.values()]
}

const deciding = (chain: PolicyChain, column: keyof PolicyRow): PolicyRow | undefined =>
  chain.find(policy => policy[column] !== null)

/** What holds for a column. @returns null when amavisd's own configuration decides */
export const decided = <Column extends keyof PolicyRow>(
  chain: PolicyChain,
  column: Column,
): PolicyRow[Column] | null => deciding(chain, column)?.[column] ?? null

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

const BYPASSES = {
  virus: 'bypass_virus_checks',
  spam: 'bypass_spam_checks',
  banned: 'bypass_banned_checks',
  bad_header: 'bypass_header_checks',
} as const satisfies Record<Kind, keyof PolicyRow>

/** The columns by which mail is passed on that is quarantined, so that it is in the quarantine and in the mailbox. */
export const passed = (chain: PolicyChain): readonly (keyof PolicyRow)[] =>
  KINDS.filter(kind => isLookedFor(chain, kind) && isPassed(chain, kind) && isKept(chain, kind)).map(
    kind => LOVERS[kind],
  )

/** The columns by which mail is discarded that is kept nowhere. */
export const discards = (chain: PolicyChain): readonly (keyof PolicyRow)[] =>
  KINDS.filter(
    kind => isLookedFor(chain, kind) && !isPassed(chain, kind) && hasNoQuarantine(chain, kind),
  ).map(kind => `${kind}_quarantine_to` as const)

/** The column by which no spam is kept, because keeping ends where killing begins or below. */
export const cutsOffAllSpam = (chain: PolicyChain): readonly (keyof PolicyRow)[] =>
  isLookedFor(chain, 'spam') && !isPassed(chain, 'spam') && isAllCutOff(chain)
    ? ['spam_quarantine_cutoff_level']
    : []

/**
 * The column because of which no block-listed mail is kept: with a cut-off of whatever level, amavisd keeps none, as a run
 * of 2.13 showed.
 */
export const losesBlocked = (chain: PolicyChain): readonly (keyof PolicyRow)[] =>
  isLookedFor(chain, 'spam') && !isPassed(chain, 'spam') && decided(chain, CUT_OFF) !== null ? [CUT_OFF] : []

const CUT_OFF = 'spam_quarantine_cutoff_level'

/** amavisd finds nothing of a kind for which it does not look. */
const isLookedFor = (chain: PolicyChain, kind: Kind): boolean => decided(chain, BYPASSES[kind]) !== 'Y'

const isPassed = (chain: PolicyChain, kind: Kind): boolean => decided(chain, LOVERS[kind]) === 'Y'

const isKept = (chain: PolicyChain, kind: Kind): boolean =>
  !hasNoQuarantine(chain, kind) && !(kind === 'spam' && isAllCutOff(chain))

const hasNoQuarantine = (chain: PolicyChain, kind: Kind): boolean =>
  decided(chain, `${kind}_quarantine_to`)?.trim() === ''

function isAllCutOff(chain: PolicyChain): boolean {
  const cutoff = decided(chain, 'spam_quarantine_cutoff_level')
  const kill = decided(chain, 'spam_kill_level')
  if (cutoff === null) return false
  return Number(cutoff) <= 0 || (kill !== null && Number(cutoff) <= Number(kill))
}

/** The columns with a value that their enum does not have. */
export const strangeValues = (policy: PolicyRow): readonly string[] =>
  [...Object.values(LOVERS), ...Object.values(BYPASSES)].filter(
    column => policy[column] !== null && !['Y', 'N'].includes(policy[column]),
  )
