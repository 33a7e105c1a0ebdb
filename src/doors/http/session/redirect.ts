import type { Response } from 'express'

/**
 * Redirects to one of our pages, with 303, so that the browser uses GET, whatever the method was.
 *
 * @param deps basePath is the path of `publicUrl`, without a trailing slash
 * @param done what the page says was done: `?done=saved`
 */
export function goTo(
  { basePath }: { readonly basePath: string },
  response: Response,
  path: string,
  done?: string,
): void {
  const target = new URL(path, 'http://own.invalid')
  if (done !== undefined) target.searchParams.set('done', done)
  response.redirect(303, basePath + target.pathname + target.search + target.hash)
}
