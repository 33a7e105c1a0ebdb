import { asRoot, type MariaDbAddress } from '../servers/mariadb.ts'
import { createStorage, type MariaDbStorage } from '../servers/storage.ts'

/** ISPConfig's database with the tables that concern mail, as ISPConfig 3.2 creates them, without rows. */
export async function createIspconfig(server: MariaDbAddress): Promise<MariaDbStorage> {
  const database = await createStorage(server, { empty: true })
  await asRoot(server, ISPCONFIG_TABLES, database.database)
  return database
}

/**
 * Adds rows to one of ISPConfig's tables. A row may leave out what most rows have in common: it is active, and on
 * server 1.
 */
export async function addRows(
  { query }: Pick<MariaDbStorage, 'query'>,
  table: keyof typeof COMMON,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  for (const row of rows) {
    const full: Record<string, unknown> = { ...COMMON[table], ...row }
    if (table === 'mail_user') full.login ??= full.email
    const columns = Object.keys(full)
    await query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      Object.values(full),
    )
  }
}

const COMMON = {
  mail_domain: { server_id: 1, active: 'y' },
  mail_user: { server_id: 1, sys_groupid: 2 },
  mail_forwarding: { server_id: 1, active: 'y' },
  mail_relay_domain: { server_id: 1 },
  mail_relay_recipient: { server_id: 1 },
  mail_mailinglist: { server_id: 1 },
  mail_transport: { server_id: 1, active: 'y' },
  sys_user: {},
  sys_group: {},
  client: {},
  spamfilter_policy: {},
  spamfilter_users: { server_id: 1, priority: 7, local: 'Y' },
  spamfilter_wblist: { server_id: 1, active: 'y' },
  server: { mail_server: 1 },
} as const

/**
 * From `install/sql/ispconfig3.sql`: every column that has to do with mail, and all indexes. Left out are, of each
 * table, columns of the panel alone.
 */
const OWNERSHIP = `
  sys_userid int(11) unsigned NOT NULL DEFAULT 0,
  sys_groupid int(11) unsigned NOT NULL DEFAULT 0,
  sys_perm_user varchar(5) NOT NULL DEFAULT '',
  sys_perm_group varchar(5) NOT NULL DEFAULT '',
  sys_perm_other varchar(5) NOT NULL DEFAULT ''`

const ISPCONFIG_TABLES = `
CREATE TABLE client (
  client_id int(11) unsigned NOT NULL AUTO_INCREMENT,
  ${OWNERSHIP},
  company_name varchar(64) DEFAULT NULL,
  contact_name varchar(64) DEFAULT NULL,
  username varchar(64) DEFAULT NULL,
  password varchar(200) DEFAULT NULL,
  language char(2) NOT NULL DEFAULT 'en',
  locked enum('n','y') NOT NULL DEFAULT 'n',
  PRIMARY KEY (client_id)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE mail_domain (
  domain_id int(11) unsigned NOT NULL AUTO_INCREMENT,
  ${OWNERSHIP},
  server_id int(11) unsigned NOT NULL DEFAULT 0,
  domain varchar(255) NOT NULL DEFAULT '',
  dkim enum('n','y') NOT NULL DEFAULT 'n',
  dkim_private mediumtext NULL,
  active enum('n','y') NOT NULL DEFAULT 'n',
  local_delivery enum('n','y') NOT NULL DEFAULT 'y',
  PRIMARY KEY (domain_id),
  KEY server_id (server_id, domain),
  KEY domain_active (domain, active)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE mail_forwarding (
  forwarding_id int(11) unsigned NOT NULL AUTO_INCREMENT,
  ${OWNERSHIP},
  server_id int(11) unsigned NOT NULL DEFAULT 0,
  source varchar(255) NOT NULL DEFAULT '',
  destination text,
  type enum('alias','aliasdomain','forward','catchall') NOT NULL DEFAULT 'alias',
  active enum('n','y') NOT NULL DEFAULT 'n',
  allow_send_as enum('n','y') NOT NULL DEFAULT 'n',
  greylisting enum('n','y') NOT NULL DEFAULT 'n',
  PRIMARY KEY (forwarding_id),
  KEY server_id (server_id, source),
  KEY type (type)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE mail_mailinglist (
  mailinglist_id int(11) unsigned NOT NULL AUTO_INCREMENT,
  ${OWNERSHIP},
  server_id int(11) unsigned NOT NULL DEFAULT 0,
  domain varchar(255) NOT NULL DEFAULT '',
  listname varchar(255) NOT NULL DEFAULT '',
  email varchar(255) NOT NULL DEFAULT '',
  password varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (mailinglist_id)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE mail_relay_domain (
  relay_domain_id bigint(20) NOT NULL AUTO_INCREMENT,
  sys_groupid int(11) NOT NULL DEFAULT 0,
  server_id int(11) NOT NULL DEFAULT 0,
  domain varchar(255) DEFAULT NULL,
  access varchar(255) NOT NULL DEFAULT 'OK',
  active varchar(255) NOT NULL DEFAULT 'y',
  PRIMARY KEY (relay_domain_id),
  UNIQUE KEY domain (domain, server_id)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE mail_relay_recipient (
  relay_recipient_id bigint(20) NOT NULL AUTO_INCREMENT,
  sys_groupid int(11) NOT NULL DEFAULT 0,
  server_id int(11) NOT NULL DEFAULT 0,
  source varchar(255) DEFAULT NULL,
  access varchar(255) NOT NULL DEFAULT 'OK',
  active varchar(255) NOT NULL DEFAULT 'y',
  PRIMARY KEY (relay_recipient_id)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE mail_transport (
  transport_id int(11) unsigned NOT NULL AUTO_INCREMENT,
  ${OWNERSHIP},
  server_id int(11) unsigned NOT NULL DEFAULT 0,
  domain varchar(255) NOT NULL DEFAULT '',
  transport varchar(255) NOT NULL DEFAULT '',
  sort_order int(11) unsigned NOT NULL DEFAULT 5,
  active enum('n','y') NOT NULL DEFAULT 'n',
  PRIMARY KEY (transport_id),
  KEY server_id (server_id, transport),
  UNIQUE KEY server_id_2 (server_id, domain)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE mail_user (
  mailuser_id int(11) unsigned NOT NULL AUTO_INCREMENT,
  ${OWNERSHIP},
  server_id int(11) unsigned NOT NULL DEFAULT 0,
  email varchar(255) NOT NULL DEFAULT '',
  login varchar(255) NOT NULL DEFAULT '',
  password varchar(255) NOT NULL DEFAULT '',
  name varchar(255) NOT NULL DEFAULT '',
  quota bigint(20) NOT NULL DEFAULT 0,
  cc text,
  forward_in_lda enum('n','y') NOT NULL DEFAULT 'n',
  sender_cc varchar(255) NOT NULL DEFAULT '',
  postfix enum('n','y') NOT NULL DEFAULT 'y',
  greylisting enum('n','y') NOT NULL DEFAULT 'n',
  access enum('n','y') NOT NULL DEFAULT 'y',
  disableimap enum('n','y') NOT NULL DEFAULT 'n',
  disablepop3 enum('n','y') NOT NULL DEFAULT 'n',
  disabledeliver enum('n','y') NOT NULL DEFAULT 'n',
  disablesmtp enum('n','y') NOT NULL DEFAULT 'n',
  PRIMARY KEY (mailuser_id),
  KEY server_id (server_id, email),
  KEY email_access (email, access)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE server (
  server_id int(11) unsigned NOT NULL AUTO_INCREMENT,
  server_name varchar(255) NOT NULL DEFAULT '',
  mail_server tinyint(1) NOT NULL DEFAULT 0,
  config text,
  mirror_server_id int(11) unsigned NOT NULL DEFAULT 0,
  active tinyint(1) NOT NULL DEFAULT 1,
  PRIMARY KEY (server_id)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE spamfilter_policy (
  id int(11) unsigned NOT NULL AUTO_INCREMENT,
  ${OWNERSHIP},
  policy_name varchar(64) DEFAULT NULL,
  virus_lover enum('N','Y') DEFAULT 'N',
  spam_lover enum('N','Y') DEFAULT 'N',
  banned_files_lover enum('N','Y') DEFAULT 'N',
  bad_header_lover enum('N','Y') DEFAULT 'N',
  bypass_virus_checks enum('N','Y') DEFAULT 'N',
  bypass_spam_checks enum('N','Y') DEFAULT 'N',
  bypass_banned_checks enum('N','Y') DEFAULT 'N',
  bypass_header_checks enum('N','Y') DEFAULT 'N',
  spam_modifies_subj enum('N','Y') DEFAULT 'N',
  virus_quarantine_to varchar(255) DEFAULT NULL,
  spam_quarantine_to varchar(255) DEFAULT NULL,
  banned_quarantine_to varchar(255) DEFAULT NULL,
  bad_header_quarantine_to varchar(255) DEFAULT NULL,
  clean_quarantine_to varchar(255) DEFAULT NULL,
  other_quarantine_to varchar(255) DEFAULT NULL,
  spam_tag_level decimal(5,2) DEFAULT NULL,
  spam_tag2_level decimal(5,2) DEFAULT NULL,
  spam_kill_level decimal(5,2) DEFAULT NULL,
  spam_dsn_cutoff_level decimal(5,2) DEFAULT NULL,
  spam_quarantine_cutoff_level decimal(5,2) DEFAULT NULL,
  PRIMARY KEY (id)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE spamfilter_users (
  id int(11) unsigned NOT NULL AUTO_INCREMENT,
  ${OWNERSHIP},
  server_id int(11) unsigned NOT NULL DEFAULT 0,
  priority tinyint(3) unsigned NOT NULL DEFAULT 7,
  policy_id int(11) unsigned NOT NULL DEFAULT 1,
  email varchar(255) NOT NULL DEFAULT '',
  fullname varchar(64) DEFAULT NULL,
  local varchar(1) DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY email (email)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE spamfilter_wblist (
  wblist_id int(11) unsigned NOT NULL AUTO_INCREMENT,
  ${OWNERSHIP},
  server_id int(11) unsigned NOT NULL DEFAULT 0,
  wb enum('W','B') NOT NULL DEFAULT 'W',
  rid int(11) unsigned NOT NULL DEFAULT 0,
  email varchar(255) NOT NULL DEFAULT '',
  priority tinyint(3) unsigned NOT NULL DEFAULT 0,
  active enum('y','n') NOT NULL DEFAULT 'y',
  PRIMARY KEY (wblist_id)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE sys_group (
  groupid int(11) unsigned NOT NULL AUTO_INCREMENT,
  name varchar(64) NOT NULL DEFAULT '',
  description text,
  client_id int(11) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (groupid)
) DEFAULT CHARSET=utf8mb4;

CREATE TABLE sys_user (
  userid int(11) unsigned NOT NULL AUTO_INCREMENT,
  username varchar(64) NOT NULL DEFAULT '',
  passwort varchar(200) NOT NULL DEFAULT '',
  active tinyint(1) NOT NULL DEFAULT 1,
  language varchar(2) NOT NULL DEFAULT 'en',
  \`groups\` text,
  default_group int(11) unsigned NOT NULL DEFAULT 0,
  client_id int(11) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (userid)
) DEFAULT CHARSET=utf8mb4;
`
