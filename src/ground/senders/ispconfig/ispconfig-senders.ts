import { type Kysely, sql as statement } from 'kysely'
import type { Database } from '../../database/database.ts'
import { CodedError } from '../../errors.ts'
import type { Servers } from '../sender-lists.ts'
import { sendersAnswer } from '../senders-answer.ts'
import { entryKey } from './entry-key.ts'
import type { ListRow, ListRows, ListUser, NewRow } from './list-rows.ts'
import { type IspconfigLists, listsInRows } from './lists-in-rows.ts'

/**
 * The columns that are read or written. `src/ground/database/mysql-errors.ts` names the same in the GRANTs that it
 * proposes. `server.config` is not among them: it holds passwords.
 */
export interface IspconfigSenderTables {
  readonly spamfilter_users: {
    readonly id: number
    readonly server_id: number
    readonly policy_id: number
    readonly email: string
    readonly sys_userid: number
    readonly sys_groupid: number
  }
  readonly spamfilter_wblist: {
    wblist_id?: number
    sys_userid: number
    sys_groupid: number
    sys_perm_user: string
    sys_perm_group: string
    sys_perm_other: string
    server_id: number
    wb: string
    rid: number
    email: string
    priority: number
    active: string
  }
  readonly mail_user: { readonly email: string; readonly sys_userid: number; readonly sys_groupid: number }
  readonly server: { readonly server_id: number; readonly mail_server: number }
}

/**
 * Writes lists straight into ISPConfig's database. amavisd reads them at the next mail, and the panel shows them. On more
 * than one mail server nothing is written: such rows reach the others by the panel's log alone (`sys_datalog`), which
 * its API writes.
 *
 * @param database of ISPConfig (`dbispconfig`), which amavisd reads
 * @param timeout of each call, in milliseconds
 */
export function ispconfigSenders(
  { sql }: Pick<Database<IspconfigSenderTables>, 'sql'>,
  { timeout }: { readonly timeout: number },
): IspconfigLists {
  const answer = <Result>(work: () => Promise<Result>) => sendersAnswer(timeout, work)
  const { read, set, remove, prove, panel } = listsInRows(rowsIn(sql))
  const alone = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const { mail } = await serversIn(sql)
    if (mail > 1) throw severalServers(mail)
    return work()
  }
  return {
    read: owner => answer(() => read(owner)),
    set: (owner, entry) => answer(() => alone(() => set(owner, entry))),
    remove: (owner, sender) => answer(() => alone(() => remove(owner, sender))),
    prove: () => answer(prove),
    panel: {
      inheriting: limit => answer(() => panel.inheriting(limit)),
      servers: () => answer(() => serversIn(sql)),
    },
  }
}

const rowsIn = (sql: Kysely<IspconfigSenderTables>): ListRows => ({
  userOf: owner => userOf(sql, owner),
  rowsOf: user => readRows(rowsOf(sql, user)),
  rowsFor: (user, email) => readRows(rowsOf(sql, user).where('email', '=', email)),
  add: (user, row) => add(sql, user, row),
  async update(_, id, row) {
    await sql
      .updateTable('spamfilter_wblist')
      .set({ ...row, active: 'y' })
      .where('wblist_id', '=', id)
      .execute()
  },
  async remove({ id }) {
    await sql.deleteFrom('spamfilter_wblist').where('wblist_id', '=', id).execute()
  },
  prove: () => prove(sql),
  async inheriting(limit) {
    const users = await sql
      .selectFrom('spamfilter_users')
      .select('email')
      .where('policy_id', '=', 0)
      .where('email', 'not like', '@%')
      .orderBy('email')
      .limit(limit)
      .execute()
    return users.map(({ email }) => email)
  },
})

/** `email` is unique, and compared without regard to case. */
async function userOf(sql: Kysely<IspconfigSenderTables>, owner: string): Promise<ListUser | undefined> {
  const found = await sql
    .selectFrom('spamfilter_users')
    .select(['id', 'server_id', 'policy_id', 'email', 'sys_userid', 'sys_groupid'])
    .where('email', '=', owner)
    .execute()
  const row = found.find(({ email }) => entryKey(email) === owner)
  if (row === undefined) return undefined
  return {
    id: Number(row.id),
    email: row.email,
    serverId: Number(row.server_id),
    policyId: Number(row.policy_id),
    sysUser: Number(row.sys_userid),
    sysGroup: Number(row.sys_groupid),
  }
}

const rowsOf = (sql: Kysely<IspconfigSenderTables>, { id }: ListUser) =>
  sql
    .selectFrom('spamfilter_wblist')
    .select(['wblist_id', 'wb', 'email', 'priority', 'active'])
    .where('rid', '=', id)

async function readRows(query: ReturnType<typeof rowsOf>): Promise<readonly ListRow[]> {
  const rows = await query.execute()
  return rows.map(({ wblist_id, wb, email, priority, active }) => ({
    id: Number(wblist_id),
    wb,
    email,
    priority: Number(priority),
    isActive: active === 'y',
  }))
}

/** As the panel makes it: it belongs to whom the mailbox belongs, and they may change it there. */
async function add(sql: Kysely<IspconfigSenderTables>, user: ListUser, row: NewRow): Promise<void> {
  const [mailbox] = await sql
    .selectFrom('mail_user')
    .select(['sys_userid', 'sys_groupid'])
    .where('email', '=', user.email)
    .limit(1)
    .execute()
  await sql
    .insertInto('spamfilter_wblist')
    .values({
      ...row,
      rid: user.id,
      server_id: user.serverId,
      active: 'y',
      sys_userid: mailbox?.sys_userid ?? user.sysUser,
      sys_groupid: mailbox?.sys_groupid ?? user.sysGroup,
      sys_perm_user: 'riud',
      sys_perm_group: 'riud',
      sys_perm_other: '',
    })
    .execute()
}

/** A database looks at rights before it looks for rows. */
async function prove(sql: Kysely<IspconfigSenderTables>): Promise<void> {
  await sql.selectFrom('mail_user').select(['email', 'sys_userid', 'sys_groupid']).limit(1).execute()
  const columns = statement.raw(
    'sys_userid, sys_groupid, sys_perm_user, sys_perm_group, sys_perm_other, server_id, wb, rid, email, priority, active',
  )
  for (const each of [
    statement`INSERT INTO spamfilter_wblist (${columns}) SELECT ${columns} FROM spamfilter_wblist WHERE 1 = 0`,
    statement`UPDATE spamfilter_wblist SET wb = 'W', email = '', priority = 0, active = 'n' WHERE 1 = 0`,
    statement`DELETE FROM spamfilter_wblist WHERE 1 = 0`,
  ])
    await each.execute(sql)
}

async function serversIn(sql: Kysely<IspconfigSenderTables>): Promise<Servers> {
  const rows = await sql.selectFrom('server').select(['server_id', 'mail_server']).execute()
  return { all: rows.length, mail: rows.filter(row => Number(row.mail_server) === 1).length }
}

const severalServers = (count: number): CodedError =>
  new CodedError(
    'SENDERS_REFUSED',
    `ISPConfig has ${count} mail servers, and an entry that is written into its database reaches one of them at most. Set senders.kind to ispconfig-api.`,
  )
