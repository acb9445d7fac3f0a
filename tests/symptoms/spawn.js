// Starts a child once it has read a line.
const { spawn } = require('child_process');

console.log('ready');
process.stdin.once('data', () => {
  // A refusal for lack of memory is thrown, one for lack of a pid is an event.
  try {
    spawn('/usr/bin/true').on('error', console.error).on('spawn', () => console.log('started'));
  } catch (error) {
    console.error(error);
  }
});
