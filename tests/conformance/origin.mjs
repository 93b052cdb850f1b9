// SPDX-License-Identifier: MIT
// The suite's own test server, as it is, but on a free port of the loopback interface: it asks
// for a fixed port on all of them. Ends with its stdin. usage: origin.mjs PACKAGE-DIRECTORY
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function () {
  return listen.call(this, 0, '127.0.0.1')
}
Object.assign(process.env, {
  npm_config_protocol: 'http',
  npm_config_port: '0',
  npm_config_pidfile: os.devNull
})
process.stdin.resume().on('end', () => process.exit(0))
await import(pathToFileURL(path.join(process.argv[2], 'server/server.mjs')))
