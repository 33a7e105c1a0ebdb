import type { Storage } from './storage.ts'

/** The settings that a test may change; everything else is as an admin would have it. */
export interface AmavisdOptions {
  /** `sql` (Q), `file` (F) or `gzip` (Z). */
  readonly quarantine?: 'sql' | 'file' | 'gzip'
  readonly spam?: Destiny
  readonly banned?: Destiny
  readonly badHeader?: Destiny
  /** Domains for which `is_local` is Y, with their subdomains. */
  readonly localDomains?: readonly string[]
  /** A Perl expression: `0`, or the ISO week as documented: `sub { my $m = shift; iso8601_week($m->rx_time) }`. */
  readonly partitionTag?: string
  /**
   * `$sql_allow_8bit_address`: README.sql-mysql recommends 1 for its varbinary columns, and bytea needs it. amavisd's
   * default is 0; ours is 1 if the schema stores addresses as octets.
   */
  readonly allow8BitAddresses?: boolean
  readonly caseSensitiveLocalParts?: boolean
  /** `$auth_required_release`. */
  readonly secretRequired?: boolean
  /**
   * `$smtp_connection_cache_enable`: amavisd's default is 1. Each child then keeps its session with the next MTA, and
   * answers 451 once if that has restarted within the last 18 s. Off here, so that tests that stop the sink are
   * predictable.
   */
  readonly keepSmtpSessions?: boolean
  /** Use all rules that come with SpamAssassin. amavisd then takes twice as long to start. */
  readonly stockRules?: boolean
  /** Further lines of Perl. */
  readonly extra?: string
}

export type Destiny = 'pass' | 'discard' | 'bounce' | 'reject'

export interface AmavisdEnvironment {
  readonly home: string
  readonly user: string
  readonly smtpPort: number
  readonly amPdpPort: number
  readonly socketPath: string
  readonly forwardPort: number
  /** The rules of a SpamAssassin that knows only GTUBE. */
  readonly rulesDir: string
  readonly storage: Pick<Storage, 'dsn' | 'user' | 'password' | 'schema'>
}

/** The Perl that configures a small private amavisd. */
export function amavisdConf(environment: AmavisdEnvironment, options: AmavisdOptions = {}): string {
  const { storage } = environment
  const local = options.localDomains ?? ['example.com', 'example.org', 'xn--bcher-kva.example']
  return `use strict;
$daemon_user = $daemon_group = ${quoted(environment.user)};
$MYHOME = ${quoted(environment.home)};
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

$unix_socketname = ${quoted(environment.socketPath)};
$inet_socket_port = [${environment.smtpPort}, ${environment.amPdpPort}];
$interface_policy{'SOCK'} = $interface_policy{'${environment.amPdpPort}'} = 'AM.PDP';
$policy_bank{'AM.PDP'} = { protocol => 'AM.PDP', auth_required_release => ${(options.secretRequired ?? true) ? 1 : 0} };
$forward_method = $notify_method = 'smtp:[127.0.0.1]:${environment.forwardPort}';
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
${options.stockRules ? '' : `$sa_configpath = $sa_siteconfigpath = ${quoted(environment.rulesDir)};`}
$sa_spam_subject_tag = undef;
($sa_tag_level_deflt, $sa_tag2_level_deflt, $sa_kill_level_deflt) = (2, 6, 6);
$sa_dsn_cutoff_level = 10;
$enable_dkim_verification = 0;

# grep is the virus scanner.
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
