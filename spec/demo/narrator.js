// Tells the story on the terminal: in colour and at a reader's pace there, plain and at once in a pipe or with NO_COLOR.
const COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };
const LABEL = 20; // columns of "game → bridge"
const BREAK = '\u200b'; // where a line may end, and nothing is shown

class Narrator {
  constructor(out, env) {
    this.out = out;
    this.coloured = Boolean(out.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb';
    this.paced = Boolean(out.isTTY) && env.PACE !== '0';
    this.width = Math.max(60, Math.min(out.isTTY ? out.columns || 80 : 100, 110));
    this.checks = 0;
  }
  paint(colour, text) { return this.coloured ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text; }
  line(text = '') { this.out.write(`${text}\n`); }
  // A moment for the reader.
  beat(ms) { return new Promise((done) => { if (this.paced) setTimeout(done, ms); else done(); }); }

  // Breaks `text` into lines that leave room for an indentation of `indent` columns: at its BREAKs where it has any, else at its spaces.
  wrap(text, indent) {
    const lines = [''], room = this.width - indent;
    // What does not fit into a line of its own breaks at its spaces all the same.
    const pieces = text.split(BREAK).flatMap((p) => (text.includes(BREAK) && p.length <= room ? [p] : p.split(/(?<= )/)));
    for (const piece of pieces) {
      const last = lines[lines.length - 1];
      if (last && (last + piece).trimEnd().length > room) lines.push(piece);
      else lines[lines.length - 1] += piece;
    }
    return lines.map((l) => l.trimEnd());
  }

  title(name, text, ...below) {
    const rule = '─'.repeat(this.width - 1);
    this.line();
    this.line(`${this.paint('bold', name)}  ${text}`);
    this.line(this.paint('dim', rule));
    for (const paragraph of below) for (const l of this.wrap(paragraph, 0)) this.line(l);
  }
  async act(number, text) {
    await this.beat(300);
    this.line();
    this.line(this.paint('bold', `ACT ${number}  ${text}`));
    this.number = 0;
  }
  async heading(text) {
    await this.beat(180);
    this.line();
    for (const l of this.wrap(text, 0)) this.line(this.paint('bold', l));
  }
  step(text) { return this.heading(`${++this.number}. ${text}`); }
  // What goes from one to the other, or what is said about something: `label` in `colour`, then the text.
  async tell(label, text, colour = 'cyan') {
    const shown = this.paint(colour, label.padEnd(LABEL));
    const lines = Array.isArray(text) ? text.flatMap((t) => this.wrap(t, LABEL + 3)) : this.wrap(text, LABEL + 3);
    lines.forEach((l, i) => this.line(`   ${i === 0 ? shown : ' '.repeat(LABEL)}${this.marked(l)}`));
    await this.beat(40);
  }
  // What the audience should not miss.
  marked(text) {
    return text.replace(/"?moderator"?:? true|affiliation owner|role moderator/g, (words) => this.paint('yellow', words))
      .replace(/\b(refused|not-allowed)\b/g, (word) => this.paint('red', word));
  }
  async holds(text) {
    this.checks += 1;
    this.wrap(text, 5).forEach((l, i) => this.line(`   ${i === 0 ? this.paint('green', '✓') : ' '} ${l}`));
    await this.beat(40);
  }
  fails(text) { this.line(`   ${this.paint('red', '✗')} ${text}`); }
}
module.exports = { Narrator, BREAK };
