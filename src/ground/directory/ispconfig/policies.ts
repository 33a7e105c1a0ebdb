import type { Kysely } from 'kysely'

/** The tables of ISPConfig by which amavisd decides what to keep. */
export interface PolicyTables {
  spamfilter_policy: PolicyRow
  spamfilter_users: { id: number; policy_id: number; email: string }
  spamfilter_wblist: { rid: number; active: string }
  mail_user: { email: string }
  server: { server_id: number; server_name: string; mail_server: number; config: string | null }
}

/** NULL: what amavisd.conf says. An enum may hold '' for a value that it does not know. */
export interface PolicyRow {
  id: number
  policy_name: string | null
  virus_lover: string | null
  spam_lover: string | null
  banned_files_lover: string | null
  bad_header_lover: string | null
  bypass_virus_checks: string | null
  bypass_spam_checks: string | null
  bypass_banned_checks: string | null
  bypass_header_checks: string | null
  virus_quarantine_to: string | null
  spam_quarantine_to: string | null
  banned_quarantine_to: string | null
  bad_header_quarantine_to: string | null
  spam_kill_level: number | string | null
  spam_quarantine_cutoff_level: number | string | null
}

/** Which policy holds for whom. */
export interface PolicyUse {
  readonly policies: readonly PolicyRow[]
  readonly users: readonly PolicyUser[]
  readonly mailboxes: readonly string[]
}

/** A row of `spamfilter_users`. @see PolicyTables */
export interface PolicyUser {
  readonly id: number
  /** 0: inherit. */
  readonly policyId: number
  /** A mailbox, `@domain`, or `@.` for everybody. */
  readonly email: string
}

/** Reads policies, and whom they are for. @throws CodedError DATABASE_GRANT_MISSING with the GRANTs */
export async function readPolicyUse(database: Kysely<PolicyTables>): Promise<PolicyUse> {
  const policies = await database
    .selectFrom('spamfilter_policy')
    .select(['id', 'policy_name', 'virus_lover', 'spam_lover', 'banned_files_lover', 'bad_header_lover'])
    .select(['bypass_virus_checks', 'bypass_spam_checks', 'bypass_banned_checks', 'bypass_header_checks'])
    .select(['virus_quarantine_to', 'spam_quarantine_to', 'banned_quarantine_to', 'bad_header_quarantine_to'])
    .select(['spam_kill_level', 'spam_quarantine_cutoff_level'])
    .orderBy('id')
    .execute()
  const users = await database.selectFrom('spamfilter_users').select(['id', 'policy_id', 'email']).execute()
  const mailboxes = await database.selectFrom('mail_user').select('email').execute()
  return {
    policies,
    users: users.map(({ id, policy_id, email }) => ({ id: Number(id), policyId: Number(policy_id), email })),
    mailboxes: mailboxes.map(({ email }) => email),
  }
}

/** The addresses that inherit their policy although they have allow or block rows. @returns at most so many */
export async function ignoredLists(
  database: Kysely<PolicyTables>,
  limit: number,
): Promise<readonly string[]> {
  const rows = await database
    .selectFrom('spamfilter_users')
    .select('email')
    .where('policy_id', '=', 0)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('spamfilter_wblist')
          .select('spamfilter_wblist.rid')
          .whereRef('spamfilter_wblist.rid', '=', 'spamfilter_users.id')
          .where('spamfilter_wblist.active', '=', 'y'),
      ),
    )
    .orderBy('email')
    .limit(limit)
    .execute()
  return rows.map(({ email }) => email)
}

/** The names of the mail servers whose content filter is not amavisd. */
export async function otherFilters(
  database: Kysely<PolicyTables>,
): Promise<readonly { readonly server: string; readonly filter: string }[]> {
  const rows = await database
    .selectFrom('server')
    .select(['server_name', 'config'])
    .where('mail_server', '=', 1)
    .orderBy('server_id')
    .execute()
  return rows.flatMap(({ server_name, config }) => {
    const filter = contentFilterIn(config ?? '')
    return filter === undefined || filter === 'amavisd' ? [] : [{ server: server_name, filter }]
  })
}

/** `content_filter` of the section `[mail]` of an ini file. */
export function contentFilterIn(ini: string): string | undefined {
  const [, section = ''] = ini.split(/^\[mail\]/m)
  const [mail = ''] = section.split(/^\[/m)
  return /^\s*content_filter\s*=\s*"?([^"\r\n]*?)"?\s*$/m.exec(mail)?.[1]
}
