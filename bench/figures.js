// Figures of several rounds: median and spread, and how they are written.
const sorted = (list) => [...list].sort((a, b) => a - b);

function quantile(list, q) {
  const s = sorted(list), at = (s.length - 1) * q, low = Math.floor(at);
  return s[low] + (s[Math.min(low + 1, s.length - 1)] - s[low]) * (at - low);
}

const summary = (list) => ({ median: quantile(list, 0.5), least: Math.min(...list), most: Math.max(...list), rounds: list.length });

function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '-';
  const size = Math.abs(value);
  if (size >= 10000) return Math.round(value / 10 ** Math.max(0, Math.floor(Math.log10(size)) - 2)) * 10 ** Math.max(0, Math.floor(Math.log10(size)) - 2) + '';
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(size >= 1 ? 2 : 3);
}
const grouped = (value) => number(value).replace(/\B(?=(\d{3})+(?!\d)(?!.*\.))/g, ',');
const spread = (s) => `${grouped(s.median)} (${grouped(s.least)}–${grouped(s.most)})`;

module.exports = { quantile, summary, grouped, spread };
