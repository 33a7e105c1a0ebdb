import type { Kysely } from 'kysely'
import {
  ignoredLists,
  otherFilters,
  type PolicyRow,
  type PolicyTables,
  type PolicyUse,
  readPolicyUse,
} from '../../ground/directory/ispconfig/policies.ts'
import { displayText } from '../../ground/display/text.ts'
import { type Check, type Finding, ok, warn } from '../../ground/health/check.ts'
import {
  cutsOffAllSpam,
  danglingPolicies,
  discards,
  type PolicyFault,
  passed,
  policyFaults,
  strangeValues,
} from './ispconfig-policies.ts'
import { unlessForbidden } from './unless-forbidden.ts'

/** Checks of what ISPConfig lets amavisd do with mail. They need more rights than the directory: else they are skipped. */
export function ispconfigChecks(database: Kysely<PolicyTables>): readonly Check[] {
  const ofPolicies = (id: string, fine: string, look: (use: PolicyUse) => readonly Finding[]): Check => ({
    id,
    needs: ['directory.answers'],
    isSlow: true,
    async run() {
      const use = await unlessForbidden(readPolicyUse(database))
      if ('status' in use) return [use]
      const found = look(use)
      return found.length > 0 ? found : [ok(fine)]
    },
  })
  return [
    ofPolicies('ispconfig.discards', 'no policy in use discards mail without a copy', discarding),
    ofPolicies('ispconfig.cutoff', 'no policy in use keeps no spam', cuttingOff),
    ofPolicies('ispconfig.lovers', 'no policy in use passes what it quarantines', passing),
    ofPolicies('ispconfig.values', 'no policy has values that amavisd does not know', strange),
    ofPolicies('ispconfig.missing-policy', 'each policy that a mailbox has is there', dangling),
    { id: 'ispconfig.lists', needs: ['directory.answers'], isSlow: true, run: () => lists(database) },
    { id: 'ispconfig.filter', needs: ['directory.answers'], isSlow: true, run: () => filters(database) },
  ]
}

const discarding = (use: PolicyUse): Finding[] =>
  policyFaults(use, discards).map(fault => {
    const { policy, columns } = fault
    return warn(
      `${nameOf(fault)} discards mail without a copy: its ${columns.join(', ')} ${columns.length === 1 ? 'is' : 'are'} empty, so nobody can list or release that mail`,
      `Choose another policy in the panel, or in dbispconfig: UPDATE spamfilter_policy SET ${columns.map(column => `${column} = NULL`).join(', ')} WHERE id = ${Number(policy.id)};`,
    )
  })

const cuttingOff = (use: PolicyUse): Finding[] =>
  policyFaults(use, cutsOffAllSpam).map(fault =>
    warn(
      `${nameOf(fault)} keeps no spam: its spam_quarantine_cutoff_level is ${levelText(fault.policy.spam_quarantine_cutoff_level)}, and it blocks from ${levelText(fault.policy.spam_kill_level)} on`,
      `In dbispconfig: UPDATE spamfilter_policy SET spam_quarantine_cutoff_level = NULL WHERE id = ${Number(fault.policy.id)};`,
    ),
  )

const levelText = (level: number | string | null): string =>
  level === null ? "amavisd's own level" : String(Number(level))

const passing = (use: PolicyUse): Finding[] =>
  policyFaults(use, passed).map(fault =>
    warn(
      `${nameOf(fault)} passes mail on although it is quarantined (${fault.columns.join(', ')}): digests do not list it, as it is in the mailbox already`,
      'If that is not meant, set these to No in the panel: Email, Spamfilter, Policy.',
    ),
  )

const strange = ({ policies }: PolicyUse): Finding[] =>
  policies.flatMap(policy => {
    const columns = strangeValues(policy)
    if (columns.length === 0) return []
    return [
      warn(
        `policy ${titleOf(policy)} has a value that is neither Y nor N in ${columns.join(', ')}`,
        'Save the policy again in the panel: Email, Spamfilter, Policy.',
      ),
    ]
  })

const dangling = (use: PolicyUse): Finding[] =>
  danglingPolicies(use).map(({ id, of }) =>
    warn(
      `there is no policy ${id}, which ${listed(of)} ${of.length === 1 ? 'has' : 'have'}: what their domain has or amavisd's own configuration holds for them`,
      'Choose a policy for them in the panel: Email, Spamfilter, User / Domain.',
    ),
  )

async function lists(database: Kysely<PolicyTables>): Promise<readonly Finding[]> {
  const ignored = await unlessForbidden(ignoredLists(database, MOST_LISTED))
  if ('status' in ignored) return [ignored]
  if (ignored.length === 0) return [ok('no allow or block list is ignored')]
  return [
    warn(
      `amavisd ignores the allow and block lists of ${listed(ignored)}, because they inherit their policy`,
      'Choose a policy for them in the panel: Email, Email Mailbox, Spamfilter.',
    ),
  ]
}

async function filters(database: Kysely<PolicyTables>): Promise<readonly Finding[]> {
  const others = await unlessForbidden(otherFilters(database))
  if ('status' in others) return [{ ...others, message: `${others.message} ${HOLDS_PASSWORDS}` }]
  if (others.length === 0) return [ok('the content filter is amavisd')]
  return others.map(({ server, filter }) =>
    warn(
      `the content filter of ${displayText(server, 100)} is ${displayText(filter, 40)}: amavisd holds no mail there, so there is none to list`,
      'In the panel: System, Server Config, Mail, Content Filter: Amavisd.',
    ),
  )
}

/** So `init` does not grant it. A view of the content filter alone would be a change of ISPConfig's database. */
const HOLDS_PASSWORDS =
  'So the content filter cannot be told. Its column config also holds passwords, such as that of Mailman: look in the panel instead (System, Server Config, Mail) if the account should not have them.'

export const nameOf = ({ policy, mailboxes }: PolicyFault): string =>
  `policy ${titleOf(policy)} (${mailboxes} ${mailboxes === 1 ? 'mailbox' : 'mailboxes'})`

const titleOf = ({ policy_name, id }: PolicyRow): string =>
  `"${displayText(policy_name ?? '', 64)}" (id ${Number(id)})`

/** The first few, and how many there are. */
const listed = (addresses: readonly string[]): string => {
  const shown = addresses.slice(0, 3).map(address => displayText(address, 100))
  const more = addresses.length - shown.length
  if (more === 0) return shown.join(', ')
  return `${shown.join(', ')} and ${more}${addresses.length === MOST_LISTED ? ' or more' : ''} others`
}

const MOST_LISTED = 1000
