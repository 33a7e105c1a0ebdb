import type { Database } from '../database/database.ts'
import type { PreferenceTable, StateTables } from '../database/state-tables.ts'

/** What holds for one reader: of the reader's, the domain's and everybody's settings the most specific one, each by itself. */
export interface ReaderSettings {
  /** Names of schedules; undefined means the default schedule. */
  readonly schedules: readonly string[] | undefined
  readonly language: string
  readonly timeZone: string
  /** Where the digest goes instead of to the reader's own mailbox. */
  readonly deliverTo: string | undefined
  /** Milliseconds since the epoch. */
  readonly pausedUntil: number | undefined
  readonly enabled: boolean
}

export interface StandardSettings {
  readonly language: string
  readonly timeZone: string
}

/** Reads the settings of many readers in one statement. */
export async function settingsOf(
  state: Database<StateTables>,
  readers: readonly string[],
  standard: StandardSettings,
): Promise<Map<string, ReaderSettings>> {
  if (readers.length === 0) return new Map()
  const scopes = [...new Set(readers.flatMap(scopesOf))]
  const rows = await state.sql
    .selectFrom('digest_preference')
    .selectAll()
    .where('scope', 'in', scopes)
    .execute()
  const byScope = new Map(rows.map(row => [row.scope, row]))
  return new Map(
    readers.map(reader => {
      const layers = scopesOf(reader).flatMap(scope => byScope.get(scope) ?? [])
      return [reader, effective(layers, standard)]
    }),
  )
}

/** Where settings for a reader may stand, the most specific one first. */
const scopesOf = (reader: string): string[] => [reader, reader.slice(reader.lastIndexOf('@')), EVERYBODY]

const EVERYBODY = '@'

function effective(layers: readonly PreferenceTable[], standard: StandardSettings): ReaderSettings {
  const first = <Key extends keyof PreferenceTable>(key: Key) =>
    layers.map(layer => layer[key]).find(value => value !== null) ?? undefined
  const schedules = first('schedules')
  const pausedUntil = first('paused_until')
  return {
    schedules: schedules === undefined ? undefined : JSON.parse(schedules),
    language: first('language') ?? standard.language,
    timeZone: first('time_zone') ?? standard.timeZone,
    deliverTo: first('deliver_to'),
    pausedUntil: pausedUntil === undefined ? undefined : Number(pausedUntil),
    enabled: first('enabled') !== 0,
  }
}
