// make try HOST=…: three and more real clients on a Jitsi that stands. Prints a line for each thing that has to
// hold; exit status 0 only when all of it does, 1 when something does not, 2 when it could not be tried.
// spec/try/README.md tells of the options.
const fs = require('fs'),
  path = require('path');
const options = require('./options'),
  { Report } = require('./report'),
  { Stage } = require('./stage');

let stage,
  ending = false;

async function end(code, text) {
  if (ending) return;
  ending = true;
  if (text) process.stderr.write(`${text}\n`);
  if (stage) await stage.close().catch(() => {});
  process.exit(code);
}
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])
  process.on(signal, () => end(code, 'interrupted'));

function stepsOf(o) {
  const folder = path.join(__dirname, 'steps');
  const names = fs
    .readdirSync(folder)
    .filter((f) => /^\d+_\w+\.js$/.test(f))
    .sort();
  const short = (f) => f.replace(/^\d+_|\.js$/g, '');
  const unknown = (o.only || []).find((n) => !names.some((f) => short(f) === n));
  if (unknown)
    throw new options.Wrong(`ONLY: ${JSON.stringify(unknown)}; some of ${names.map(short).join(',')} are wanted`);
  return names.filter((f) => !o.only || o.only.includes(short(f))).map((f) => require(path.join(folder, f)));
}

async function main() {
  const o = options.read(process.env),
    steps = stepsOf(o),
    report = new Report(process.stdout, o.signer.secret ? [o.signer.secret] : []);
  const limit = setTimeout(() => {
    report.fails('all of it', `not done within LIMIT=${o.limit / 1000} s`);
    end(1);
  }, o.limit);
  stage = await Stage.raise(o, report);
  report.topic(
    `${o.origin}, login ${o.login}, ${o.transport}, peer-to-peer ${o.p2p ? 'on' : 'off'}; rooms skotos-try-${stage.mark}-…`,
  );
  for (const step of steps) {
    report.topic(step.title);
    try {
      await step.run(stage);
    } catch (e) {
      if (e instanceof options.Wrong) throw e;
      if (!ending) report.fails('this could not be gone on with', e.message.split('\n')[0]);
    }
    await stage.clear();
  }
  clearTimeout(limit);
  const code = report.end();
  await end(code);
}
main().catch((e) => end(2, `make try: ${e instanceof options.Wrong ? e.message : e.stack}`));
