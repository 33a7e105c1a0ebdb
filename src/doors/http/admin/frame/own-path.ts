/**
 * A path of the admin's pages that came from outside, without the path of `publicUrl` before it; undefined for whatever
 * leads elsewhere. It is read as browsers do, so `//host`, `/\host` and `/admin/../x` are seen through.
 */
export function ownPath(text: string, basePath: string): string | undefined {
  if (!text.startsWith('/') || !URL.canParse(text, NOWHERE)) return undefined
  const { origin, pathname, search } = new URL(text, NOWHERE)
  if (origin !== NOWHERE) return undefined
  const path =
    basePath !== '' && pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : pathname
  if (path !== '/admin' && !path.startsWith('/admin/')) return undefined
  return path.startsWith('/admin/sign-') ? undefined : path + search
}

const NOWHERE = 'http://nowhere.invalid'
