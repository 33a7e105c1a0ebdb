import { expect, test } from 'vitest'
import { mendedPath } from '../../../../src/doors/http/middleware/mended-path.ts'

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4LV95In0.c2lnbmF0dXJl-_Q'
const SIGN_IN = 'A-_0'.repeat(10).concat('xyz')
const WHOLE = `/release/${TOKEN}`

test.each([
  ['a slash after it', `${WHOLE}/`],
  ['several slashes after it', `${WHOLE}///`],
  ['a second slash before it', `/${WHOLE}`],
  ['a second slash within it', `/release//${TOKEN}`],
  ['an escaped slash', `/release%2F${TOKEN}`],
  ['an escaped slash after it', `${WHOLE}%2f`],
  ['slashes that were escaped twice', `/release%252F${TOKEN}`],
  ['a backslash', `/release\\${TOKEN}`],
  ['a full stop after it', `${WHOLE}.`],
  ['a comma after it', `${WHOLE},`],
  ['a bracket after it', `${WHOLE})`],
  ['a square bracket and a full stop after it', `${WHOLE}%5D.`],
  ['an angle bracket after it', `${WHOLE}>`],
  ['an escaped angle bracket after it', `${WHOLE}%3E`],
  ['&gt; after it', `${WHOLE}&gt;`],
  ['&gt; without its semicolon after it', `${WHOLE}&gt`],
  ['an escaped &gt; after it', `${WHOLE}%26gt%3B`],
  ['quotation marks after it', `${WHOLE}%22`],
  ['typographic quotation marks after it', `${WHOLE}%E2%80%9D`],
  ['an angle bracket before the token', `/release/%3C${TOKEN}%3E`],
  ['a soft line break within the token', `/release/${TOKEN.slice(0, 30)}=%0D%0A${TOKEN.slice(30)}`],
  ['what is left of a soft line break', `/release/${TOKEN.slice(0, 30)}=${TOKEN.slice(30)}`],
  ['a line break within the token', `/release/${TOKEN.slice(0, 30)}%0A%20${TOKEN.slice(30)}`],
  ['a line break before the token', `/release/%0A${TOKEN}`],
  ['a line break after it', `${WHOLE}%0D%0A`],
  ['a space of no width within it', `/release/${TOKEN.slice(0, 30)}%E2%80%8B${TOKEN.slice(30)}`],
  ['upper-case letters in its path', `/RELEASE/${TOKEN}`],
  ['a capital letter in its path', `/Release/${TOKEN}`],
])('a link with %s is mended', (_, path) => {
  expect(mendedPath(path, '')).toBe(WHOLE)
  expect(mendedPath(WHOLE, '')).toBeUndefined()
})

test('the path of publicUrl may stand before a link, and may be changed like the rest', () => {
  expect(mendedPath(`//Held//release/${TOKEN}/`, '/held')).toBe(`/held${WHOLE}`)
  expect(mendedPath(`${WHOLE}/`, '/held')).toBe(WHOLE)
  expect(mendedPath(`/held${WHOLE}`, '/held')).toBeUndefined()
})

test('the page of a whole digest stays', () => {
  expect(mendedPath(`/digest/${TOKEN}/2`, '')).toBeUndefined()
  expect(mendedPath(`//digest/${TOKEN}/2/`, '')).toBe(`/digest/${TOKEN}/2`)
  expect(mendedPath(`/digest/${TOKEN}/2).`, '')).toBe(`/digest/${TOKEN}/2`)
})

test.each(['/admin/sign-in', '/sign-in'])(
  'a link below %s is mended, and the pages there are left alone',
  path => {
    const link = `${path}/${SIGN_IN}`
    const capital = path.replaceAll('sign-in', 'Sign-In').replace('admin', 'Admin')
    for (const changed of [`${link}/`, `/${link}`, `${link}.`, `${link}&gt;`, `${capital}/${SIGN_IN}`])
      expect(mendedPath(changed, '')).toBe(link)
    for (const page of [
      link,
      path,
      `${path}/sent`,
      `${path}/sent/`,
      `${path}/password`,
      '/admin',
      '//admin/',
    ])
      expect(mendedPath(page, '')).toBeUndefined()
  },
)

test('what was appended to a token or cut from it is not guessed at', () => {
  for (const path of [
    `${WHOLE}x`,
    `${WHOLE}-`,
    `${WHOLE}.html`,
    `${WHOLE}/extra`,
    `/release/${TOKEN.slice(0, 30)}`,
  ]) {
    const mended = mendedPath(path, '') ?? path
    expect(decodeURIComponent(mended)).toBe(path)
    expect(mended.split('/')).toHaveLength(3)
  }
})

test.each(['/release', '/release/', '//digest', '/Preferences//'])('%s is an incomplete link', path => {
  expect(mendedPath(path, '')).toMatch(/^\/[a-z]+\/\.$/)
})

test.each([
  '/',
  '//',
  '/healthz',
  `${WHOLE}/held/0.j_hWRAnY0bvs.1`,
  `${WHOLE}/held/0.j_hWRAnY0bvs.1/html`,
  '//evil.example',
  `//evil.example${WHOLE}`,
  '/releases',
  '/api/v1/releases',
])('%s is no link that was mailed, and stays as it is', path => expect(mendedPath(path, '')).toBeUndefined())

test('a token that is not UTF-8 stays a token, which is refused', () => {
  expect(mendedPath('/release/%E0%A4%A/', '')).toBe('/release/%25E0%25A4%25A')
})

test('a made-up path of many signs as HTML writes them is read at once', () => {
  const startedAt = performance.now()
  expect(mendedPath(`${WHOLE}${'&gt;'.repeat(27)}x`, '')).toMatch(/^\/release\/[^/]+$/)
  expect(performance.now() - startedAt).toBeLessThan(500)
})
