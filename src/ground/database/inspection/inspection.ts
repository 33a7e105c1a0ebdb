import type { Kysely } from 'kysely'

/** What a database's own catalogue says about tables, for `doctor`. The names are in lower case. */
export interface Inspection {
  /** Each index of the tables that a bare name refers to, primary keys too. */
  indexes(database: Kysely<unknown>): Promise<readonly Index[]>
  /** How each table is stored that cannot take part in transactions. */
  withoutTransactions(database: Kysely<unknown>): Promise<readonly StoredTable[]>
  /** The columns of text that cannot store every character, of the database at hand. */
  lossyColumns(database: Kysely<unknown>): Promise<readonly LossyColumn[]>
  /** What our account may do, as far as it was granted to the account itself. None for a file. */
  rights(database: Kysely<unknown>): Promise<readonly Right[]>
}

export interface Index {
  readonly table: string
  readonly columns: readonly string[]
}

export interface StoredTable {
  readonly table: string
  /** MyISAM, Aria and the like. */
  readonly engine: string
}

export interface LossyColumn {
  readonly table: string
  readonly column: string
  readonly charset: string
}

export interface Right {
  /** Such as `SELECT`, `ALL PRIVILEGES`, `GRANT OPTION`, `SUPERUSER` or `OWNER`, in upper case. */
  readonly privilege: string
  readonly reach: 'server' | 'database' | 'table' | 'column'
  /** The database of MySQL that it is about; undefined for the database at hand, and for the whole server. */
  readonly database: string | undefined
  readonly table: string | undefined
  /** Of a right to one column: which. */
  readonly column?: string | undefined
  /** The account, as a statement writes it. */
  readonly account: string
}
