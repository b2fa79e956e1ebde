// make bench: all rows, or those named as arguments. Prints a table, writes results.json and a plot of each row when all were run, and
// tells which goals were missed. Exits 0 also then: a slow machine is no broken program.
const compute = require('./compute'), live = require('./live'), joins = require('./joins'), growth = require('./growth');
const report = require('./report');
const settings = require('./settings');

const parts = {
  compute: compute.run, trips: live.trips, pipelined: live.pipelined, burst: live.burst, memory: live.memory_rows,
  joins: joins.run, growth: growth.run,
};
const began = Date.now();

function progress(text) {
  const line = `[${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s] ${text}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  else if (/round 1 /.test(text) || !/round/.test(text)) process.stderr.write(`${line}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

(async () => {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
  const unknown = wanted.find((name) => !parts[name]);
  if (unknown) throw new Error(`${unknown} is no part of the bench; these are: ${Object.keys(parts).join(' ')}`);
  const machine = report.machine();
  const rows = [];
  for (const name of wanted) rows.push(...(await parts[name](progress)).map(report.judged));
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  console.log(report.table(rows));
  if (wanted.length === Object.keys(parts).length && !settings.quick) {
    report.write(rows, machine);
    console.log('\nbench/results.json and bench/plots/ are written');
  }
  if (process.env.BENCH_MARKDOWN) console.log(`\n${report.markdown(rows)}`);
  const short = report.shortfalls(rows);
  console.log(`\nmedian (least–most) of ${settings.rounds} rounds; ${machine.cores} cores of ${machine.cpu}, load ${machine.load.toFixed(1)} at the start; ${Math.round((Date.now() - began) / 1000)} s`);
  console.log(short.length ? short.map((line) => `falls short: ${line}`).join('\n') : 'every goal is reached');
  process.exit(0);
})().catch((error) => { console.error(error); process.exit(1); });
