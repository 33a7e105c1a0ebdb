import type { Right } from '../../ground/database/inspection/inspection.ts'

/** What an account needs in one database. */
export interface NeededRights {
  /** Its name in MySQL; other databases' rights are not looked at. */
  readonly database: string
  /** In the whole database. */
  readonly everywhere: readonly string[]
  /** On the tables that our own names begin. */
  readonly onOwnTables: readonly string[]
  /** On tables of these names, and on columns of them. */
  readonly onTables: Readonly<Record<string, TableRights>>
  /** On tables of these names, but only all together: a part of them serves nothing. */
  readonly together?: Readonly<Record<string, readonly string[]>>
}

interface TableRights {
  readonly whole: readonly string[]
  /** Such as `UPDATE (rs)`. */
  readonly columns: readonly string[]
}

/** What a program that makes tables of its own needs on them. */
const OWN = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'DROP', 'INDEX']

/** On PostgreSQL, who makes a table owns it, and may do the rest with it, too. */
const OWN_TABLES = [...OWN, 'OWNER', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'ALL PRIVILEGES']

export interface StorageUse {
  readonly database: string
  /** Our own tables are in amavis's database. */
  readonly holdsOwnTables: boolean
  readonly purges: boolean
}

/** What the user of amavis's database needs: to read, to set `msgrcpt.rs`, and perhaps what a purge changes. */
export const neededInStorage = ({ database, holdsOwnTables, purges }: StorageUse): NeededRights => ({
  database,
  everywhere: holdsOwnTables ? OWN : [],
  onOwnTables: OWN_TABLES,
  onTables: Object.fromEntries(
    Object.entries(OF_PURGE).map(([table, whole]) => [
      table,
      { whole: purges ? whole : [], columns: table === 'msgrcpt' ? ['UPDATE (rs)'] : [] },
    ]),
  ),
  // The configuration does not tell of a purge that runs from a timer.
  together: OF_PURGE,
})

/** A purge puts an address back that new mail names after all. */
const OF_PURGE = {
  maddr: ['DELETE', 'INSERT'],
  msgs: ['DELETE'],
  msgrcpt: ['DELETE'],
  quarantine: ['DELETE'],
}

export const neededInState = (database: string): NeededRights => ({
  database,
  everywhere: OWN,
  onOwnTables: OWN_TABLES,
  onTables: {},
})

export const neededInDirectory = (database: string): NeededRights => ({
  database,
  everywhere: [],
  onOwnTables: [],
  onTables: {},
})

/** The rights that are not needed. Reading is never among them, except of the whole server. */
export function tooWide(rights: readonly Right[], needed: NeededRights): readonly Right[] {
  const together = grantedTogether(rights, needed)
  return rights.filter(right => {
    if (NO_RIGHTS.includes(right.privilege)) return false
    if (right.reach === 'server') return true
    if (right.database !== undefined && right.database !== needed.database) return false
    if (READING.includes(right.privilege) || together.includes(right)) return false
    return !allowed(right, needed).includes(nameOf(right))
  })
}

/** The rights of `together`, if each of them was granted. */
function grantedTogether(
  rights: readonly Right[],
  { database, together = {} }: NeededRights,
): readonly Right[] {
  const wanted = Object.entries(together).flatMap(([table, privileges]) =>
    privileges.map(privilege =>
      rights.filter(
        right =>
          right.reach === 'table' &&
          right.table === table &&
          right.privilege === privilege &&
          (right.database ?? database) === database,
      ),
    ),
  )
  return wanted.some(granted => granted.length === 0) ? [] : wanted.flat()
}

const NO_RIGHTS = ['USAGE', 'PROXY']

const READING = ['SELECT', 'SHOW VIEW', 'EXECUTE']

function allowed({ table, reach }: Right, needed: NeededRights): readonly string[] {
  if (table === undefined) return needed.everywhere
  if (table.startsWith('digest_')) return [...needed.everywhere, ...needed.onOwnTables]
  return needed.onTables[table]?.[reach === 'column' ? 'columns' : 'whole'] ?? []
}

/** As a statement writes it: `DELETE`, or `UPDATE (rs)`. */
const nameOf = ({ privilege, column }: Right): string =>
  column === undefined ? privilege : `${privilege} (${column})`

/** `DELETE, INSERT on amavis.msgs` for each place. */
export const placesText = (rights: readonly Right[]): string =>
  [...Map.groupBy(rights, placeOf)]
    .map(([place, of]) => `${of.map(nameOf).join(', ')} on ${place}`)
    .join('; ')

/** The statements that take them away. */
export const revokes = (rights: readonly Right[]): string =>
  [...Map.groupBy(rights, placeOf)].flatMap(([place, of]) => statementsFor(place, of)).join(' ')

function statementsFor(place: string, rights: readonly Right[]): string[] {
  const account = rights[0]?.account ?? ''
  const privileges = rights.map(nameOf)
  const attributes = privileges.filter(name => ATTRIBUTES.includes(name))
  const owned = privileges.includes('OWNER')
  const granted = privileges.filter(name => name !== 'OWNER' && !ATTRIBUTES.includes(name))
  return [
    ...attributes.map(name => `ALTER ROLE ${account} NO${name};`),
    // Its owner may grant itself all rights again.
    ...(owned ? [`ALTER TABLE ${place} OWNER TO amavis;`] : []),
    ...(granted.length > 0 && !owned ? [`REVOKE ${granted.join(', ')} ON ${place} FROM ${account};`] : []),
  ]
}

/** Of a role of PostgreSQL. */
const ATTRIBUTES = ['SUPERUSER', 'CREATEROLE', 'CREATEDB', 'REPLICATION', 'BYPASSRLS']

function placeOf({ reach, database, table, privilege }: Right): string {
  if (reach === 'server') return ATTRIBUTES.includes(privilege) ? 'the whole server' : '*.*'
  return database === undefined ? (table ?? '*') : `${database}.${table ?? '*'}`
}
