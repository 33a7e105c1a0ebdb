import type { Storage } from './storage.ts'

/** What a test may want otherwise; everything else is as an admin would have it. */
export interface AmavisdOptions {
  /** `sql` (Q), `file` (F) or `gzip` (Z). */
  readonly quarantine?: 'sql' | 'file' | 'gzip'
  readonly spam?: Destiny
  readonly banned?: Destiny
  readonly badHeader?: Destiny
  /** Domains for which `is_local` is Y, with their subdomains. */
  readonly localDomains?: readonly string[]
  /** A Perl expression: `0`, or the ISO week of the documentation: `sub { my $m = shift; iso8601_week($m->rx_time) }`. */
  readonly partitionTag?: string
  /**
   * `$sql_allow_8bit_address`: README.sql-mysql recommends 1 for its varbinary columns, bytea needs it; amavisd's
   * default is 0. Unless told, 1 where the schema stores addresses as octets.
   */
  readonly allow8BitAddresses?: boolean
  readonly caseSensitiveLocalParts?: boolean
  /** `$auth_required_release`. */
  readonly secretRequired?: boolean
  /**
   * `$smtp_connection_cache_enable`, 1 in amavisd's default: each child then keeps its session with the next MTA, and
   * answers 451 once when that has restarted within the last 18 s. Off here: tests that stop the sink stay predictable.
   */
  readonly keepSmtpSessions?: boolean
  /** All that comes with SpamAssassin: with it, amavisd takes twice as long to start. */
  readonly stockRules?: boolean
  /** Further lines of Perl. */
  readonly extra?: string
}

export type Destiny = 'pass' | 'discard' | 'bounce' | 'reject'

export interface AmavisdPlaces {
  readonly home: string
  readonly user: string
  readonly smtpPort: number
  readonly amPdpPort: number
  readonly socketPath: string
  readonly forwardPort: number
  /** Of a SpamAssassin that knows GTUBE and nothing else. */
  readonly rulesDir: string
  readonly storage: Pick<Storage, 'dsn' | 'user' | 'password' | 'schema'>
}

/** The Perl that configures a small private amavisd. */
export function amavisdConf(places: AmavisdPlaces, options: AmavisdOptions = {}): string {
  const { storage } = places
  const local = options.localDomains ?? ['example.com', 'example.org', 'xn--bcher-kva.example']
  return `use strict;
$daemon_user = $daemon_group = ${quoted(places.user)};
$MYHOME = ${quoted(places.home)};
$TEMPBASE = "$MYHOME/tmp";
$QUARANTINEDIR = "$MYHOME/quarantine";
$db_home = "$MYHOME/db";
$lock_file = "$MYHOME/amavisd.lock";
$pid_file = "$MYHOME/amavisd.pid";
$helpers_home = $MYHOME;
$enable_db = $enable_zmq = 0;
$do_syslog = 0;
$log_level = 1;
$max_servers = 2;

$myhostname = 'mx.example.com';
$mydomain = 'example.com';
@local_domains_maps = ([${local.map(domain => quoted(`.${domain}`)).join(', ')}]);
@mynetworks = ();

$unix_socketname = ${quoted(places.socketPath)};
$inet_socket_port = [${places.smtpPort}, ${places.amPdpPort}];
$interface_policy{'SOCK'} = $interface_policy{'${places.amPdpPort}'} = 'AM.PDP';
$policy_bank{'AM.PDP'} = { protocol => 'AM.PDP', auth_required_release => ${(options.secretRequired ?? true) ? 1 : 0} };
$forward_method = $notify_method = 'smtp:[127.0.0.1]:${places.forwardPort}';
$smtp_connection_cache_enable = ${options.keepSmtpSessions ? 1 : 0};

@storage_sql_dsn = ([${quoted(storage.dsn)}, ${quoted(storage.user)}, ${quoted(storage.password)}]);
$sql_store_info_for_all_msgs = 0;
$sql_allow_8bit_address = ${(options.allow8BitAddresses ?? !storage.schema.characters) ? 1 : 0};
$timestamp_fmt_mysql = ${storage.schema.timestamp ? 1 : 0};
$localpart_is_case_sensitive = ${options.caseSensitiveLocalParts ? 1 : 0};
$partition_tag = ${options.partitionTag ?? '0'};

${QUARANTINES[options.quarantine ?? 'sql']}
$virus_quarantine_to = $banned_quarantine_to = $bad_header_quarantine_to = $spam_quarantine_to = 'quarantine';
$final_virus_destiny = D_DISCARD;
$final_spam_destiny = ${DESTINIES[options.spam ?? 'discard']};
$final_banned_destiny = ${DESTINIES[options.banned ?? 'discard']};
$final_bad_header_destiny = ${DESTINIES[options.badHeader ?? 'discard']};

# Enough SpamAssassin for GTUBE, and no network.
$sa_local_tests_only = 1;
${options.stockRules ? '' : `$sa_configpath = $sa_siteconfigpath = ${quoted(places.rulesDir)};`}
$sa_spam_subject_tag = undef;
($sa_tag_level_deflt, $sa_tag2_level_deflt, $sa_kill_level_deflt) = (2, 6, 6);
$sa_dsn_cutoff_level = 10;
$enable_dkim_verification = 0;

# A virus is what grep finds.
@decoders = ();
@av_scanners = (['grep', '/bin/grep', '-r EICAR-STANDARD-ANTIVIRUS-TEST-FILE {}', [1], [0], qr/(EICAR-STANDARD-ANTIVIRUS-TEST-FILE)/]);
@av_scanners_backup = ();
$banned_filename_re = new_RE(qr'\\.(?:exe|scr)$'i);
${options.extra ?? ''}
1;
`
}

const QUARANTINES = {
  sql: `$virus_quarantine_method = $banned_files_quarantine_method = $bad_header_quarantine_method = $spam_quarantine_method = 'sql:';`,
  file: `($virus_quarantine_method, $banned_files_quarantine_method, $bad_header_quarantine_method, $spam_quarantine_method) = ('local:virus-%m', 'local:banned-%m', 'local:badh-%m', 'local:spam/%m');
$virus_quarantine_to = 'virus-quarantine';`,
  gzip: `($virus_quarantine_method, $banned_files_quarantine_method, $bad_header_quarantine_method, $spam_quarantine_method) = ('local:virus-%m.gz', 'local:banned-%m.gz', 'local:badh-%m.gz', 'local:spam-%m.gz');`,
}

const DESTINIES: Readonly<Record<Destiny, string>> = {
  pass: 'D_PASS',
  discard: 'D_DISCARD',
  bounce: 'D_BOUNCE',
  reject: 'D_REJECT',
}

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`
