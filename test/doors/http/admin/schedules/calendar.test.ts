import { expect, test } from 'vitest'
import { ROOT } from '../../../../embedded/editors.ts'
import { prefer } from '../../../../embedded/preferences.ts'
import { servedDesk } from '../served-desk.ts'

/** On the same clocks as UTC, which is the standard one. */
const CITIES = ['Abidjan', 'Accra', 'Bamako', 'Banjul', 'Conakry', 'Dakar', 'Freetown']

test('a run shows some of its time zones, and says how many more there are', async () => {
  const desk = await servedDesk()
  const browser = await desk.signedIn()
  await desk.app.desk.schedules.set(ROOT, 'daily', { timeZone: 'reader' })
  for (const city of CITIES) {
    await prefer(desk.database.state, `${city}@example.com`, { time_zone: `Africa/${city}` })
  }
  const { text } = await browser.get('/admin/schedules/calendar')
  expect(text).toMatch(/<bdi>6:00\sAM [^<]*Africa\/Accra, [^<]* and 3 more<\/bdi>/)
})
