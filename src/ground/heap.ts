import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MINUTE, SECOND } from './durations.ts'

/**
 * Makes V8 collect garbage sooner rather than take more memory. Left alone on a machine with much memory, a run for
 * 8,000 readers takes 310 MB, of which it uses 80: the young generation grows to 134 MB, and the old one to twice what
 * is in it. With this, the run takes 195 MB, and 5 % more CPU time. Kept smaller, at 6 MB, the young generation would
 * cost 20 %.
 *
 * Options of `node` could say the same, but only a wrapper could give them. There is no upper limit, which would end
 * the process where a message is unusually large.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50')
  let latest: readonly number[] = []
  let grows = true
  let wholeAt = performance.now()
  const letGrow = (next: boolean) => {
    if (next !== grows) setFlagsFromString(`--semi-space-growth-factor=${next ? 2 : 1}`)
    grows = next
  }
  const afterCollections = new PerformanceObserver(list => {
    const entries = list.getEntries()
    latest = [...latest, ...entries.map(({ startTime }) => startTime)].slice(-MANY)
    if (entries.some(isWhole)) wholeAt = performance.now()
    if (youngOctets() >= ENOUGH_YOUNG) letGrow(false)
    else if (areMany(latest)) letGrow(true)
    else if (performance.now() - wholeAt > UNCOLLECTED) collect('regular')
  })
  afterCollections.observe({ entryTypes: ['gc'] })
}

/** The young generation doubles when it is full, and stays at the first size that is no smaller, in octets. */
const ENOUGH_YOUNG = 32 * 2 ** 20

/**
 * While there is little to do, V8 takes the young generation back to 1 MB; `collectGarbage` does so at once. With so
 * little, links would spend a third of their CPU time on garbage. So it grows again when there are many collections in
 * a second. An idle service has fewer: if it grew for them, it would take 11 MB more.
 *
 * @param times when the latest collections began, in milliseconds
 */
const areMany = (times: readonly number[]): boolean =>
  times.length === MANY && (times.at(-1) ?? 0) - (times[0] ?? 0) < SECOND

const MANY = 50

/** Whether a collection was one of all generations. */
const isWhole = ({ detail }: PerformanceEntry & { readonly detail?: unknown }): boolean =>
  (detail as { readonly kind?: unknown } | undefined)?.kind === constants.NODE_PERFORMANCE_GC_MAJOR

/**
 * In an idle service, V8 collects only the young generation, for a quarter of an hour and more. Whatever is in use at
 * such a moment is kept afterwards: 0.7 MB a minute. A whole collection takes 0.05 s of CPU.
 */
const UNCOLLECTED = 3 * MINUTE

const youngOctets = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0

/**
 * Lets V8 compile only what is called ten times as often as usual, until `compileAsUsual`. What a start does, it does
 * once: its compilers then work on 60 functions instead of 380, and leave 4 MB less behind, in the heaps of their
 * threads.
 */
export function compileLittle(): void {
  setFlags(INVOCATIONS.map(([flag, usual]) => `--${flag}=${10 * usual}`))
}

/** How often a function is called, or a loop goes round, before it is compiled: V8's own figures. */
const INVOCATIONS = [
  ['invocation-count-for-maglev', 400],
  ['invocation-count-for-maglev-osr', 100],
  ['invocation-count-for-turbofan', 3000],
  ['invocation-count-for-osr', 500],
] as const

/** Lets V8 compile as usual. */
export function compileAsUsual(): void {
  setFlags(INVOCATIONS.map(([flag, usual]) => `--${flag}=${usual}`))
}

/**
 * Collects all garbage now, and gives its memory back, with the code of functions that have not been called since the
 * first of two collections: that of most that a start calls. After its start, a service that has nothing to do takes no
 * more memory for hours, so V8 would keep what the start has left: of 156 MB, 112 are in use. It takes 0.1 s of CPU.
 */
export function collectGarbage(): void {
  setFlags(['--flush-baseline-code', '--bytecode-old-age=1'])
  collect('last-resort')
  setFlags(['--no-flush-baseline-code', '--bytecode-old-age=6'])
}

/** @param flavor how hard V8 tries: `last-resort` collects until nothing more is found */
function collect(flavor: 'regular' | 'last-resort'): void {
  setFlags(['--expose-gc'])
  const gc = runInNewContext('gc') as (options: Readonly<Record<string, string>>) => void
  gc({ type: 'major', execution: 'sync', flavor })
}

function setFlags(flags: readonly string[]): void {
  for (const flag of flags) setFlagsFromString(flag)
}
