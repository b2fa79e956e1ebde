// A child that is told what to do by a line on its stdin and answers each with a line.
const readline = require('readline');
const { spawn } = require('child_process');

const started = require('../spec/support/rig/started'); // ended with this process, however it ends

class Worker {
  constructor(command, args, options) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
    this.name = [command, ...args].join(' ');
    this.waiting = [];
    readline.createInterface({ input: this.child.stdout }).on('line', (line) => { const next = this.waiting.shift(); if (next) next.done(line); });
    this.child.on('error', (error) => this.fail(error));
    this.child.on('exit', (code, signal) => { started.delete(this); this.fail(new Error(`${this.name} ended (${signal || code})`)); });
    this.child.stdin.on('error', () => {}); // its end is told by 'exit'
    started.add(this);
  }
  fail(error) { for (const w of this.waiting.splice(0)) w.fail(error); this.failed = error; }
  // The line that answers `line`; without one, the next that it says by itself.
  ask(line) {
    if (this.failed) return Promise.reject(this.failed);
    return new Promise((done, fail) => {
      this.waiting.push({ done, fail });
      if (line !== undefined) this.child.stdin.write(`${line}\n`);
    });
  }
  kill() { this.child.kill(); }
  end() { this.child.stdin.end(); this.child.kill(); }
}
module.exports = { Worker };
