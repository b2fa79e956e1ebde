// One row as an SVG: a bar for each contender's median, a whisker from its least to its most, a line where the goal is.
const { grouped } = require('./figures');

const WIDTH = 840, LEFT = 325, RIGHT = 120, BAR = 22, GAP = 10, TOP = 50;
const escape = (text) => String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

// Where the goal lies in the row's own unit, by the medians.
function goal_at(row, goal) {
  if (!goal.ratio && !goal.later) return goal.wanted;
  const own = row.contenders.find((c) => c.name === row.ours).median;
  if (goal.later) return own - goal.median + goal.wanted;
  return goal.median > 0 ? own / goal.median * goal.wanted : undefined;
}

function plot(row) {
  const goals = row.goals.map((goal) => ({ ...goal, at: goal_at(row, goal) })).filter((goal) => goal.at !== undefined);
  const most = Math.max(...row.contenders.map((c) => c.most), ...goals.map((goal) => goal.at)) || 1;
  const x = (value) => LEFT + Math.max(0, value) / most * (WIDTH - LEFT - RIGHT);
  const height = TOP + row.contenders.length * (BAR + GAP) + 10 + goals.length * 16;
  const foot = TOP + row.contenders.length * (BAR + GAP);
  const out = [`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="20" font-size="15" font-weight="bold">${escape(row.title)}</text>`,
    `<text x="12" y="38" fill="#555555">${escape(row.unit)}, ${row.better} is better; bar: median, line: least to most of ${row.contenders[0].rounds} rounds</text>`];
  row.contenders.forEach((c, i) => {
    const y = TOP + i * (BAR + GAP), middle = y + BAR / 2;
    out.push(`<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${escape(c.label.length > 46 ? `${c.label.slice(0, 45)}…` : c.label)}</text>`,
      `<rect x="${LEFT}" y="${y}" width="${(x(c.median) - LEFT).toFixed(1)}" height="${BAR}" fill="${c.name === row.ours ? '#2b6cb0' : '#a0aec0'}"/>`,
      `<line x1="${x(c.least).toFixed(1)}" y1="${middle}" x2="${x(c.most).toFixed(1)}" y2="${middle}" stroke="#1a202c" stroke-width="2"/>`,
      `<text x="${(x(Math.max(c.median, c.most)) + 6).toFixed(1)}" y="${middle + 4}">${escape(grouped(c.median))}</text>`);
  });
  goals.forEach((goal, i) => {
    const at = x(goal.at).toFixed(1);
    out.push(`<line x1="${at}" y1="${TOP - 4}" x2="${at}" y2="${foot}" stroke="#c53030" stroke-width="1.5" stroke-dasharray="4 3"/>`,
      `<text x="12" y="${foot + 14 + i * 16}" fill="#c53030">goal: ${escape(goal.says)}${goal.met ? '' : ' (not reached)'}</text>`);
  });
  out.push('</svg>');
  return `${out.join('\n')}\n`;
}
module.exports = { plot };
