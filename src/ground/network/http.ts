import { getBuiltinModule } from 'node:process'

/**
 * Node's HTTP. An `import` of `node:http` asks it for all that it exports, and so loads a client for WebSockets, too,
 * with HTTP/2: a tenth of the CPU of a start, and 5 MB.
 */
export const { createServer, request: requestByHttp } = getBuiltinModule('node:http')
