import { directoryAccount } from '../../src/ground/config/directory-account.ts'
import type { ConfigInput } from '../../src/ground/config/schema.ts'
import { asRoot, type MariaDb, startMariaDb } from '../servers/mariadb.ts'
import type { MariaDbStorage } from '../servers/storage.ts'
import { addRows, createIspconfig } from './ispconfig-tables.ts'
import { startWorld, type World } from './world.ts'

/** The mail server of an ISPConfig: amavisd reads its policies in dbispconfig, and keeps mail in another database. */
export interface IspconfigWorld extends World {
  /** A server of this test alone: the account for the directory has a name of its own. */
  readonly server: MariaDb
  /** The database that ISPConfig calls dbispconfig. Its user may do everything, as ISPConfig's own does. */
  readonly panel: MariaDbStorage
  /** What `init` proposes for such a server, after its SQL was run. */
  readonly proposed: Pick<ConfigInput, 'directory' | 'collect'>
}

/**
 * Starts an amavisd that reads the policies of a panel, with ISPConfig's seven stock policies in it. Only the domain of
 * the server's own name is in amavisd's configuration.
 */
export async function startIspconfigWorld(): Promise<IspconfigWorld> {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await startMariaDb())
  const panel = stack.use(await createIspconfig(server))
  await addRows(panel, 'spamfilter_policy', STOCK_POLICIES)
  const account = directoryAccount({
    host: '127.0.0.1',
    port: server.port,
    database: panel.database,
    file: '/usr/local/ispconfig/server/lib/config.inc.php',
    serverId: '1',
    master: undefined,
  })
  await asRoot(server, account.sql)
  const amavisd = { localDomains: ['server.example.net'], extra: userConfig(panel) }
  const world = stack.use(await startWorld({ mariaDb: server, amavisd }))
  return {
    ...world,
    server,
    panel,
    proposed: { directory: { kind: 'ispconfig', url: account.url }, collect: { localOnly: false } },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const KEPT = {
  virus_quarantine_to: null,
  spam_quarantine_to: null,
  banned_quarantine_to: null,
  bad_header_quarantine_to: null,
}

const DISCARDED = {
  virus_quarantine_to: '',
  spam_quarantine_to: '',
  banned_quarantine_to: '',
  bad_header_quarantine_to: '',
  spam_dsn_cutoff_level: 0,
  spam_quarantine_cutoff_level: 0,
}

const levels = (tag: number, tag2: number, kill: number) => ({
  spam_tag_level: tag,
  spam_tag2_level: tag2,
  spam_kill_level: kill,
})

/** From `install/sql/ispconfig3.sql`. */
export const STOCK_POLICIES = [
  {
    ...{ id: 1, policy_name: 'Non-paying', ...levels(3, 7, 10), ...DISCARDED },
    ...{ bypass_virus_checks: 'Y', bypass_spam_checks: 'Y', bypass_banned_checks: 'Y' },
  },
  {
    ...{ id: 2, policy_name: 'Uncensored', ...levels(3, 999, 999), ...KEPT },
    ...{ virus_lover: 'Y', spam_lover: 'Y', banned_files_lover: 'Y', bad_header_lover: 'Y' },
  },
  { id: 3, policy_name: 'Wants all spam', ...levels(3, 999, 999), ...KEPT, spam_lover: 'Y' },
  {
    ...{ id: 4, policy_name: 'Wants viruses', ...levels(3, 6.9, 6.9), ...KEPT },
    ...{ virus_lover: 'Y', banned_files_lover: 'Y', bad_header_lover: 'Y' },
  },
  { id: 5, policy_name: 'Normal', ...levels(1, 4.5, 50), ...DISCARDED },
  { id: 6, policy_name: 'Trigger happy', ...levels(3, 5, 5), ...KEPT },
  { id: 7, policy_name: 'Permissive', ...levels(3, 10, 20), ...KEPT, bad_header_lover: 'Y' },
]

/** The settings of ISPConfig's `install/tpl/amavisd_user_config.master` that decide whose mail is held and kept. */
export const userConfig = ({ dsn, user, password }: MariaDbStorage): string => `
@lookup_sql_dsn = (['${dsn}', '${user}', '${password}']);
$sql_select_policy =
   'SELECT *,spamfilter_users.id'.
   ' FROM spamfilter_users LEFT JOIN spamfilter_policy ON spamfilter_users.policy_id=spamfilter_policy.id'.
   ' WHERE spamfilter_users.email IN (%k) AND spamfilter_users.policy_id != 0'.
   ' ORDER BY spamfilter_users.priority DESC';
$sql_select_white_black_list = 'SELECT wb FROM spamfilter_wblist'.
   ' WHERE (spamfilter_wblist.rid=?) AND (spamfilter_wblist.email IN (%k)) AND (spamfilter_wblist.active="y")'.
   ' ORDER BY spamfilter_wblist.priority DESC';
($sa_tag_level_deflt, $sa_tag2_level_deflt, $sa_kill_level_deflt, $sa_dsn_cutoff_level) = (20, 60, 60, 100);
$release_method = $forward_method;
$notify_method = 'smtp:127.0.0.1:*';
`
