// A Node.js program that grows and starts children, as it is told on standard input:
//   write MEBIBYTES     a Buffer of which every byte is written
//   reserve MEBIBYTES   a Buffer that nobody writes to
//   start FUNCTION      a child, by that function of child_process
// It says `ready PID` at first, and then answers each line with one: `ok`, `started`, or the error as Node.js words it.
'use strict';
const { exec, execSync, spawn, spawnSync } = require('node:child_process');
const { createInterface } = require('node:readline');

const kept = [];

// Of a child that cannot be started some functions throw and some return the error. One that comes later, as an event or to
// a callback, is told apart.
const starts = {
  spawnSync: async () => {
    const { error } = spawnSync('/bin/sh', ['-c', 'true']);
    if (error) throw error;
  },
  execSync: async () => execSync('true'),
  spawn: () =>
    new Promise((ended, failed) =>
      spawn('/bin/sh', ['-c', 'true']).on('error', (error) => failed(`later ${error}`)).on('exit', ended)),
  exec: () =>
    new Promise((ended, failed) => exec('true', (error) => (error ? failed(`later ${error}`) : ended()))),
};

const commands = {
  write: (mebibytes) => kept.push(Buffer.alloc(mebibytes << 20, 1)) && 'ok',
  reserve: (mebibytes) => kept.push(Buffer.alloc(mebibytes << 20)) && 'ok',
  start: (by) => starts[by]().then(() => 'started'),
};

(async () => {
  console.log(`ready ${process.pid}`);
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, word] = line.split(' ');
    try {
      console.log(await commands[command](word));
    } catch (error) {
      console.log(String(error));
    }
  }
})();
