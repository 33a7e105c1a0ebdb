import type { Kysely } from 'kysely'
import { type PolicyTables, readPolicyUse } from '../../ground/directory/ispconfig/policies.ts'
import { displayText } from '../../ground/display/text.ts'
import { type Check, type Finding, fail, ok, warn } from '../../ground/health/check.ts'
import { failureOf } from '../../ground/health/failure.ts'
import type { PanelFacts, SenderLists, Servers } from '../../ground/senders/sender-lists.ts'
import { nameOf } from './ispconfig-checks.ts'
import { losesBlocked, policyFaults } from './ispconfig-policies.ts'
import { unlessForbidden } from './unless-forbidden.ts'

/** Checks of where allow and block entries are written. Nothing is written. */
export const senderChecks = ({ read, prove, panel }: SenderLists): readonly Check[] => [
  reachable(read),
  ...(prove === undefined ? [] : [writable(prove)]),
  ...(panel === undefined ? [] : [inheriting(panel)]),
  ...(panel?.servers === undefined ? [] : [singleServer(panel.servers)]),
]

/** By the entries for everybody: there are few or none. */
const reachable = (read: SenderLists['read']): Check => ({
  id: 'senders.reachable',
  async run() {
    try {
      await read('@.')
      return [ok('the lists can be read')]
    } catch (error) {
      const failure = failureOf(error)
      return [{ ...failure, fix: failure.fix ?? 'See senders.kind and senders.url.' }]
    }
  },
})

/** A right that is missing shows here, and not at the first entry that somebody makes. */
const writable = (prove: () => Promise<void>): Check => ({
  id: 'senders.writable',
  needs: ['senders.reachable'],
  async run() {
    await prove()
    return [ok('entries can be written')]
  },
})

const inheriting = (panel: PanelFacts): Check => ({
  id: 'senders.inherit',
  needs: ['senders.reachable'],
  isSlow: true,
  async run() {
    const found = await panel.inheriting(MOST_LISTED)
    const [first] = found
    if (first === undefined) return [ok('amavisd follows the lists of each mailbox')]
    const count = `${found.length}${found.length === MOST_LISTED ? ' or more' : ''}`
    const whose =
      found.length === 1 ? displayText(first, 100) : `${count} mailboxes, such as ${displayText(first, 100)}`
    return [
      warn(
        `amavisd ignores what is allowed and blocked for ${whose}: no policy was chosen in ISPConfig, and lists of a mailbox that inherits its policy do not count`,
        'Choose a policy for them in the panel: Email, Email Mailbox, Spamfilter.',
      ),
    ]
  },
})

const MOST_LISTED = 1000

const singleServer = (servers: () => Promise<Servers>): Check => ({
  id: 'senders.single-server',
  needs: ['senders.reachable'],
  run: async () => [serversFinding(await servers())],
})

function serversFinding({ all, mail }: Servers): Finding {
  if (mail > 1)
    return fail(
      `ISPConfig has ${mail} mail servers, so no entry is written: it would reach one of them at most`,
      USE_THE_API,
      'SENDERS_REFUSED',
    )
  if (all > 1)
    return warn(
      `ISPConfig has ${all} servers, and entries are written into one database. The panel sees them only if that is the one of its master`,
      USE_THE_API,
    )
  return ok('ISPConfig has one server')
}

const USE_THE_API = "Set senders.kind to ispconfig-api, and senders.url to the panel's address."

/** Whether mail from blocked senders can be released: a policy of ISPConfig may let amavisd keep none of it. */
export const blockedIsKept = (database: Kysely<PolicyTables>): Check => ({
  id: 'senders.blocked-kept',
  needs: ['directory.answers'],
  isSlow: true,
  async run() {
    const use = await unlessForbidden(readPolicyUse(database))
    if ('status' in use) return [use]
    const faults = policyFaults(use, losesBlocked)
    if (faults.length === 0) return [ok('mail from blocked senders is kept')]
    return faults.map(fault =>
      warn(
        `${nameOf(fault)} has a spam_quarantine_cutoff_level, so amavisd keeps no mail from blocked senders: nobody can release it`,
        `If that is not meant, in dbispconfig: UPDATE spamfilter_policy SET spam_quarantine_cutoff_level = NULL WHERE id = ${Number(fault.policy.id)};`,
      ),
    )
  },
})
