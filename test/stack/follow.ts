import { PUBLIC_URL, type Service } from './program.ts'

/** The answer to a request to a link. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined for a page. */
  readonly json: Readonly<Record<string, unknown>> | undefined
}

/** Follows a link of a digest to the port of the service. Asks for a page unless `headers` say otherwise. */
export async function follow(
  service: Pick<Service, 'url'>,
  link: string,
  request: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(link.replace(PUBLIC_URL, service.url), { redirect: 'error', ...request })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== ''
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  }
}

export const JSON_ONLY = { accept: 'application/json' }

/** The content type that our forms send. */
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** The token at the end of a link. */
export const tokenOf = (link: string): string => link.slice(link.lastIndexOf('/') + 1)
