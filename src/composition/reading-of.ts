import { Gate } from '../ground/concurrency/gate.ts'
import type { Config } from '../ground/config/schema.ts'
import { createMessageReader } from '../ground/message/threaded-reader.ts'
import type { ReadingDeps } from '../work/reading/held-octets.ts'

/** What reading held messages needs beyond the databases. To be disposed of: `messages`. */
export const readingOf = ({
  quarantine,
}: Pick<Config, 'quarantine'>): Pick<
  ReadingDeps,
  'messages' | 'turns' | 'mostOctets' | 'readersSeeHeaders'
> => ({
  messages: createMessageReader(),
  turns: new Gate(AT_ONCE),
  mostOctets: quarantine.mostOctets,
  readersSeeHeaders: quarantine.headers,
})

/** Messages in memory at once, which may have 50 MB each. */
const AT_ONCE = 2
