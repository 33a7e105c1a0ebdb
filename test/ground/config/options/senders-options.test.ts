import { expect, test } from 'vitest'
import { sendersOptions } from '../../../../src/ground/config/options/senders-options.ts'

const PANEL = { kind: 'ispconfig-api', url: 'https://panel.example.com:8080', user: 'digest', password: 'x' }
const TABLES = 'mysql://u:p@127.0.0.1/dbispconfig'

test.each([
  {},
  { kind: 'none' },
  { kind: 'amavis' },
  { kind: 'amavis', url: 'postgres://u:p@127.0.0.1/amavis' },
  { kind: 'amavis', url: 'sqlite:///var/lib/amavis/lookup.sqlite' },
  { kind: 'ispconfig', url: TABLES },
  PANEL,
  { ...PANEL, caFile: '/etc/ssl/panel.pem' },
  { ...PANEL, url: 'http://127.0.0.1:8080' },
  { ...PANEL, url: 'http://localhost' },
])('%j is complete', options => {
  expect(sendersOptions.safeParse(options).error).toBeUndefined()
})

test.each([
  [
    { kind: 'amavis', url: PANEL.url },
    { url: /^expected the URL of a database, because senders\.kind is amavis$/ },
  ],
  [{ kind: 'amavis', user: 'digest' }, { user: /it is for ispconfig-api/ }],
  [{ kind: 'ispconfig' }, { url: /^expected a URL such as mysql:\/\/digest_senders:/ }],
  [{ kind: 'ispconfig', url: 'sqlite:///x' }, { url: /^expected a URL such as mysql:/ }],
  [
    { kind: 'ispconfig', url: PANEL.url, password: 'x' },
    { url: /mysql:/, password: /it is for ispconfig-api/ },
  ],
  [{ kind: 'ispconfig-api' }, { url: /panel's address/, user: /remote user/, password: /password/ }],
  [{ ...PANEL, url: TABLES }, { url: /panel's address, such as https:/ }],
  [{ ...PANEL, url: 'http://panel.example.com' }, { url: /^expected https:/ }],
  [{ ...PANEL, url: 'http://127.0.0.1.example.com' }, { url: /^expected https:/ }],
])('%j lacks something', (options, faults) => {
  const { error } = sendersOptions.safeParse(options)
  const found = Object.fromEntries(
    (error?.issues ?? []).map(({ path, message }) => [String(path[0]), message]),
  )
  expect(found).toEqual(
    Object.fromEntries(Object.entries(faults).map(([key, message]) => [key, expect.stringMatching(message)])),
  )
})
