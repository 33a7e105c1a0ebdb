import { displayText } from '../../display/text.ts'
import { CodedError } from '../../errors.ts'
import type { PanelAnswer } from './post-json.ts'

/** A fault that the panel has told, and about which function. */
export interface Told {
  readonly answer: PanelAnswer
  readonly name: string
  readonly user: string
}

/**
 * Whether a session is over: half an hour after its sign-in, or when it is asked from another address.
 * `remoting.inc.php` of ISPConfig: session_does_not_exist, session_id_empty, session_ip_mismatch.
 */
export const isOver = ({ code, message }: PanelAnswer): boolean =>
  /session_(?:does_not_exist|id_empty|ip_mismatch)/.test(code) ||
  /session is expired|session ?id is empty|session ip mismatch/i.test(message)

/** Whether there is no such function in this ISPConfig. */
export const isUnknownFunction = ({ code }: PanelAnswer): boolean => code === 'invalid_method'

/** Whether the remote user may not call a function. */
export const isForbidden = ({ code, message }: PanelAnswer): boolean =>
  code === 'permission_denied' || /do not have the permissions/i.test(message)

/** Whether there is no client, group or user of this number: the row belongs to the panel's admin. */
export const isNobody = ({ code, message }: PanelAnswer): boolean =>
  /no_(?:client|group)_found|invalid_id/.test(code) ||
  /^there is no (?:client|group|sys_?user)|has to be > 0/i.test(message)

/**
 * The JSON API gives each fault of a function the same code, `remote_fault`. So the words tell which one it is.
 *
 * @returns SENDERS_REFUSED with what to do in the panel, or SENDERS_UNREACHABLE for one that passes by itself
 */
export function panelFault({ answer, name, user }: Told): CodedError {
  const said = displayText(answer.message || answer.code, MAX_MESSAGE).replace(/\.?$/, '.')
  const known = FAULTS.find(({ is }) => is(answer))
  if (known === undefined) return refused(`answers ${name} with: ${said}`, 'See its System, Monitor.')
  const next = known.next({ name, user: displayText(user, 64) })
  if (known.passes === true)
    return new CodedError('SENDERS_UNREACHABLE', `ISPConfig's panel: ${said} ${next}`)
  return refused(`refuses ${name}: ${said}`, next)
}

/** Graphemes: a fault of the database quotes the whole statement. */
const MAX_MESSAGE = 200

const refused = (fault: string, next: string): CodedError =>
  new CodedError('SENDERS_REFUSED', `ISPConfig's panel ${fault} ${next}`)

interface Fault {
  is(answer: PanelAnswer): boolean
  next(about: { readonly name: string; readonly user: string }): string
  readonly passes?: boolean
}

const says =
  (words: RegExp) =>
  ({ code, message }: PanelAnswer): boolean =>
    words.test(code) || words.test(message)

const FAULTS: readonly Fault[] = [
  { is: says(/maintenance/i), next: () => 'Wait until its maintenance is over.', passes: true },
  {
    is: says(/failure.limit|too many (?:failed )?logins|too_many_logins/i),
    next: () => 'Correct senders.user and senders.password, then wait 5 minutes.',
  },
  {
    is: says(/not allowed from/i),
    next: ({ user }) =>
      `In the panel: System, Remote Users, ${user}: tick Remote Access, and add the address of this server to Remote Access IPs.`,
  },
  {
    is: says(/login failed|login_failed|login_(?:username|password)_empty|username or password/i),
    next: () => 'Set senders.user and senders.password to those of a remote user: System, Remote Users.',
  },
  {
    is: isForbidden,
    next: ({ name, user }) => `In the panel: System, Remote Users, ${user}: tick "${groupOf(name)}".`,
  },
  {
    is: isUnknownFunction,
    next: () => 'Its ISPConfig is older than 3.2, or its module for mail is missing.',
  },
  {
    is: says(/limit/i),
    next: () =>
      'The client has as many allow and block entries as its limit permits. Raise it in the panel: Client, Limits, Mail; or remove entries.',
  },
]

/** The functions that are ticked together: `remote.conf.php` of ISPConfig's modules. */
function groupOf(name: string): string {
  if (name.startsWith('client_')) return 'Client functions'
  if (name.startsWith('mail_user_')) return 'Mail user functions'
  const [, list = 'user'] = /^mail_spamfilter_(whitelist|blacklist)_/.exec(name) ?? []
  return `Mail spamfilter ${list} functions`
}
