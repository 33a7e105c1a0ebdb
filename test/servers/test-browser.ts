import { parseSetCookie, type SetCookie } from 'cookie'

/** Keeps cookies and the form token of the last page, and follows no redirects. */
export interface TestBrowser {
  /** Such as `http://127.0.0.1:8080`. */
  readonly server: string
  readonly cookies: Map<string, SetCookie>
  ask(
    path: string,
    init: RequestInit & { readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Answer>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Sends a form as the last page would. */
  post(path: string, fields?: Fields, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** The target of a redirect. */
  readonly location: string | undefined
}

type Fields = Readonly<Record<string, string>> | readonly (readonly [string, string])[]

/** @param formHeaders headers of every form that is sent, such as `origin` */
export function testBrowser(server: string, formHeaders: Readonly<Record<string, string>>): TestBrowser {
  const cookies = new Map<string, SetCookie>()
  let formToken = ''
  const ask = async (path: string, init: Parameters<TestBrowser['ask']>[1]): Promise<Answer> => {
    const headers = { ...ownHeaders(), ...init.headers }
    const response = await fetch(server + path, { redirect: 'manual', ...init, headers })
    for (const text of response.headers.getSetCookie()) keep(parseSetCookie(text, { decode: value => value }))
    const text = await response.text()
    formToken = /name="form" value="([^"]+)"/.exec(text)?.[1] ?? formToken
    const location = response.headers.get('location') ?? undefined
    return { status: response.status, text, headers: response.headers, location }
  }
  const keep = (cookie: SetCookie) => {
    if (cookie.maxAge === 0) cookies.delete(cookie.name)
    else cookies.set(cookie.name, cookie)
  }
  const ownHeaders = () => ({
    cookie: [...cookies.values()].map(({ name, value }) => `${name}=${value}`).join('; '),
    'accept-language': 'en',
  })
  return {
    server,
    cookies,
    ask,
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, fields = {}, headers = {}) => {
      const entries = Array.isArray(fields) ? fields : Object.entries(fields)
      const own = entries.some(([name]) => name === 'form') ? [] : [['form', formToken]]
      const body = new URLSearchParams([...own, ...entries])
      return ask(path, { method: 'POST', body, headers: { ...formHeaders, ...headers } })
    },
  }
}
