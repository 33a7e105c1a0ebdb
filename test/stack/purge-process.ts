import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { purge } from '../../src/work/purge/purge.ts'
import { forReal, purgeDeps } from '../embedded/purging.ts'

/** Purges a database in a process of its own, which a test may kill: `node purge-process.ts URL`. */
const [, , url = ''] = process.argv
await using storage = connect<AmavisTables>('storage', url)
await using state = connect<StateTables>('state', url)
await purge(purgeDeps(storage, state, { batch: 10 }), forReal())
