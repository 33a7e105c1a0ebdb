import { type ExpressionBuilder, type Kysely, sql as sqlText } from 'kysely'
import { asFarAsStored } from '../../directory/as-far-as-stored.ts'
import { readerAddress } from '../../directory/reader-address.ts'
import { writtenForms } from '../../directory/written-forms.ts'
import type { IspconfigSignInTables } from './tables.ts'

/** A mailbox whose owner may sign in. */
export interface Mailbox {
  /** Such as `mail_user 12`. */
  readonly row: string
  readonly email: string
  /** The hash of its password, as it is stored. */
  readonly password: string
}

/**
 * Finds the mailbox that Dovecot would let in, by the query of ISPConfig's `dovecot-sql.conf`: its address or its login
 * is the name, IMAP is not switched off, and its domain is not inactive. The login has no index there, which makes
 * Dovecot read the table, too.
 *
 * @param name what somebody typed
 * @param servers only mailboxes of these `server_id`s; empty: all
 * @returns undefined if there is none, or more than one: Dovecot lets nobody in then
 */
export async function findMailbox(
  sql: Kysely<IspconfigSignInTables>,
  name: string,
  servers: readonly number[],
): Promise<Mailbox | undefined> {
  const address = readerAddress(name)
  const spellings = [...new Set([name, ...(address === undefined ? [] : writtenForms(address))])]
  const rows = await asFarAsStored(
    spellings,
    spelling => spelling,
    undefined,
    some =>
      sql
        .selectFrom('mail_user')
        .select(['mailuser_id', 'server_id', 'email', 'login', 'password'])
        .where(row => row.or([row('login', 'in', some), row('email', 'in', some)]))
        .where('disableimap', '=', 'n')
        .where(row => row.not(row.exists(inactiveDomain(row))))
        .execute(),
  )
  const [mailbox, ...others] = rows
    .filter(({ server_id }) => servers.length === 0 || servers.includes(server_id))
    .filter(row => isNameOf(row, name))
  if (mailbox === undefined || others.length > 0) return undefined
  return { row: `mail_user ${mailbox.mailuser_id}`, email: mailbox.email, password: mailbox.password }
}

const inactiveDomain = (row: ExpressionBuilder<IspconfigSignInTables, 'mail_user'>) =>
  row
    .selectFrom('mail_domain')
    .select('mail_domain.server_id')
    .whereRef('mail_domain.server_id', '=', 'mail_user.server_id')
    .where('mail_domain.domain', '=', sqlText<string>`substring_index(mail_user.email, '@', -1)`)
    .where('mail_domain.active', '=', 'n')

/** MySQL also finds `bób` for `bob`, and takes no notice of blanks at the end. */
const isNameOf = (
  { email, login }: { readonly email: string; readonly login: string },
  name: string,
): boolean => {
  const address = readerAddress(name)
  return (
    login.toLowerCase() === name.toLowerCase() || (address !== undefined && readerAddress(email) === address)
  )
}
