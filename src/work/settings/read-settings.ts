import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { effectiveSettings, type ReaderSettings } from '../../rules/settings/reader-settings.ts'
import { layersOf } from '../../rules/settings/scope.ts'
import { type ScopeSettings, scopeSettingsOf } from '../../rules/settings/setting-fields.ts'
import { type Standards, standardFor, standardsOf } from './standards.ts'

/** The language and the time zone of a reader's pages. */
export interface PageLanguage {
  /** BCP 47 tag; undefined means the language that the browser asks for. */
  readonly language: string | undefined
  /** Used when the browser asks for no language that we have: the one that the directory knows, or the standard. */
  readonly standardLanguage: string
  readonly timeZone: string
  /** The reader's own words; empty if there are none. */
  readonly phrase: string
}

export async function pageLanguageOf(
  state: Pick<Database<StateTables>, 'sql'>,
  reader: string,
  standards: Standards,
): Promise<PageLanguage> {
  return languageIn(await readerSettings(state, reader, standards))
}

/** The language and the time zone that these settings ask for. */
export const languageIn = ({ isLanguageSet, language, timeZone, phrase }: ReaderSettings): PageLanguage => ({
  language: isLanguageSet ? language : undefined,
  standardLanguage: language,
  timeZone,
  phrase,
})

/**
 * Reads the settings that apply to one reader. What no row sets is as the directory knows it, or else has its standard
 * value.
 */
export async function readerSettings(
  state: Pick<Database<StateTables>, 'sql'>,
  reader: string,
  standards: Standards,
): Promise<ReaderSettings> {
  const layers = layersOf(reader)
  return effectiveSettings(layers, await readScopes(state, layers), await standardFor(standards, reader))
}

/** Reads the settings of many readers in one statement, with one question to the directory. */
export async function settingsOf(
  state: Pick<Database<StateTables>, 'sql'>,
  readers: readonly string[],
  standards: Standards,
): Promise<Map<string, ReaderSettings>> {
  const rows = await readScopes(state, [...new Set(readers.flatMap(layersOf))])
  const standardOf = await standardsOf(standards, readers)
  return new Map(
    readers.map(reader => [reader, effectiveSettings(layersOf(reader), rows, standardOf(reader))]),
  )
}

/** Reads the rows of these scopes, as far as they exist. */
export async function readScopes(
  state: Pick<Database<StateTables>, 'sql'>,
  scopes: readonly string[],
): Promise<Map<string, ScopeSettings>> {
  if (scopes.length === 0) return new Map()
  const rows = await state.sql
    .selectFrom('digest_preference')
    .selectAll()
    .where('scope', 'in', scopes)
    .execute()
  return new Map(rows.map(row => [row.scope, scopeSettingsOf(row)]))
}
