import { displayText } from '../display/text.ts'
import { languageTag } from '../i18n/language-tag.ts'
import { timeZoneName } from '../i18n/time-zone-name.ts'

/** A name that a directory has, made safe to show; undefined if nothing of it can be shown. */
export const ownerName = (text: string | null): string | undefined =>
  displayText(text ?? '', MAX_NAME) || undefined

/** Graphemes. */
const MAX_NAME = 100

/** BCP 47 for what a directory calls a language, `de_AT` as well as `de-AT`; undefined for what is none. */
export const ownerLanguage = (text: string | null): string | undefined =>
  text === null || text.length > MAX_TAG ? undefined : languageTag(text.trim().replaceAll('_', '-'))

/** RFC 5646, section 4.4.1, recommends room for 35. */
const MAX_TAG = 35

/** IANA for what a directory calls a time zone; undefined for what is none, and for an abbreviation such as `BST`. */
export const ownerTimeZone = (text: string | null): string | undefined =>
  text === null ? undefined : timeZoneName(text.trim())
