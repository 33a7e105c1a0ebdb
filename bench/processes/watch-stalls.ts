import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'

// Loaded before the program by `--import`. On SIGUSR2 it prints for how long, in milliseconds, the process has not looked
// at what came in, at the longest since the last time.

const delays = monitorEventLoopDelay({ resolution: 1 })
delays.enable()
let nth = 0
process.on('SIGUSR2', () => {
  nth += 1
  process.stdout.write(`{"nth":${nth},"stall":${Math.round(delays.max / 1e6)}}\n`)
  delays.reset()
})
