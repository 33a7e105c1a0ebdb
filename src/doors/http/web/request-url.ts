import type { Request } from 'express'

/** The query of a request, whatever router it passed. */
export const queryOf = ({ originalUrl }: Pick<Request, 'originalUrl'>): URLSearchParams =>
  new URLSearchParams(originalUrl.split('?').slice(1).join('?'))

/** What the path of a request names, by the names in its route. */
export const paramsOf = ({ params }: Pick<Request, 'params'>): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]))
