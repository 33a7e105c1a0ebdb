import type { Generated } from 'kysely'
import type { Octets } from '../../database/text.ts'

/** The tables that amavisd looks up (`@lookup_sql_dsn`), from README.sql-mysql and README.sql-pg of amavisd. */
export interface LookupTables {
  users: UsersRow
  policy: { id: Generated<number>; policy_name: string | null }
  mailaddr: { id: Generated<number>; priority: number; email: Octets }
  wblist: { rid: number; sid: number; wb: Octets }
}

export interface UsersRow {
  id: Generated<number>
  /** Of several rows that fit a recipient, amavisd takes the highest first. */
  priority: number
  policy_id: number | null
  /** An address without quotes, `@example.com`, `@.example.com`, or `@.` for the whole world. */
  email: Octets
  /** Optional: see README.lookups, "Special handling of optional SQL field 'users.local'". */
  local?: string | null
}
