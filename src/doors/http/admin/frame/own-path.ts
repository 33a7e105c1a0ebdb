/**
 * Validates an admin path that came from outside, and removes the path of `publicUrl` in front of it. Returns undefined
 * if it leads anywhere else. It is parsed as browsers parse it, which catches `//host`, `/\host` and `/admin/../x`.
 */
export function ownPath(text: string, basePath: string): string | undefined {
  if (!text.startsWith('/') || !URL.canParse(text, PLACEHOLDER_ORIGIN)) return undefined
  const { origin, pathname, search } = new URL(text, PLACEHOLDER_ORIGIN)
  if (origin !== PLACEHOLDER_ORIGIN) return undefined
  const path =
    basePath !== '' && pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : pathname
  if (path !== '/admin' && !path.startsWith('/admin/')) return undefined
  return path.startsWith('/admin/sign-') ? undefined : path + search
}

const PLACEHOLDER_ORIGIN = 'http://nowhere.invalid'
