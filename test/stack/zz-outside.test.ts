import { expect, test } from 'vitest'
import { bannedMail } from '../servers/samples.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import { hold, startWorld } from './world.ts'

test('outside2', { timeout: 300_000 }, async () => {
  await using world = await startWorld({
    settings: {
      policy: { banned: 'request' },
      requests: { expire: '1h', mailEvery: '10m' },
      admins: ['root@example.com', { address: 'ann@EXAMPLE.com', domains: ['EXAMPLE.com'] }] as never,
      directory: { kind: 'sql', url: 'x', query: 'x' } as never,
    },
  }).catch(async () => startWorld({ settings: { policy: { banned: 'request' }, requests: { expire: '1h' }, admins: ['root@example.com', { address: 'ann@EXAMPLE.com', domains: ['EXAMPLE.com'] }] as never } }))
  const say = (...args: unknown[]) => console.log(...args.map(a => (typeof a === 'string' ? a : JSON.stringify(a))))
  await using service = await world.program.serve()
  const key = JSON.parse((await world.program.command('keys', 'api', 'create', 'x', '--scope', 'requests:decide', '--json')).stdout || '{}')
  say(await world.program.command('keys', 'api', '--help').then(r => r.stdout))
  say('key', key)
  const subjects = Array.from({ length: 30 }, (_, i) => `Flood ${i}`)
  for (const subject of subjects) await hold(world, 'Alice@Example.com', { subject, make: bannedMail })
  await world.program.command('run')
  const { release } = digestFor(world.digests.mails, 'alice@example.com')
  const t = Date.now()
  const clicks = await Promise.all(subjects.flatMap(name => [0, 1, 2].map(() => follow(service, release(name), { method: 'POST', headers: { ...JSON_ONLY, ...FORM }, body: 'confirm=yes' }))))
  say('clicks', Date.now() - t, Object.groupBy(clicks.map(c => c.status), s => String(s)))
  await expect.poll(() => world.digests.mails.filter(m => m.to.includes('ann@EXAMPLE.com') || m.to.includes('ann@example.com')).length, { timeout: 20000 }).toBe(1)
  const list = JSON.parse((await world.program.command('requests', 'list', '--json', '--limit', '100')).stdout).requests
  say(list.length)
  // amavisd refuses: the quarantined mail is gone from quarantine only
  const [one, two] = list
  await world.storage.query(`DELETE FROM quarantine WHERE mail_id = '${one.mailId}'`)
  say(await world.program.command('requests', 'approve', one.id, '--json'))
  say((await follow(service, release(one.mail.subject), { headers: JSON_ONLY })).json)
  // expiry
  await world.state.query(`UPDATE digest_request SET expires_at = 1, next_at = 1 WHERE request_id = '${two.id}'`)
  say(await world.program.command('requests', 'approve', two.id, '--json'))
  say((await follow(service, release(two.mail.subject), { headers: JSON_ONLY })).json)
  const again = await follow(service, release(two.mail.subject), { method: 'POST', headers: { ...JSON_ONLY, ...FORM }, body: 'confirm=yes' })
  say(again.status, again.json)
  if (key.key ?? key.secret) {
    const headers = { authorization: `Bearer ${key.key ?? key.secret}`, 'content-type': 'application/json' }
    const three = list[2]
    for (const [path, body] of [['requests', undefined], [`requests/${three.id}`, undefined], [`requests/${three.id}/refuse`, { note: 'n'.repeat(10000) }], [`requests/${three.id}/refuse`, { note: 'no' }], [`requests/${three.id}/approve`, {}], ['requests/nothing/approve', {}], [`requests/${list[3].id}/approve`, {}], [`requests/${list[4].id}/approve`, undefined]] as const) {
      const r = await fetch(`${service.url}/held/api/v1/${path}`, { method: body || path.endsWith('approve') ? 'POST' : 'GET', headers, ...(body ? { body: JSON.stringify(body) } : {}) })
      say(path, r.status, (await r.text()).slice(0, 400))
    }
  }
  await new Promise(r => setTimeout(r, 8000))
  for (const m of world.digests.mails.slice(1)) say('MAIL', m.to, m.parsed.subject, '\n', (m.parsed.text ?? '').slice(-500))
  say(service.log().split('\n').filter(l => /"level":(40|50)/.test(l)).slice(0, 10))
})
