// What the rows come to: ratios with their spread, a table, results.json, a plot of each row.
const fs = require('fs'), os = require('os'), path = require('path');
const { summary, grouped, spread } = require('./figures');
const { plot } = require('./plot');
const settings = require('./settings'), { version } = require('./prosody');

// One goal of a row judged: the ratio to the best of those it is against (or, of a goal `later`, by how much it is
// above that), round by round, or the figure itself.
function judge(row, goal) {
  const figures = (name) => row.contenders.find((c) => c.name === name).figures;
  const ours = figures(row.ours), less = row.better === 'less';
  const pick = less ? Math.min : Math.max;
  const later = goal.later !== undefined;
  const beside = (own, best) => (later ? own - best : own / best);
  const values = goal.against ? ours.map((own, i) => beside(own, pick(...goal.against.map((name) => figures(name)[i])))) : ours;
  const seen = summary(values);
  const wanted = goal.rate ?? goal.least ?? goal.most ?? goal.later;
  const value = goal.every ? (less ? seen.most : seen.least) : seen.median;
  const met = less ? value <= wanted : value >= wanted;
  return { says: goal.says, ratio: Boolean(goal.against) && !later, later, ...seen, wanted, met };
}

function judged(row) {
  return { ...row, contenders: row.contenders.map((c) => ({ ...c, ...summary(c.figures) })), goals: (row.goals || []).map((goal) => judge(row, goal)) };
}

function table(rows) {
  const out = [];
  for (const row of rows) {
    out.push(`\n${row.title}${row.unit ? `, ${row.unit}` : ''}`);
    const width = Math.max(...(row.contenders).map((c) => c.label.length));
    const own = row.contenders.find((c) => c.name === row.ours);
    for (const c of row.contenders) {
      const times = c === own || !c.median ? '' : `   ${grouped(own.median / c.median)} ×`;
      out.push(`  ${c.label.padEnd(width)}  ${spread(c)}${times}`);
    }
    for (const goal of row.goals) out.push(`  ${goal.met ? 'reached' : 'SHORT  '}  ${goal.says}: ${spread(goal)}`);
  }
  return out.join('\n');
}

function shortfalls(rows) {
  return rows.flatMap((row) => row.goals.filter((goal) => !goal.met)
    .map((goal) => `${row.title}: ${spread(goal)}, wanted ${goal.says}`));
}

// The rows as a Markdown table, for bench/README.md.
function markdown(rows, machine) {
  const lines = ['| what | skotos_bridge | beside it | to reach |', '| --- | --- | --- | --- |'];
  for (const row of rows) {
    const own = row.contenders.find((c) => c.name === row.ours);
    const others = row.contenders.filter((c) => c !== own).map((c) => `${c.label} ${grouped(c.median)}`).join('; ');
    const goals = row.goals.map((g) => `${g.says}${g.ratio || g.later ? `: ${spread(g)}` : ''}${g.met ? '' : ' **falls short**'}`).join('; ');
    lines.push(`| [${row.title}](plots/${row.id}.svg), ${row.unit} | ${spread(own)} | ${others || '–'} | ${goals} |`);
  }
  const short = shortfalls(rows);
  lines.push('', `Median (least–most) of ${settings.rounds} rounds on ${machine.cores} cores of ${machine.cpu}, ${new Date().toISOString().slice(0, 10)}, `
    + `load ${machine.load.toFixed(1)} at the start, Prosody ${version}, Node ${machine.node}. `
    + (short.length ? `${short.length === 1 ? 'One goal is' : `${short.length} goals are`} missed.` : 'Every goal is reached.'));
  return lines.join('\n');
}

const BEGIN = '<!-- make bench writes from here -->', END = '<!-- to here -->';

// Puts the table into bench/README.md, between its two marks.
function quote(rows, machine) {
  const file = path.join(settings.root, 'bench/README.md'), text = fs.readFileSync(file, 'utf8');
  const from = text.indexOf(BEGIN), to = text.indexOf(END);
  if (from < 0 || to < from) return false;
  fs.writeFileSync(file, `${text.slice(0, from + BEGIN.length)}\n${markdown(rows, machine)}\n${text.slice(to)}`);
  return true;
}

function write(rows, machine) {
  const results = { made: new Date().toISOString(), machine, settings: { rounds: settings.rounds, slice_ms: settings.slice_ms, quick: settings.quick }, rows };
  fs.writeFileSync(path.join(__dirname, 'results.json'), `${JSON.stringify(results, (key, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value), 1)}\n`);
  fs.mkdirSync(path.join(__dirname, 'plots'), { recursive: true });
  for (const row of rows) fs.writeFileSync(path.join(__dirname, 'plots', `${row.id}.svg`), plot(row));
}

const machine = () => ({ cpu: os.cpus()[0].model, cores: os.cpus().length, memory_gb: Math.round(os.totalmem() / 2 ** 30), kernel: os.release(), node: process.version, load: os.loadavg()[0] });

module.exports = { judged, table, shortfalls, write, quote, machine };
