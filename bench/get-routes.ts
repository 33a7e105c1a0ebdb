import { asPages } from '../src/doors/http/admin/as/as-pages.ts'
import { deskPages } from '../src/doors/http/admin/desk-pages.ts'
import { heldPages } from '../src/doors/http/admin/held/held-pages.ts'
import { OPERATIONS } from '../src/doors/http/api/operations.ts'
import { linkRoutes } from '../src/doors/http/links/link-routes.ts'
import { ownPages } from '../src/doors/http/mail/own-pages.ts'

/** Who gets a page, and how they come in. */
export type Group = 'links' | 'reader' | 'admin' | 'api'

/** Every path with a GET, as the doors have it, so that a page that is added is measured, too. */
export function getRoutes(): Readonly<Record<Group, readonly string[]>> {
  const pathsOf = (pages: readonly { readonly path: string; readonly get?: unknown }[]) =>
    pages.filter(({ get }) => get).map(({ path }) => path)
  return {
    links: linkRoutes(ANYTHING as never).stack.flatMap(({ route }) => (route ? [route.path] : [])),
    reader: pathsOf(ownPages(ANYTHING as never)),
    admin: ['/admin', ...[deskPages, heldPages, asPages].flatMap(pages => pathsOf(pages(ANYTHING as never)))],
    api: OPERATIONS.filter(({ method }) => method === 'get').map(({ path }) => path),
  }
}

/** Stands for whatever a handler would need: the paths are known before anything is asked. */
const ANYTHING: unknown = new Proxy(() => ANYTHING, {
  get: (target, name): unknown =>
    name === Symbol.toPrimitive ? () => 1 : ((Reflect.get(target, name) as unknown) ?? ANYTHING),
})
