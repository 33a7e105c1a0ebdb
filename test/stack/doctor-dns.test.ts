import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDns } from '../../src/ground/network/dns.ts'
import { type DnsCheckDeps, dnsChecks } from '../../src/work/doctor/dns/dns-checks.ts'
import { runChecks } from '../../src/work/doctor/run-checks.ts'
import { type Dnsmasq, startDnsmasq } from '../servers/dnsmasq.ts'

const stack = new AsyncDisposableStack()
let server: Dnsmasq

const own = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
const small = generateKeyPairSync('ed25519').publicKey
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
const inBase64 = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('base64')

const SPF = 'v=spf1 mx ip4:192.0.2.1 -all'
const DMARC = 'v=DMARC1; p=reject; adkim=s'

/** Each domain has one fault; `good.test` has none. */
const FAULTS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  good: [],
  nospf: [['', 'something else']],
  twospf: [['', 'v=spf1 a -all']],
  openspf: [['', 'v=spf1 +all']],
  endless: [['', 'v=spf1 mx']],
  wrongspf: [['', 'v=spf1 ip4:one -all']],
  silent: [['', 'v=spf1 -all']],
  nokey: [['s._domainkey.', '']],
  otherkey: [['s._domainkey.', `v=DKIM1; p=${inBase64(foreign)}`]],
  revoked: [['s._domainkey.', 'v=DKIM1; p=']],
  testing: [['s._domainkey.', `v=DKIM1; t=y; p=${inBase64(own)}`]],
  nodmarc: [['_dmarc.', '']],
  nopolicy: [['_dmarc.', 'v=DMARC1; rua=mailto:a@b.test']],
}

beforeAll(async () => {
  const texts = Object.entries(FAULTS).flatMap(([name, faults]) => {
    const standard = new Map([
      ['', SPF],
      ['s._domainkey.', `v=DKIM1; k=rsa; p=${inBase64(own)}`],
      ['_dmarc.', DMARC],
    ])
    const records = [...standard].filter(([part]) => name === 'twospf' || !faults.some(([of]) => of === part))
    return [...records, ...faults]
      .filter(([, text]) => text !== '')
      .map(([part, text]) => [`${part}${name}.test`, text] as const)
  })
  const ed25519 = ['e._domainkey.good.test', `v=DKIM1; k=ed25519; p=${rawOf(small)}`] as const
  const mail = Object.keys(FAULTS).map(name => `${name}.test`)
  server = stack.use(await startDnsmasq({ texts: [...texts, ed25519], mail: [...mail, 'news.good.test'] }))
})
afterAll(() => stack.disposeAsync())

const rawOf = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')

async function examine(domain: string, deps: Partial<DnsCheckDeps> = {}): Promise<string[]> {
  const checks = dnsChecks({
    dns: createDns(server.address),
    domain,
    organisation: domain.split('.').slice(-2).join('.'),
    envelopeDomain: undefined,
    dkim: () => ({
      domain,
      selector: 's',
      publicKey: createPublicKey(own.export({ type: 'spki', format: 'pem' })),
    }),
    ...deps,
  })
  const found = await runChecks([{ title: '', checks }])
  return found.map(({ id, status, message }) => `${id} ${status}: ${message}`)
}

test('is silent where the DNS is as it should be', async () => {
  const healthy = ['dns.from ok', 'dns.spf ok', 'dns.dkim ok', 'dns.dmarc ok']
  expect((await examine('good.test')).map(text => text.split(':')[0])).toEqual(healthy)
  const small2 = { dkim: () => ({ domain: 'good.test', selector: 'e', publicKey: small }) }
  expect((await examine('good.test', small2)).map(text => text.split(':')[0])).toEqual(healthy)
})

test.each([
  ['nospf', 'dns.spf warn', 'has no SPF record'],
  ['twospf', 'dns.spf warn', 'has 2 SPF records'],
  ['openspf', 'dns.spf warn', 'lets everybody send'],
  ['endless', 'dns.spf warn', 'does not end'],
  ['wrongspf', 'dns.spf warn', 'ip4:one'],
  ['silent', 'dns.spf warn', 'sends no mail'],
  ['nokey', 'dns.dkim fail', 'There is no DKIM key at s._domainkey.nokey.test'],
  ['otherkey', 'dns.dkim fail', 'is not the one of smtp.dkim.keyFile'],
  ['revoked', 'dns.dkim fail', 'is revoked'],
  ['testing', 'dns.dkim warn', 'marked as a test'],
  ['nodmarc', 'dns.dmarc warn', 'has no DMARC record'],
  ['nopolicy', 'dns.dmarc warn', 'no policy'],
])('finds the fault of %s.test alone', async (name, start, words) => {
  const bad = (await examine(`${name}.test`)).filter(text => !/^\S+ ok:/.test(text))
  expect(bad).toEqual([expect.stringContaining(start)])
  expect(bad[0]).toContain(words)
})

test('finds a From at a domain that takes no mail, and looks no further', async () => {
  expect((await examine('absent.test'))[0]).toMatch(/^dns\.from warn: .*absent\.test, which takes no mail/)
})

test('finds a signature for another domain than the From, as strictly as its policy is', async () => {
  const signedByOrganisation = () => ({ domain: 'good.test', selector: 's', publicKey: own })
  const found = await examine('news.good.test', { dkim: signedByOrganisation })
  expect(found.at(-1)).toMatch(/^dns\.dmarc warn: Digests fail the DMARC policy of good\.test/)
})

test('says nothing where the DNS does not answer', async () => {
  const found = await examine('good.test', { dns: createDns('127.0.0.1:9') })
  expect(found.map(text => text.split(':')[0])).toEqual([
    'dns.from skip',
    'dns.spf skip',
    'dns.dkim skip',
    'dns.dmarc skip',
  ])
})
