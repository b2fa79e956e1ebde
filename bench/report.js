// What the rows come to: ratios with their spread, a table, results.json, a plot of each row.
const fs = require('fs'), os = require('os'), path = require('path');
const { summary, grouped, spread } = require('./figures');
const { plot } = require('./plot');
const settings = require('./settings');

// One goal of a row judged: the ratio to the best of those it is against, round by round, or the figure itself.
function judge(row, goal) {
  const figures = (name) => row.contenders.find((c) => c.name === name).figures;
  const ours = figures(row.ours), less = row.better === 'less';
  const pick = less ? Math.min : Math.max;
  const values = goal.against ? ours.map((own, i) => own / pick(...goal.against.map((name) => figures(name)[i]))) : ours;
  const seen = summary(values);
  const wanted = goal.rate ?? goal.least ?? goal.most;
  const value = goal.every ? (less ? seen.most : seen.least) : seen.median;
  const met = less ? value <= wanted : value >= wanted;
  return { says: goal.says, ratio: Boolean(goal.against), ...seen, wanted, met };
}

function judged(row) {
  if (row.short) return { ...row, goals: [] };
  return { ...row, contenders: row.contenders.map((c) => ({ ...c, ...summary(c.figures) })), goals: (row.goals || []).map((goal) => judge(row, goal)) };
}

function table(rows) {
  const out = [];
  for (const row of rows) {
    out.push(`\n${row.title}${row.unit ? `, ${row.unit}` : ''}`);
    if (row.short) out.push(`  ${row.short}`);
    const width = Math.max(...(row.contenders || []).map((c) => c.label.length), 0);
    const own = row.contenders && row.contenders.find((c) => c.name === row.ours);
    for (const c of row.contenders || []) {
      const times = c === own || !c.median ? '' : `   ${grouped(own.median / c.median)} ×`;
      out.push(`  ${c.label.padEnd(width)}  ${spread(c)}${times}`);
    }
    for (const goal of row.goals) out.push(`  ${goal.met ? 'reached' : 'SHORT  '}  ${goal.says}: ${spread(goal)}`);
  }
  return out.join('\n');
}

function shortfalls(rows) {
  return rows.flatMap((row) => (row.short ? [`${row.title}: ${row.short}`]
    : row.goals.filter((goal) => !goal.met).map((goal) => `${row.title}: ${grouped(goal.median)} (${grouped(goal.least)}–${grouped(goal.most)}), wanted ${goal.says}`)));
}

// The rows as a Markdown table, for the README.
function markdown(rows) {
  const lines = ['| what | measured | beside it | to reach | |', '| --- | --- | --- | --- | --- |'];
  for (const row of rows.filter((r) => !r.short)) {
    const own = row.contenders.find((c) => c.name === row.ours);
    const others = row.contenders.filter((c) => c !== own).map((c) => `${c.label} ${grouped(c.median)}`).join('; ');
    const goals = row.goals.map((g) => `${g.says}${g.ratio ? `: ${spread(g)}` : ''}`).join('; ');
    const met = row.goals.every((g) => g.met) ? '' : '**short**';
    lines.push(`| ${row.title} | ${spread(own)} ${row.unit} | ${others} | ${goals} | ${met} |`);
  }
  return lines.join('\n');
}

function write(rows, machine) {
  const results = { made: new Date().toISOString(), machine, settings: { rounds: settings.rounds, slice_ms: settings.slice_ms, quick: settings.quick }, rows };
  fs.writeFileSync(path.join(__dirname, 'results.json'), `${JSON.stringify(results, (key, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value), 1)}\n`);
  fs.mkdirSync(path.join(__dirname, 'plots'), { recursive: true });
  for (const row of rows.filter((r) => !r.short)) fs.writeFileSync(path.join(__dirname, 'plots', `${row.id}.svg`), plot(row));
}

const machine = () => ({ cpu: os.cpus()[0].model, cores: os.cpus().length, memory_gb: Math.round(os.totalmem() / 2 ** 30), kernel: os.release(), node: process.version, load: os.loadavg()[0] });

module.exports = { judged, table, shortfalls, markdown, write, machine };
