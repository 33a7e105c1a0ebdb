import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { mailzuTarget } from '../../../../src/doors/http/mailzu/mailzu-target.ts'
import { configSchema } from '../../../../src/ground/config/schema.ts'

const GUIDE = readFileSync(new URL('../../../../docs/guides/mailzu.md', import.meta.url), 'utf8')

test('the configuration of the guide is one', () => {
  const [, yaml = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(GUIDE) ?? []
  expect(configSchema.parse(parse(yaml))).toMatchObject({ mailzu: { redirects: true } })
})

test('each address of the guide leads where it says', () => {
  const rows = [...GUIDE.matchAll(/^\| `\/mailzu\/([^`]*)` \| `([^`]*)` \|$/gm)]
  expect(rows.length).toBeGreaterThan(6)
  for (const [, address = '', expected] of rows) {
    const [script = '', query] = address.split('?')
    const target = mailzuTarget(script, new URLSearchParams(query), false)
    expect(decodeURIComponent(target), address).toBe(expected)
  }
})

/** The files and settings of Mailzu 0.8, as its sources name them. */
const OF_MAILZU = [
  ...['summary.php', 'messagesIndex.php', 'messagesPending.php', 'messagesAdmin.php'],
  ...['messagesPendingAdmin.php', 'messagesSummary.php', 'read_mail.php', 'mz_db_clean.pl'],
  ...['s_admins', 'm_admins', 'login_restriction', 'restricted_users', 'spam_release_port', 'binquar'],
  ...['allowBadHeaders', 'allowViruses', 'allowMailid', 'siteSummary', 'searchOnly', 'notifyAdmin'],
  ...['displaySizeLimit', 'defaultLanguage', 'selectLanguage', 'recipient_delimiter', 'adminEmail'],
  ...["'imap'", "'ldap'", "'ad'", "'exchange'", "'sql'", 'weburi', 'logoImage', 'welcome'],
]

test('the guide has each page and each setting of Mailzu', () => {
  expect(OF_MAILZU.filter(name => !GUIDE.includes(name))).toEqual([])
})
