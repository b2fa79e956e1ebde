// The stand-in game (spec/support/game/game.c) as a child.
const { spawn } = require('child_process');
const readline = require('readline');
const { root } = require('./prosody');

class Game {
  static async start(o) {
    const self = new Game();
    self.child = spawn(`${root}/build/game`, [String(o.port || 0), String(o.timeout || 60000)], { stdio: ['pipe', 'pipe', 'inherit'] });
    self.waiting = [];
    readline.createInterface({ input: self.child.stdout }).on('line', (line) => self.waiting.shift()(line));
    self.port = Number((await new Promise((done) => self.waiting.push(done))).split(' ')[1]);
    return self;
  }
  command(line) {
    return new Promise((done) => { this.waiting.push(done); this.child.stdin.write(`${line}\n`); });
  }
  async stats() {
    const [asked, understood, failed, timeouts, unasked, lost, connected] = (await this.command('stats')).split(' ').slice(1).map(Number);
    return { asked, understood, failed, timeouts, unasked, lost, connected };
  }
  // Waits until `test` holds for the counts.
  async until(test, seconds, what) {
    let s;
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      s = await this.stats();
      if (test(s)) return s;
      await new Promise((r) => setTimeout(r, 5));
    }
    throw new Error(`waited ${seconds} s for ${what}: ${JSON.stringify(s)}`);
  }
  settled(seconds) { return this.until((s) => s.understood + s.failed + s.timeouts >= s.asked, seconds, 'every login to end'); }
  async result(seq) {
    const answer = (await this.command(`result ${seq}`)).slice(7);
    if (answer === 'pending' || answer === 'timeout') return { state: answer };
    const raw = Buffer.from(answer, 'hex');
    return { state: 'reply', length: raw.length, ...JSON.parse(raw.toString('utf8').replace(/\n\0$/, '')) };
  }
  kill() { this.child.kill('SIGKILL'); }
}
module.exports = { Game };
