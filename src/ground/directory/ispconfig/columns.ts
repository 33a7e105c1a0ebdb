/**
 * The columns of ISPConfig's tables that the directory reads: what its account has to be granted. The tables also hold
 * hashes of passwords, private keys and the addresses of customers. Each column is needed, and no other:
 * `test/stack/ispconfig-digests.test.ts`.
 */
export const ISPCONFIG_COLUMNS = {
  mail_domain: ['server_id', 'domain', 'active'],
  mail_user: [
    ...['mailuser_id', 'sys_groupid', 'server_id', 'email', 'name', 'cc', 'forward_in_lda'],
    ...['access', 'postfix', 'disabledeliver', 'disablesmtp'],
  ],
  mail_forwarding: ['forwarding_id', 'server_id', 'source', 'destination', 'type', 'active'],
  mail_relay_domain: ['server_id', 'domain', 'active'],
  mail_relay_recipient: ['relay_recipient_id', 'server_id', 'source', 'access', 'active'],
  mail_mailinglist: ['mailinglist_id', 'server_id', 'domain', 'listname'],
  sys_user: ['userid', 'default_group', 'language'],
  sys_group: ['groupid', 'client_id'],
  client: ['client_id', 'company_name', 'contact_name', 'language'],
} as const

/**
 * The columns that only `doctor` reads: which policies discard mail without a copy. The directory works without them.
 * The configuration of a server is not among them, because it holds passwords, too.
 */
export const ISPCONFIG_POLICY_COLUMNS = {
  spamfilter_policy: [
    ...['id', 'policy_name', 'virus_lover', 'spam_lover', 'banned_files_lover', 'bad_header_lover'],
    ...['bypass_virus_checks', 'bypass_spam_checks', 'bypass_banned_checks', 'bypass_header_checks'],
    ...['virus_quarantine_to', 'spam_quarantine_to', 'banned_quarantine_to', 'bad_header_quarantine_to'],
    ...['spam_kill_level', 'spam_quarantine_cutoff_level'],
  ],
  spamfilter_users: ['id', 'policy_id', 'email'],
  spamfilter_wblist: ['rid', 'active'],
} as const
