/**
 * The target of a request as browsers send it: `/path?query`. A client may also send a whole URL (RFC 9112, 3.2.2). The
 * framework reads its path, so we must, too: else such a request would go past our checks.
 */
export function originForm(target: string): string {
  const [origin = ''] = ORIGIN.exec(target) ?? []
  const rest = target.slice(origin.length)
  return origin === '' || rest.startsWith('/') ? rest : `/${rest}`
}

/** Of any scheme: the framework looks at none. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i
