import { entryKey } from '../ispconfig/entry-key.ts'
import type { ListRow, ListRows, ListUser, NewRow } from '../ispconfig/list-rows.ts'
import { type IspconfigLists, listsInRows } from '../ispconfig/lists-in-rows.ts'
import { isForbidden, isNobody, isUnknownFunction } from './faults.ts'
import type { PanelSettings } from './panel.ts'
import { type PanelCalls, PanelSession } from './panel-session.ts'
import type { PanelAnswer } from './post-json.ts'

/**
 * Writes lists through the remote API of ISPConfig's panel, which tells all its servers. They read what is new once a
 * minute.
 *
 * Read in ISPConfig's source: `interface/lib/classes/remoting.inc.php`, `remoting_lib.inc.php`, `json_handler.inc.php`
 * and `remote.d/{mail,client}.inc.php`.
 *
 * @throws CodedError CONFIG_INVALID
 */
export function ispconfigApiSenders(settings: PanelSettings): IspconfigLists & AsyncDisposable {
  const session = new PanelSession(settings)
  const lists = () => listsInRows(rowsAt(session.together()))
  return {
    read: async owner => lists().read(owner),
    set: async (owner, entry) => lists().set(owner, entry),
    remove: async (owner, sender) => lists().remove(owner, sender),
    prove: async () => lists().prove(),
    panel: { inheriting: async limit => lists().panel.inheriting(limit) },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

const rowsAt = (panel: PanelCalls): ListRows => ({
  userOf: owner => userOf(panel, owner),
  rowsOf: user => rowsWhere(panel, user, {}),
  rowsFor: (user, email) => rowsWhere(panel, user, { email }),
  async add(user, row) {
    await panel.call(`${functionsFor(row.wb)}_add`, {
      client_id: await clientOf(panel, user),
      params: paramsOf(user, row),
    })
  },
  async update(user, id, row) {
    await panel.call(`${functionsFor(row.wb)}_update`, {
      client_id: await clientOf(panel, user),
      primary_id: id,
      params: paramsOf(user, row),
    })
  },
  async remove({ id, wb }) {
    await panel.call(`${functionsFor(wb)}_delete`, { primary_id: id })
  },
  // The functions that read and write a list are ticked together.
  async prove() {
    await rowsWhere(panel, { id: 0 }, {})
    await clientOfOwner(panel, { sysUser: ADMIN, sysGroup: ADMIN })
  },
  async inheriting(limit) {
    const users = recordsIn(await panel.call('mail_spamfilter_user_get', { primary_id: { policy_id: 0 } }))
    return users
      .map(({ email }) => String(email))
      .filter(email => !email.startsWith('@'))
      .slice(0, limit)
  },
})

/** Both lists are one table: the functions of either find and change the rows of both. */
const functionsFor = (wb: string): string =>
  wb === 'B' ? 'mail_spamfilter_blacklist' : 'mail_spamfilter_whitelist'

const paramsOf = ({ id, serverId }: ListUser, { wb, email, priority }: NewRow) => ({
  server_id: serverId,
  wb,
  rid: id,
  email,
  priority,
  active: 'y',
})

/** A percent sign in an address makes the panel look for more, so that each record is looked at. */
async function userOf(panel: PanelCalls, owner: string): Promise<ListUser | undefined> {
  const found = await panel.call('mail_spamfilter_user_get', { primary_id: { email: owner } })
  const record = recordsIn(found).find(({ email }) => entryKey(String(email)) === owner)
  if (record === undefined) return undefined
  return {
    id: Number(record.id),
    email: String(record.email),
    serverId: Number(record.server_id),
    policyId: Number(record.policy_id),
    sysUser: Number(record.sys_userid ?? 0),
    sysGroup: Number(record.sys_groupid ?? 0),
  }
}

async function rowsWhere(
  panel: PanelCalls,
  { id }: Pick<ListUser, 'id'>,
  filter: { readonly email?: string },
): Promise<readonly ListRow[]> {
  const primary_id = { rid: id, ...filter }
  const answers = await Promise.all(
    ['W', 'B'].map(wb => panel.call(`${functionsFor(wb)}_get`, { primary_id })),
  )
  const rows = answers.flatMap(recordsIn).filter(({ rid }) => Number(rid) === id)
  return [...new Map(rows.map(record => [Number(record.wblist_id), rowOf(record)])).values()]
}

const rowOf = (record: PanelRecord): ListRow => ({
  id: Number(record.wblist_id),
  wb: String(record.wb),
  email: String(record.email),
  priority: Number(record.priority),
  isActive: record.active === 'y',
})

/**
 * The client to whom a mailbox belongs, who sees a row in the panel if it is made in their name. A row of settings that
 * the admin made (group 1) does not tell, but the mailbox does.
 *
 * @returns 0 for the panel's admin
 */
async function clientOf(panel: PanelCalls, user: ListUser): Promise<number> {
  const own = user.sysGroup > ADMIN ? user : await mailboxOwner(panel, user)
  return own.sysGroup > ADMIN ? clientOfOwner(panel, own) : 0
}

async function clientOfOwner(panel: PanelCalls, own: Owned): Promise<number> {
  const ofGroup = { group_id: own.sysGroup }
  const byGroup = await panel.call('client_get_by_groupid', ofGroup, either(isUnknownFunction, isNobody))
  if (byGroup !== undefined) return clientIn(byGroup)
  return clientIn(await panel.call('client_get_id', { sys_userid: own.sysUser }, isNobody))
}

type Owned = Pick<ListUser, 'sysUser' | 'sysGroup'>

/** `sys_group.groupid` and `sys_user.userid` of the panel's admin. */
const ADMIN = 1

async function mailboxOwner(panel: PanelCalls, user: ListUser): Promise<Owned> {
  if (user.email.startsWith('@')) return user
  const ofAddress = { primary_id: { email: user.email } }
  const found = await panel.call('mail_user_get', ofAddress, either(isUnknownFunction, isForbidden))
  const mailbox = recordsIn(found).find(({ email }) => entryKey(String(email)) === entryKey(user.email))
  if (mailbox === undefined) return user
  return { sysUser: Number(mailbox.sys_userid ?? 0), sysGroup: Number(mailbox.sys_groupid ?? 0) }
}

const either =
  (...are: readonly ((answer: PanelAnswer) => boolean)[]) =>
  (answer: PanelAnswer): boolean =>
    are.some(is => is(answer))

/** The number of a client: alone, or in its record. */
function clientIn(answer: unknown): number {
  const isRecord = typeof answer === 'object' && answer !== null && 'client_id' in answer
  const id = Number(isRecord ? answer.client_id : answer)
  return Number.isInteger(id) && id > 0 ? id : 0
}

/** A row as PHP writes it: numbers may be text. */
type PanelRecord = Readonly<Record<string, unknown>>

/** A filter finds a list of records, and false when there is something wrong with it. */
const recordsIn = (answer: unknown): readonly PanelRecord[] =>
  Array.isArray(answer)
    ? answer.filter((record): record is PanelRecord => typeof record === 'object' && record !== null)
    : []
