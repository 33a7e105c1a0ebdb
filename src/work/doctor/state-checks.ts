import type { Database } from '../../ground/database/database.ts'
import { type Check, fail, ok } from '../../ground/health/check.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { clockCheck, type DatabaseChecksDeps, rightsCheck } from './database-checks.ts'
import { neededInState } from './rights.ts'

export interface StateChecksDeps {
  readonly state: Database<StateTables>
  /** The name of the database; undefined when amavis's holds our tables, too. */
  readonly ownDatabase: string | undefined
  readonly clock: () => number
  /** `delivery.lease` of the configuration, in milliseconds. */
  readonly lease: number
}

/** Checks of our own tables, besides whether they are migrated. */
export function stateChecks({ state, ownDatabase, clock, lease }: StateChecksDeps): readonly Check[] {
  const deps: DatabaseChecksDeps = {
    role: 'state',
    database: state as unknown as Database<unknown>,
    needs: ['state.reachable'],
  }
  return [
    transactionCheck(deps),
    charsetCheck(deps),
    // Of a database that amavis's tables are in, too, they are looked at already.
    ...(ownDatabase === undefined
      ? []
      : [rightsCheck(deps, neededInState(ownDatabase)), clockCheck(deps, { clock, lease })]),
  ]
}

const isOurs = ({ table }: { readonly table: string }): boolean => table.startsWith('digest_')

const transactionCheck = ({ database, needs }: DatabaseChecksDeps): Check => ({
  id: 'state.transactions',
  needs,
  async run() {
    const tables = (await database.dialect.inspection.withoutTransactions(database.sql)).filter(isOurs)
    if (tables.length === 0) return [ok('they take part in transactions')]
    return tables.map(({ table, engine }) =>
      fail(
        `table ${table} is stored by ${engine}, which has no transactions: a message may be listed twice or never`,
        `Stop the service, then as a database admin: ALTER TABLE ${table} ENGINE=InnoDB;`,
      ),
    )
  },
})

const charsetCheck = ({ database, needs }: DatabaseChecksDeps): Check => ({
  id: 'state.charset',
  needs,
  async run() {
    const columns = (await database.dialect.inspection.lossyColumns(database.sql)).filter(isOurs)
    const [first] = columns
    if (first === undefined) return [ok('they store every character')]
    const tables = [...new Set(columns.map(({ table }) => table))]
    return [
      fail(
        `${tables.join(', ')}: stored as ${first.charset}, which cannot store every address`,
        first.charset.toLowerCase() === first.charset
          ? `Stop the service, then as a database admin: ${tables.map(table => `ALTER TABLE ${table} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;`).join(' ')}`
          : "Let state.url name a database that was created WITH ENCODING 'UTF8'.",
      ),
    ]
  },
})
