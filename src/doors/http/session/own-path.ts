/**
 * Validates a path that came from outside, and removes the path of `publicUrl` in front of it. It is parsed as browsers
 * parse it, which catches `//host`, `/\host` and `/admin/../x`.
 *
 * @param home below which it has to be: `/admin`, `/mail`
 * @returns undefined if it leads anywhere else, or to the pages for signing in and out
 */
export function ownPath(text: string, home: string, basePath: string): string | undefined {
  if (!text.startsWith('/') || !URL.canParse(text, PLACEHOLDER_ORIGIN)) return undefined
  const { origin, pathname, search } = new URL(text, PLACEHOLDER_ORIGIN)
  if (origin !== PLACEHOLDER_ORIGIN) return undefined
  const path =
    basePath !== '' && pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : pathname
  if (path !== home && !path.startsWith(`${home}/`)) return undefined
  return path.startsWith(`${home}/sign-`) ? undefined : path + search
}

const PLACEHOLDER_ORIGIN = 'http://nowhere.invalid'
