import type { DayFigures } from '../../../../desks/admin/figures/overview.ts'
import type { ReleasedSender } from '../../../../desks/admin/figures/released-senders.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import type { Writer } from '../../web/writer.ts'
import { breakable } from '../frame/breakable.ts'
import { heldPath } from '../held/held-path.ts'
import { kindName, kindsOf } from './charts-model.ts'
import { percent } from './percent.ts'

/** How much of the held mail was released, by kind and by sender: where it is much, the filter is often wrong. */
export function sharesModel(
  days: readonly DayFigures[],
  senders: readonly ReleasedSender[],
  writer: Writer,
): object {
  const { number, url, words } = writer
  const sum = (measure: 'held' | 'released', kind: keyof DayFigures['held']) =>
    days.reduce((total, day) => total + day[measure][kind], 0)
  const since = days[0]?.day
  return {
    kindShares: kindsOf(days).map(kind => {
      const [held, released] = [sum('held', kind), sum('released', kind)]
      return {
        label: kindName(kind, writer),
        released: number(released),
        releasedUrl: released > 0 ? url(heldPath({ state: 'released', kind, since })) : undefined,
        held: number(held),
        heldUrl: url(heldPath({ kind, since })),
        share: percent(released, held, writer),
      }
    }),
    senderShares: senders.map(({ sender, released, held }) => ({
      label: breakable(
        sender === '' ? words.say('admin.overview.shares.bounces') : displayAddress(sender, 64),
      ),
      released: number(released),
      held: number(held),
      share: percent(released, held, writer),
    })),
  }
}
