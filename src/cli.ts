import { runCommandLine } from './command-line.ts'
import { printNote } from './doors/cli/context.ts'
import { surviveLostOutput } from './doors/cli/output.ts'
import { keepHeapSmall } from './ground/heap.ts'

surviveLostOutput(printNote)
// Most commands need neither the whole program nor the demo.
await runCommandLine({
  createApp: async (...request) => {
    const { createApp } = await import('./app.ts')
    keepHeapSmall()
    return createApp(...request)
  },
  runDemo: async request => (await import('./demo/demo.ts')).runDemo(request),
})
