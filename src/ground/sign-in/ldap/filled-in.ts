/**
 * The template of a distinguished name, such as `uid=:user,ou=people,dc=example,dc=com`, with a name in it. No character
 * of the name has a meaning there (RFC 4514, section 2.4).
 *
 * @returns undefined if the template asks for a part that the name has not
 */
export const filledDn = (template: string, name: string): string | undefined =>
  filledIn(template, name, escapedForDn)

/** As `filledDn`, for a filter such as `(mail=:name)` (RFC 4515, section 3). */
export const filledFilter = (template: string, name: string): string | undefined =>
  filledIn(template, name, escapedForFilter)

function filledIn(template: string, name: string, escaped: (text: string) => string): string | undefined {
  const at = name.lastIndexOf('@')
  const parts: Readonly<Record<string, string>> = {
    name,
    user: at < 0 ? name : name.slice(0, at),
    domain: at < 0 ? '' : name.slice(at + 1),
  }
  let isComplete = true
  const text = template.replaceAll(PLACEHOLDERS, (_, key: string) => {
    const part = parts[key] ?? ''
    if (part === '') isComplete = false
    return escaped(part)
  })
  return isComplete ? text : undefined
}

/** All at once: what is filled in may look like one of them. */
const PLACEHOLDERS = /:(name|user|domain)\b/g

/** Any octet may be written as a backslash and two digits. So there is no question of where in a value it stands. */
const escapedForDn = (text: string): string => text.replaceAll(/[\p{Cc} "#+,;<=>\\]/gu, escapedCharacter)

/** Characters beyond ASCII stay: ldapts would read two escapes as two letters. */
const escapedForFilter = (text: string): string => text.replaceAll(/[\0*()\\]/g, escapedCharacter)

const escapedCharacter = (character: string): string =>
  [...Buffer.from(character)].map(octet => `\\${octet.toString(16).padStart(2, '0')}`).join('')
