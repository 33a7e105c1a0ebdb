import { expect, test } from 'vitest'
import { DOMAIN_ADMIN, servedDesk } from '../served-desk.ts'

test('an admin of all domains looks when the button is pressed, and sees later what was found', async () => {
  const desk = await servedDesk()
  const browser = await desk.signedIn()
  expect((await browser.get('/admin')).text).toContain('/admin/doctor')
  expect((await browser.get('/admin/doctor')).text).toContain('Nobody has looked')
  await desk.database.storage.sql.schema.dropIndex('msgs_idx_time_num').execute()
  expect(await browser.post('/admin/doctor', {})).toMatchObject({ status: 303 })
  const { text } = await browser.get('/admin/doctor')
  expect(text).toContain('storage.indexes')
  expect(text).toContain('CREATE INDEX msgs_idx_time_num ON msgs (time_num);')
  expect(text).toMatch(/Looked at/)
})

test('an admin of one domain neither sees it nor is led to it', async () => {
  const desk = await servedDesk()
  const browser = await desk.signedIn(DOMAIN_ADMIN)
  expect((await browser.get('/admin')).text).not.toContain('/admin/doctor')
  expect((await browser.get('/admin/doctor')).status).toBe(403)
  expect((await browser.post('/admin/doctor', {})).status).toBe(403)
})
