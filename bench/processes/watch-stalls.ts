import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'

// Loaded before the program by `--import`. On SIGUSR2 it prints for how long, in milliseconds, the process has not looked
// at what came in, at the longest since the last time.

const delays = monitorEventLoopDelay({ resolution: 1 })
delays.enable()
process.on('SIGUSR2', () => {
  process.stdout.write(`{"stall":${Math.round(delays.max / 1e6)}}\n`)
  delays.reset()
})
