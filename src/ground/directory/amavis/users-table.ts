import type { Kysely } from 'kysely'
import type { Octets } from '../../database/text.ts'
import { asFarAsStored } from '../as-far-as-stored.ts'
import { databaseAnswer } from '../database-answer.ts'
import { keyOfRow } from './lookup-keys.ts'

/** amavisd's table `users`, from README.sql-mysql and README.sql-pg of amavisd. */
export interface UsersTables {
  users: {
    id: number
    priority: number | null
    /** An address without quotes, `@example.com`, `@.example.com`, or `@.` for the whole world. */
    email: Octets
    /** amavisd does not need it. */
    fullname?: Octets | null | undefined
    /** Optional: see README.lookups, "Special handling of optional SQL field 'users.local'". */
    local?: unknown
  }
}

/** A row of `users`. */
export interface User {
  readonly id: number
  readonly priority: number
  /** As in `lookup-keys.ts`. */
  readonly key: string
  readonly fullName: Octets | null
  /** Null when the table has no such column, or the row says nothing. */
  readonly isLocal: boolean | null
}

/**
 * The users that have one of these keys, by key. All columns are read, as amavisd does, because two of them may be
 * missing. A row that is no UTF-8 or no key is left out.
 *
 * @throws CodedError DIRECTORY_UNREACHABLE, DIRECTORY_REFUSED
 */
export async function usersWithKeys(
  database: Kysely<UsersTables>,
  keys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly User[]>> {
  const rows = await asFarAsStored(
    [...keys],
    key => key,
    undefined,
    some =>
      databaseAnswer('table users', () =>
        database.selectFrom('users').selectAll().where('email', 'in', some).execute(),
      ),
  )
  const users = rows.map(userOf).filter(user => user !== undefined)
  return Map.groupBy(users, ({ key }) => key)
}

function userOf(row: UsersTables['users']): User | undefined {
  const key = keyOfRow(row.email)
  if (key === undefined) return undefined
  return {
    id: Number(row.id),
    priority: Number(row.priority ?? 0),
    key,
    fullName: row.fullname ?? null,
    isLocal: row.local === undefined || row.local === null ? null : isTrue(row.local),
  }
}

/** What amavisd takes for true (`lookup_sql_field` in `Amavis::Lookup::SQLfield`); PostgreSQL's boolean, too. */
const isTrue = (value: unknown): boolean =>
  !/^(?:[NnFf ]?|0+|\0+|false)\x20*$/.test(
    value instanceof Uint8Array ? Buffer.from(value).toString() : String(value),
  )
