import { expect, test } from 'vitest'
import { ROOT } from '../../../../embedded/editors.ts'
import { prefer } from '../../../../embedded/preferences.ts'
import { servedDesk } from '../served-desk.ts'

/** Cities whose clocks show UTC, which is the default time zone here. */
const CITIES = ['Abidjan', 'Accra', 'Bamako', 'Banjul', 'Conakry', 'Dakar', 'Freetown']

test('a run shows its first time zones and the number of the others', async () => {
  const desk = await servedDesk()
  const browser = await desk.signedIn()
  await desk.app.desk.schedules.set(ROOT, 'daily', { timeZone: 'reader' })
  for (const city of CITIES) {
    await prefer(desk.database.state, `${city}@example.com`, { time_zone: `Africa/${city}` })
  }
  const { text } = await browser.get('/admin/schedules/calendar')
  expect(text).toMatch(/<bdi>6:00\sAM [^<]*Africa\/Accra, [^<]* and 3 more<\/bdi>/)
})
