import { readerAddress } from '../../ground/directory/reader-address.ts'
import { onePerson, type People, type SignedIn } from '../../ground/sign-in/people.ts'
import type { Reach } from './reach.ts'
import type { AdminPermission, AdminViewer, HelpDeskViewer } from './viewer.ts'
import { asHelpDesk } from './visitor.ts'

export interface Admin extends SignedIn {
  readonly kind: 'admin'
  readonly reach: Reach
  /** What they may do in the quarantine. */
  readonly may: readonly AdminPermission[]
  readonly role: AdminRole
}

/** `helpDesk`: sees what readers see, and no page of the admins' desk. */
export type AdminRole = 'admin' | 'helpDesk'

/** An admin as the configuration names them. */
export interface ConfiguredAdmin {
  readonly address: string
  /** Undefined: all domains. */
  readonly domains?: readonly string[] | undefined
  /** Whether they get messages and attachments as files; undefined: admins of all domains do. */
  readonly download?: boolean | undefined
  /** Undefined: an admin. */
  readonly role?: AdminRole | undefined
  /** Whether somebody of the help desk may release for readers; undefined: no. Admins may. */
  readonly release?: boolean | undefined
  /** Whether they get a mail about requests that wait; undefined: admins do. */
  readonly requests?: boolean | undefined
}

/** The admins who may sign in. */
export interface Admins extends People<Admin> {
  find(address: string): Admin | undefined
  still(address: string): Admin | undefined
}

/** The admins of the configuration. Removing one from it ends that admin's rights, even if a session is still open. */
export function adminsOf(configured: readonly ConfiguredAdmin[]): Admins {
  const admins = new Map(
    configured.map(admin => {
      const { address, domains: reach } = admin
      const compared = readerAddress(address) ?? address
      const may = permissionsOf(admin)
      const role = admin.role ?? 'admin'
      return [compared, { kind: 'admin', address: compared, mailTo: address, reach, may, role }] as const
    }),
  )
  const find = (address: string) => admins.get(readerAddress(address.trim()) ?? address)
  return { kind: 'admin', find, still: find, vouchedFor: addresses => onePerson(addresses.map(find)) }
}

/** Whom readers ask: the first admin. The help desk decides nothing, and may be there for some domains only. */
export const contactOf = (configured: readonly ConfiguredAdmin[]): string | undefined =>
  configured.find(({ role }) => role !== 'helpDesk')?.address

/** Whether somebody gets a mail when readers have asked for messages. The help desk decides nothing. */
export const getsRequests = ({ role, requests }: ConfiguredAdmin): boolean =>
  role !== 'helpDesk' && requests !== false

/** Only an admin of all domains opens a message with a virus. */
function permissionsOf({ domains, download, role, release }: ConfiguredAdmin): readonly AdminPermission[] {
  if (role === 'helpDesk') return release ? ['read', 'release'] : ['read']
  const isFull = domains === undefined
  return [
    'read',
    'release',
    'decide',
    'senders',
    'learn',
    ...((download ?? isFull) ? (['download'] as const) : []),
    ...(isFull ? (['virus'] as const) : []),
  ]
}

/** An admin who has signed in, as the quarantine's use-cases take them: nobody of the help desk. */
export const adminViewer = (
  { kind, address, reach, may }: Admin,
  remoteAddress: string | null,
): AdminViewer => ({ as: 'admin', actor: { kind, name: address, remoteAddress }, reach, may })

/**
 * The same, or somebody of the help desk, as one who sees what a reader sees: of that reader's mail, what was sent to
 * domains in their reach. They act under their own name.
 *
 * @param reader in the form of `readerAddress`, and in reach
 */
export const helpDeskViewer = (
  { kind, address, reach, may }: Admin,
  reader: string,
  remoteAddress: string | null,
): HelpDeskViewer => ({
  as: 'reader',
  visitor: asHelpDesk(reader, may.includes('release') ? ['read', 'release'] : ['read']),
  actor: { kind, name: address, remoteAddress },
  within: reach,
})
