// The stand-in game (spec/support/game) as a child; control.c tells what it understands.
const { spawn } = require('child_process');
const readline = require('readline');
const { root } = require('./prosody'), freePort = require('./free_port'), started = require('./started');

const hex = (text) => Buffer.from(text, 'utf8').toString('hex') || '-';

class Game {
  // o.prefix: the words of a command that runs it elsewhere, as in a network namespace.
  static async start(o) {
    const self = new Game();
    const port = o.port || (o.prefix ? 0 : await freePort()); // it may close it, and listen there again
    const [command, ...args] = [...(o.prefix || []), `${root}/build/game`, String(port), String(o.timeout || 60000), ...(o.address ? [o.address] : [])];
    self.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: o.detached });
    started.add(self);
    self.waiting = [];
    self.exited = new Promise((done) => self.child.on('exit', (code) => { started.delete(self); done(code); }));
    readline.createInterface({ input: self.child.stdout }).on('line', (line) => self.waiting.shift()(line));
    self.port = Number((await new Promise((done) => self.waiting.push(done))).split(' ')[1]);
    return self;
  }
  command(line) {
    return new Promise((done) => { this.waiting.push(done); this.child.stdin.write(`${line}\n`); });
  }
  async stats() { return JSON.parse(await this.command('stats')); }
  // Waits until the game says that `what` holds (control.c, "wait"); gives its counts then.
  async until(what, seconds) {
    const answer = await this.command(`wait ${Math.round(seconds * 1000)} ${what}`);
    if (answer.startsWith('late ')) throw new Error(`waited ${seconds} s for the game's "${what}": ${answer.slice(5)}`);
    return JSON.parse(answer);
  }
  // Every login has ended, well or badly.
  settled(seconds) { return this.until('settled', seconds); }
  // How the request with this seq (or "#ID") ended, with the members of its reply.
  async result(which) {
    const [state, id, seq, ms, name, bytes, order] = (await this.command(`result ${which}`)).split(' ').slice(1);
    if (state === 'unknown') throw new Error(`the game knows no request ${which}`);
    const told = { state, id: Number(id), seq: Number(seq), ms: Number(ms), name: name === '-' ? '' : name };
    if (state === 'pending' || state === 'timeout') return told;
    const raw = Buffer.from(bytes, 'hex');
    // Over a network a read may end within the padding; the game has understood what stands before it.
    const reply = JSON.parse(raw.toString('utf8').replace(/\n\0$/, '').replace(/,"pad":" *$/, '}'));
    // The reply's members first, in their order, and its `id` rather than the game's own.
    return { ...reply, ...told, state: 'reply', length: raw.length, order: Number(order), ...reply };
  }
  // Gives commands, each an object of members without "seq", the text of a frame up to its number, or { line } for the game, all at once;
  // their seqs.
  async order(list) {
    const lines = await Promise.all(list.map((c) => this.command(c.line || (c.login ? `login ${hex(c.login)} ${hex(c.channel)}`
      : `command ${hex(typeof c === 'string' ? c : JSON.stringify(c).slice(0, -1))}`))));
    return lines.map((line) => Number(line.split(' ')[1]));
  }
  // Gives one command and waits for its reply.
  async ask(command, seconds) {
    const [seq] = await this.order([command]);
    await this.settled(seconds);
    return this.result(seq);
  }
  // All events from number `from` on, as objects; `raw` is the frame's text.
  async events(from) {
    const { events } = await this.stats(), list = [];
    for (let n = from; n < events; n += 1) {
      const raw = Buffer.from((await this.command(`event ${n}`)).split(' ')[1], 'hex');
      list.push({ ...JSON.parse(raw.toString('utf8').replace(/\n\0$/, '')), raw: raw.toString('utf8'), length: raw.length });
    }
    return list;
  }
  // The bytes of the request with this seq (or "#ID").
  async sent(which) { return Buffer.from((await this.command(`sent ${which}`)).split(' ')[1] || '', 'hex'); }
  // Ends the game; gives its exit code.
  async stop() { this.child.stdin.end(); return { code: await this.exited }; }
  kill() { started.delete(this); this.child.kill('SIGKILL'); }
}
module.exports = { Game };
