// The lines that `make try` prints, and what they come to.
class Report {
  constructor(out, hidden = []) {
    Object.assign(this, { out, hidden, held: 0, failed: 0, skipped: 0, begun: Date.now() });
  }
  // Text from outside: no token, no secret, no control characters.
  clean(text) {
    let said = String(text).replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, '(token)');
    for (const secret of this.hidden) said = said.split(secret).join('(secret)');
    return said.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ');
  }
  line(mark, text) {
    this.out.write(`  ${mark.padEnd(5)} ${this.clean(text)}\n`);
  }
  topic(title) {
    this.out.write(`${this.clean(title)}\n`);
  }
  // One thing that has to hold; `saw` tells what was there, and is shown either way when it is given.
  holds(is, what, saw) {
    if (is) this.held += 1;
    else this.failed += 1;
    this.line(is ? 'ok' : 'FAIL', saw === undefined ? what : `${what}: ${saw}`);
    return is;
  }
  fails(what, why) {
    this.holds(false, what, why);
  }
  skip(why) {
    this.skipped += 1;
    this.line('--', `not tried: ${why}`);
  }
  end() {
    const seconds = Math.round((Date.now() - this.begun) / 1000);
    this.topic(`${this.held} hold, ${this.failed} fail, ${this.skipped} not tried, in ${seconds} s`);
    return this.failed === 0 && this.held > 0 ? 0 : 1;
  }
}
module.exports = { Report };
