import { request } from 'node:http'
import { expect, test } from 'vitest'
import { linkVisits } from '../../../../src/desks/reader/link-visits.ts'
import { readerDesk } from '../../../../src/desks/reader/reader-desk.ts'
import { servedMessages } from './served-messages.ts'

const LANGUAGES = ['en', 'de-CH,de;q=0.9', 'xx, ar;q=0.5', undefined]
const ACCEPTS = ['text/html', 'application/json', '*/*', undefined]

test('a made-up link is answered with the headers and the page that the framework gives an error', async () => {
  const { origin, releasePaths } = await servedMessages([{}])
  const madeUp = `${releasePaths[0]?.slice(0, -4)}AAAA`
  const codes = new Set<string>()
  for (const language of LANGUAGES) {
    for (const accept of ACCEPTS) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        const asked = { method, headers: headersOf({ accept, 'accept-language': language }) }
        const front = await ask(origin + madeUp, asked)
        const framework = await ask(`${origin}/no-such-page`, asked)
        expect(front.status).toBe(401)
        expect(front.headers).toEqual(framework.headers)
        if (method === 'GET') codes.add(/LINK_FORGED/.exec(front.text)?.[0] ?? front.text.slice(0, 100))
      }
    }
  }
  expect([...codes]).toEqual(['LINK_FORGED'])
})

test('each refusal has a nonce of its own, in the policy and in the page', async () => {
  const { origin } = await servedMessages([{}])
  const nonces = new Set<string>()
  for (let count = 0; count < 3; count += 1) {
    const answer = await fetch(`${origin}/release/a.b.c`)
    const [nonce = ''] = /(?<='nonce-)[^']+/.exec(answer.headers.get('content-security-policy') ?? '') ?? []
    expect(nonce).toHaveLength(22)
    expect(await answer.text()).toContain(`nonce="${nonce}"`)
    nonces.add(nonce)
  }
  expect(nonces.size).toBe(3)
})

test('twenty links that are opened together take five statements, as many as one', async () => {
  const { deps, releasePaths, statements } = await servedMessages(
    Array.from({ length: 20 }, (_, index) => ({ subject: `Offer ${index}` })),
  )
  const visits = linkVisits(deps)
  const desk = readerDesk(deps)
  const open = async (path: string) => {
    const { visitor, subject } = await visits.open('release', path.split('/').at(-1) ?? '')
    return (await desk.openMessage(visitor, subject)).mail?.subject
  }
  const before = statements.length
  const subjects = await Promise.all(releasePaths.map(open))
  expect(subjects).toEqual(releasePaths.map((_, index) => `Offer ${index}`))
  const together = statements.length - before
  await open(releasePaths[0] ?? '')
  expect([together, statements.length - before - together]).toEqual([5, 5])
})

const headersOf = (headers: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value ? [[name, value]] : [])))

interface Asked {
  readonly method: string
  readonly headers: Record<string, string>
}

/** By Node's own client: `fetch` adds headers, and hides some of the answer's. */
function ask(
  url: string,
  asked: Asked,
): Promise<{ readonly status: number | undefined; readonly headers: object; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof ask>>>()
  request(url, { ...asked, agent: false }, answer => {
    let text = ''
    answer.setEncoding('utf8')
    answer.on('data', chunk => {
      text += chunk
    })
    answer.on('end', () => resolve({ status: answer.statusCode, headers: comparable(answer.headers), text }))
  })
    .on('error', reject)
    .end()
  return promise
}

/** Without what differs from answer to answer: the nonce, the length, what is left of the limit, and the time. */
const comparable = (headers: object): object =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      name === 'content-length' || name === 'date'
        ? ''
        : String(value)
            .replace(/'nonce-[\w-]{22}'/g, 'nonce')
            .replace(/r=\d+; t=\d+/, ''),
    ]),
  )
