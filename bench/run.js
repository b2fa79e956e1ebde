// make bench: all rows, or those named as arguments. Prints a table, writes results.json and a plot of each row when all were run, and
// tells which goals were missed. Exits 0 also then, since a slow machine is no broken program; 1 when something could not be measured.
const compute = require('./compute'), live = require('./live'), joins = require('./joins'), growth = require('./growth'), logins = require('./logins'), idle = require('./idle'), elsewhere = require('./elsewhere'), events = require('./events'), crowd = require('./crowd'), link = require('./link');
const report = require('./report');
const settings = require('./settings');

const parts = {
  compute: compute.run, trips: live.trips, pipelined: live.pipelined, burst: live.burst, memory: live.memory_rows,
  link: link.run, idle: idle.run, logins: logins.run, joins: joins.run, growth: growth.run, elsewhere: elsewhere.run, events: events.run, crowd: crowd.run,
};
const began = Date.now();

let told = 0;

// A line that changes on a terminal; elsewhere one line in ten seconds.
function progress(text) {
  const seconds = Math.round((Date.now() - began) / 1000), line = `[${String(seconds).padStart(4)} s] ${text}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  else if (told === 0 || seconds >= told + 10) { told = seconds || 1; process.stderr.write(`${line}\n`); }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

(async () => {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
  const unknown = wanted.find((name) => !parts[name]);
  if (unknown) throw new Error(`${unknown} is no part of the bench; these are: ${Object.keys(parts).join(' ')}`);
  const machine = report.machine();
  const rows = [], failed = [];
  for (const name of wanted) {
    try { rows.push(...(await parts[name](progress)).map(report.judged)); } catch (error) { failed.push(`${name} could not be measured: ${error.stack}`); }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(report.table(rows));
  if (wanted.length === Object.keys(parts).length && !settings.quick && failed.length === 0) {
    report.write(rows, machine);
    console.log(`\nbench/results.json and bench/plots/ are written${report.quote(rows, machine) ? ', and the table of bench/README.md' : ''}`);
  }
  const short = report.shortfalls(rows);
  console.log(`\nmedian (least–most) of ${settings.rounds} rounds; ${machine.cores} cores of ${machine.cpu}, load ${machine.load.toFixed(1)} at the start; ${Math.round((Date.now() - began) / 1000)} s`);
  console.log(short.length ? short.map((line) => `falls short: ${line}`).join('\n') : 'every goal is reached');
  if (failed.length) console.error(failed.join('\n'));
  process.exit(failed.length ? 1 : 0);
})().catch((error) => { console.error(error); process.exit(1); });
