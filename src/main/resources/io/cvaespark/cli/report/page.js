// What the pages share: texts, tables and charts.
const Page = (() => {
  'use strict';
  const data = JSON.parse(document.getElementById('content').textContent);
  const page = document.getElementById('page');
  const colors = ['#1f6fb2', '#d9722e', '#3a9a5b', '#b5405f', '#7a5fb5', '#8a6d3b', '#2aa3a3', '#c49a1a', '#7b8794', '#e377c2', '#4a6fe3', '#94b447'];
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.font.family = 'system-ui, sans-serif';
  // Texts and lines of the charts have the page's colours, which are others in the dark.
  const paint = () => {
    const style = getComputedStyle(document.documentElement);
    Chart.defaults.color = style.getPropertyValue('--soft').trim();
    Chart.defaults.borderColor = style.getPropertyValue('--line').trim();
    Object.values(Chart.instances).forEach(c => c.update());
  };
  paint();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);

  const element = (tag, parent, text, kind) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    if (kind) e.className = kind;
    parent.append(e);
    return e;
  };
  const headed = (e, heading, title, notes) => {
    element(heading, e, title);
    const said = notes.filter(Boolean).join(' ');
    if (said) element('p', e, said, 'note');
    return e;
  };
  const section = (title, ...notes) => headed(element('section', page), 'h2', title, notes);
  const partOf = s => (title, ...notes) => headed(element('div', s, undefined, 'part'), 'h3', title, notes);
  const grid = s => element('div', s, undefined, 'charts');
  const number = (x, digits = 2) => x === null || x === undefined ? 'none'
    : Number(x).toLocaleString('en', { maximumFractionDigits: digits });
  const precise = (x, digits) => Number(x).toLocaleString('en', { maximumSignificantDigits: digits });
  const percent = share => precise(100 * share, 2) + ' %';
  const short = (text, most) => text.length > most ? text.slice(0, most - 1) + '…' : text;
  // A value of the provenance in words.
  const words = (value, nested) => {
    if (value === null) return 'none';
    if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
    if (Array.isArray(value)) return value.map(v => words(v, true)).join(', ') || 'none';
    if (typeof value === 'object') {
      const text = Object.entries(value).map(([key, v]) => `${key} ${words(v, true)}`).join(', ');
      return nested ? `(${text})` : text;
    }
    return String(value).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, '$1 $2 UTC');
  };

  // -- charts: a title in words above, the canvas, what is to be said of it between
  const chart = (parent, title, config, { kind = 'chart', note, height } = {}) => {
    const figure = element('figure', parent);
    if (title) element('figcaption', figure, title);
    if (note) element('p', figure, note, 'small');
    const box = element('div', figure, undefined, kind);
    if (height) box.style.height = height + 'px';
    return new Chart(element('canvas', box), config);
  };
  const axis = (title, extra = {}) => ({ title: { display: Boolean(title), text: title }, ...extra });
  const options = (x, y, more = {}) => ({
    indexAxis: more.indexAxis ?? 'x',
    plugins: { legend: { display: more.legend ?? true, labels: { boxWidth: 12 } } },
    scales: { x: axis(x, more.x), y: axis(y, more.y) },
  });
  const barsOfLevels = (parent, title, labels, datasets, x, legend) => chart(parent, title, {
    type: 'bar',
    data: { labels, datasets },
    options: options(x, '', { indexAxis: 'y', legend, y: { ticks: { autoSkip: false } } }),
  }, { height: 90 + labels.length * 11 * (datasets.length + 0.6) });
  // All ticks of few bins; of many the first, the last and as many between as have room: what the ends hold is to be read.
  const endTicks = labels => {
    const last = labels.length - 1;
    const widest = 6.5 * Math.max(...labels.map(label => label.length)) + 14;
    const step = Math.ceil(labels.length / Math.max(2, Math.min(6, Math.floor(300 / widest))));
    const shown = i => i === 0 || i === last || (i % step === 0 && last - i >= step);
    return { autoSkip: false, maxRotation: 0, callback: (_, i) => shown(i) ? labels[i] : '' };
  };
  // The shares of the values of one column: of levels, or of bins.
  const distribution = (parent, title, labels, levels, series, note) => {
    const bars = series.map(([label, shares], i) => ({ label, data: shares, backgroundColor: colors[i] }));
    if (levels) {
      barsOfLevels(parent, title, labels.map(l => short(l, 24)), bars, 'share');
    } else {
      chart(parent, title, { type: 'bar', data: { labels, datasets: bars }, options: options('', 'share', { x: { ticks: endTicks(labels) } }) }, { note });
    }
  };
  const tiles = (s, title, entries) => {
    const known = Object.entries(entries).filter(([, value]) => value !== undefined);
    if (!known.length) return;
    const group = element('div', s);
    element('h4', group, title);
    const row = element('div', group, undefined, 'tiles');
    for (const [label, value] of known) {
      const t = element('div', row, undefined, 'tile');
      element('b', t, value);
      element('span', t, label);
    }
  };
  const list = (s, entries) => {
    const table = element('table', s, undefined, 'facts');
    for (const [key, value] of entries) {
      const line = element('tr', table);
      element('th', line, key);
      element('td', line, words(value));
    }
  };
  return { data, colors, element, section, partOf, grid, number, precise, percent, short, words, chart, options, barsOfLevels, distribution, tiles, list };
})();
