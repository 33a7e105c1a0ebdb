/**
 * Mends the path of a link that a mail program, a gateway or a person has changed on its way: a slash too many, the
 * full stop or bracket after it, a line break in it, letters of another case. It redirects nowhere. A link that cannot
 * be mended leads to the same page as before and says that it was changed, because "there is no such page" would not
 * help its reader.
 *
 * @param basePath the path of `publicUrl`, without a trailing slash
 */
export function mendedUrl(url: string, basePath: string): string {
  const [path = '', ...query] = url.split('?')
  const mended = mendedPath(path, basePath)
  return mended === undefined ? url : [mended, ...query].join('?')
}

/** @returns undefined for a path that is no link, or that needs no mending */
export function mendedPath(path: string, basePath: string): string | undefined {
  if (WHOLE.test(path)) return undefined
  const plain = withoutBreaks(decoded(path)).replace(/[/\\]+/g, '/')
  const isBelowBase = basePath !== '' && plain.toLowerCase().startsWith(`${basePath.toLowerCase()}/`)
  const own = isBelowBase ? plain.slice(basePath.length) : plain
  if (INSIDE.test(own)) return undefined
  const [, name = '', rest = ''] = LINK.exec(own) ?? SIGN_IN_LINK.exec(own) ?? []
  if (name === '') return undefined
  const { token, page } = partsOf(name.toLowerCase(), rest)
  const base = isBelowBase ? basePath : ''
  const mended = `${base}/${name.toLowerCase()}/${encodeURIComponent(token)}${page}`
  return mended === path ? undefined : mended
}

/** Nothing has changed it: names in small letters and a whole token. Most links end here. */
const WHOLE = /^(?:\/[a-z-]+)+\/[\w-]+\.[\w-]+\.[\w-]+$/

/** A link that was cut off before its token is one, too. */
const LINK = /^\/(release|digest|preferences|destination|more)(?:\/(.*))?$/is

/** The pages of a message, to which only our own pages lead: nothing has changed these on their way. */
const INSIDE = /^\/(?:release|digest)\/[^/]+\/held\//

/**
 * An admin's or a reader's. The token of a sign-in link has 43 characters. `/sign-in` alone, and `/sign-in/sent`, are
 * pages.
 */
const SIGN_IN_LINK = /^\/((?:admin\/)?sign-in)\/([\w-]{43}\W*|[\w-]{43}&.*)$/is

/** Some rewrite a URL that they put into one of their own, and escape it twice. */
function decoded(path: string): string {
  try {
    const once = decodeURIComponent(path)
    return /%[\da-f]{2}/i.test(once) ? decodeURIComponent(once) : once
  } catch {
    return path
  }
}

/**
 * Without line breaks and blanks, and without the `=` of a soft line break (RFC 2045, 6.7), which no link of ours
 * contains; without soft hyphens and characters of no width.
 */
const withoutBreaks = (path: string): string => path.replace(/[\s=\p{Cc}\p{Cf}]+/gu, '')

function partsOf(name: string, rest: string): { readonly token: string; readonly page: string } {
  const [, first = rest, page] = name === 'digest' ? (/^([^/]+)\/([^/]+)\/*$/.exec(rest) ?? []) : []
  if (page === undefined) return { token: tokenOf(name, rest), page: '' }
  const [, number = page] = /^(\d+)\W*$/.exec(page) ?? []
  return { token: tokenOf(name, first), page: `/${encodeURIComponent(number)}` }
}

/** A token without what was put around it. A token that is not whole stays as it is, and is refused. */
function tokenOf(name: string, text: string): string {
  const shape = name.endsWith('sign-in') ? SIGN_IN_TOKEN : LINK_TOKEN
  const [, token, after = ''] = shape.exec(text) ?? []
  return token !== undefined && AROUND.test(after) ? token : text.replace(/\/+$/, '') || MISSING
}

const LINK_TOKEN = /^[<("'[{]*([\w-]+\.[\w-]+\.[\w-]+)(.*)$/s
const SIGN_IN_TOKEN = /^([\w-]{43})(.*)$/s

/**
 * Punctuation, also as HTML writes it. A semicolon is read in one way only: with two, a path of forty `&gt;` would keep
 * the process busy for hours.
 */
const AROUND = /^(?:&(?:gt|lt|quot|apos|amp|nbsp|#\d+|#x[\da-f]+)(?:;|(?!;))|[^\w&-])*$/i

/** So that the answer is that the link is incomplete. */
const MISSING = '.'
