import type { LinkPage } from '../../../ground/metrics/meter.ts'

/** A request to one of the readers' links, as its path says. */
export interface LinkPath {
  /** As it is counted. */
  readonly page: LinkPage
  /** As received. */
  readonly token: string
  /** Whether a refused POST is one of those that leave an audit row, as a release would. */
  readonly acts: boolean
}

/**
 * @param path mended, without a query
 * @param basePath the path of `publicUrl`, without a trailing slash: a reverse proxy may strip it or pass it on
 * @returns undefined for a path that is no reader's link
 */
export function linkIn(path: string, basePath: string): LinkPath | undefined {
  const own = basePath !== '' && path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path
  const [, fresh = '', name = '', token = '', below = ''] = LINK.exec(own) ?? []
  const page = PAGES[name]
  if (page === undefined || (below !== '' && (fresh !== '' || !isBelow(name, below)))) return undefined
  return { page, token, acts: fresh !== '' || ACTING.has(name) }
}

const LINK = /^\/(fresh\/)?(release|digest|preferences|destination|more)\/([^/]+)(\/.*)?$/

const PAGES: Readonly<Record<string, LinkPage>> = {
  release: 'release',
  digest: 'digest',
  preferences: 'preferences',
  destination: 'preferences',
  more: 'canary',
}

/** The pages of a message, and those of a digest. */
const isBelow = (name: string, below: string): boolean =>
  ACTING.has(name) && (below.startsWith('/held/') || (name === 'digest' && /^\/[1-9]\d*$/.test(below)))

const ACTING: ReadonlySet<string> = new Set(['release', 'digest'])
