/**
 * The columns that are read of ISPConfig's tables (3.2 and later: `install/sql/ispconfig3.sql`). An enum may hold
 * values that this program does not know, and so may any text: an admin or another program may have written them.
 * `src/ground/database/mysql-errors.ts` names the same columns in the GRANTs that it proposes.
 */
export interface IspconfigTables {
  readonly mail_domain: {
    readonly server_id: number
    readonly domain: string
    readonly active: string
  }
  readonly mail_user: {
    readonly mailuser_id: number
    readonly sys_groupid: number
    readonly server_id: number
    readonly email: string
    readonly name: string
    /** Copies go there: addresses in one of the spellings that Postfix reads. */
    readonly cc: string | null
    readonly forward_in_lda: string
    readonly access: string
    readonly postfix: string
    readonly disabledeliver: string
    readonly disablesmtp: string
  }
  readonly mail_forwarding: {
    readonly forwarding_id: number
    readonly server_id: number
    /** `sales@example.com`, or `@example.com` for an alias domain and a catch-all. */
    readonly source: string
    readonly destination: string | null
    readonly type: string
    readonly active: string
  }
  readonly mail_relay_domain: {
    readonly server_id: number
    readonly domain: string | null
    readonly active: string
  }
  readonly mail_relay_recipient: {
    readonly relay_recipient_id: number
    readonly server_id: number
    /** `bob@example.com`, or `@example.com` for all of a domain. */
    readonly source: string | null
    readonly access: string
    readonly active: string
  }
  readonly mail_mailinglist: {
    readonly mailinglist_id: number
    readonly server_id: number
    readonly domain: string
    readonly listname: string
  }
  readonly sys_user: {
    readonly userid: number
    readonly language: string
    readonly default_group: number
  }
  readonly sys_group: {
    readonly groupid: number
    readonly client_id: number
  }
  readonly client: {
    readonly client_id: number
    readonly company_name: string | null
    readonly contact_name: string | null
    readonly language: string
  }
}
