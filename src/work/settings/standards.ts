import type { Directory } from '../../ground/directory/directory.ts'
import { findUnlessAway } from '../../ground/directory/unless-away.ts'
import { knownLanguage } from '../../ground/i18n/language-tag.ts'
import { timeZoneName } from '../../ground/i18n/time-zone-name.ts'
import type { StandardSettings } from '../../rules/settings/reader-settings.ts'
import { isReader } from '../../rules/settings/scope.ts'

/** What applies where nobody has set anything: to everybody, and to single readers of whom the directory knows more. */
export interface Standards extends StandardSettings {
  /**
   * What the directory knows of these readers. Those of whom it knows nothing are left out, and so are all while it is
   * away. Not to be called in a transaction: the directory may need our tables, too. Undefined: it is not asked.
   */
  readonly knownOf?: (readers: readonly string[]) => Promise<ReadonlyMap<string, KnownOfReader>>
}

/** What the directory knows of a reader; undefined where it knows nothing that can be used. */
export interface KnownOfReader {
  /** A BCP 47 tag for which there are words. */
  readonly language: string | undefined
  /** An IANA name. */
  readonly timeZone: string | undefined
}

/**
 * Lets the directory decide the language and the time zone of readers for whom nobody has set them. A language without
 * words and a time zone that does not exist count as unknown.
 *
 * @param languages those that have words
 */
export const withDirectory = (
  { language, timeZone }: StandardSettings,
  directory: Directory,
  languages: readonly string[],
): Standards => ({
  language,
  timeZone,
  async knownOf(readers) {
    // A page opens and a digest is sent while the directory is away.
    const answers = await findUnlessAway(directory, readers)
    return new Map(
      readers.flatMap(address => {
        const found = answers.get(address)?.readers.find(reader => reader.address === address)
        if (found?.language === undefined && found?.timeZone === undefined) return []
        return [
          [
            address,
            {
              language: knownLanguage(found.language ?? '', languages),
              timeZone: timeZoneName(found.timeZone ?? ''),
            },
          ],
        ]
      }),
    )
  },
})

/** The standard settings without what the directory knows: for use within a transaction. */
export const withoutDirectory = ({ language, timeZone }: Standards): StandardSettings => ({
  language,
  timeZone,
})

/**
 * The standard settings of each of these scopes, by one question to the directory.
 *
 * @param scopes readers, domains or everybody
 */
export async function standardsOf(
  standards: Standards,
  scopes: readonly string[],
): Promise<(scope: string) => StandardSettings> {
  const readers = scopes.filter(isReader)
  const known = readers.length === 0 ? undefined : await standards.knownOf?.(readers)
  return scope => standardWith(standards, known?.get(scope))
}

/** As `standardsOf`, for one scope. */
export const standardFor = async (standards: Standards, scope: string): Promise<StandardSettings> =>
  standardWith(standards, await knownOf(standards, scope))

/** What the directory knows of one reader; undefined when it knows nothing, and for domains and everybody. */
export const knownOf = async (standards: Standards, scope: string): Promise<KnownOfReader | undefined> =>
  isReader(scope) ? (await standards.knownOf?.([scope]))?.get(scope) : undefined

/** The standard settings of somebody of whom the directory knows this. */
export const standardWith = (
  standards: StandardSettings,
  known: KnownOfReader | undefined,
): StandardSettings => ({
  language: known?.language ?? standards.language,
  timeZone: known?.timeZone ?? standards.timeZone,
})
