(() => {
  'use strict';
  const { data, colors, element, section, grid, number, percent, short, chart, options, distribution, tiles, list } = Page;
  const MOST_CHARTS = 24;
  const MOST_PAIRS = 30;
  const MOST_CELLS = 60;
  const { metrics, columns, pairs } = data;
  const holdout = data.reference === 'held-out rows';

  document.title = data.title + ' - cvae-spark comparison';
  document.getElementById('title').textContent = data.title;
  document.getElementById('summary').textContent = Object.entries(data.rows)
    .map(([role, n]) => `${role}: ${data.sources[role]}, ${number(n)} rows`).join(' · ');

  // -- the figures
  const figure = x => x === null || x === undefined ? 'none' : x.toFixed(3);
  const of = (name, write = figure) => metrics[name] && write(metrics[name].synthetic);
  const real = (name, write = figure) => metrics[name] && metrics[name].reference !== null ? write(metrics[name].reference) : undefined;
  const share = x => x === null ? 'none' : x === 0 ? '0 %' : percent(x);
  const facts = read => ({
    'shapes (1 is best)': read('shapes'),
    'trends (1 is best)': read('trends'),
    'detection (0.5 is best)': read('detection'),
    'AUC of the target': read('auc'),
    'F1 of the target': read('f1'),
    'rows with an unseen pair': read('unseen_pairs', share),
    'copies of real rows': read('copies', share),
  });
  const result = section('Result', data.conclusion);
  tiles(result, 'Synthetic rows', facts(of));
  tiles(result, holdout ? 'Held-out rows: what rows can reach that are real' : 'Real rows: what they reach themselves', facts(real));
  const halves = holdout ? 'for real rows and held-out rows' : 'for one half of the real rows and the other';
  const meanings = {
    shapes: 'How alike the distributions of single columns are, on average: 1 − Kolmogorov–Smirnov distance for numbers, 1 − total variation distance for categories.',
    trends: `How alike pairs of columns depend on each other, on average over the ${number(pairs.filter(p => p.counted).length)} pairs that do depend in the real rows (|correlation| above 0.4, Cramér’s V above 0.3). Over all ${number(pairs.length)} pairs: ${of('trends_all')}.`,
    detection: `How well boosted trees tell ${number(data.learner_rows)} synthetic rows from as many real ones: the area under the ROC curve, of rows that the trees have not seen. Beside it the same ${halves}.`,
    'AUC, F1': data.target ? `How well trees that learned from synthetic rows predict ${data.target} in real rows. Beside it trees that learned from real rows.` : undefined,
    'unseen pair': 'Two values that never occur together in the real rows, of columns with fewer than 100 values.',
    copies: 'Rows that are equal to a real row in every column.',
  };
  const terms = element('dl', result);
  for (const [term, meaning] of Object.entries(meanings)) {
    if (!meaning) continue;
    element('dt', terms, term);
    element('dd', terms, meaning);
  }

  // -- columns
  const s = section('Columns', 'The worst first. Values missing from numbers are left out of the shape; their shares stand beside it.');
  const table = (parent, heads, rows) => {
    const t = element('table', element('div', parent, undefined, 'scroll'));
    const head = element('tr', t);
    heads.forEach(h => element('th', head, h));
    for (const row of rows) {
      const line = element('tr', t);
      row.forEach(cell => element('td', line, cell));
    }
  };
  const anyMissing = columns.some(c => c.missingReal > 0 || c.missingSynthetic > 0);
  const heads = ['column', 'kind', 'shape'];
  if (holdout) heads.push('shape of held-out rows');
  heads.push('values, real', 'values, synthetic');
  if (anyMissing) heads.push('missing, real', 'missing, synthetic');
  table(s, heads, columns.map(c => {
    const line = [c.column, c.number ? 'number' : 'category', figure(c.shape)];
    if (holdout) line.push(figure(c.holdoutShape));
    line.push(number(c.realValues), number(c.syntheticValues));
    if (anyMissing) line.push(share(c.missingReal), share(c.missingSynthetic));
    return line;
  }));
  const shapes = new Map(columns.map(c => [c.column, c.shape]));
  const distributions = section('Distributions', `The share of the rows in each bar, the worst column first${data.charts.length > MOST_CHARTS ? `; ${MOST_CHARTS} of ${data.charts.length} columns` : ''}.`);
  const charts = grid(distributions);
  for (const c of data.charts.slice(0, MOST_CHARTS)) {
    const series = [['real', c.real], ['synthetic', c.synthetic]];
    if (c.holdout) series.push(['held out', c.holdout]);
    distribution(charts, `${c.column} · shape ${figure(shapes.get(c.column))}`, c.labels, c.levels, series);
  }

  // -- pairs
  if (pairs.length) {
    const p = section('Pairs', 'How alike pairs of columns depend on each other: blue is 1, red is 0.8 and below. Pale cells are pairs below the thresholds of association, which do not count in trends; grey ones have no correlation, as a column is constant.');
    const names = data.charts.map(c => c.column).sort((a, b) => data.order.indexOf(a) - data.order.indexOf(b));
    if (names.length <= MOST_CELLS) heat(p, names);
    const worst = pairs.filter(x => x.similarity !== null).slice(0, MOST_PAIRS);
    element('h3', p, 'Worst pairs');
    const pairHeads = ['pair', 'similarity'];
    if (holdout) pairHeads.push('of held-out rows');
    const anyNumbers = worst.some(x => x.numbers);
    pairHeads.push('association', 'counts in trends');
    if (anyNumbers) pairHeads.push('correlation, real', 'correlation, synthetic');
    table(p, pairHeads, worst.map(x => {
      const line = [`${x.first} × ${x.second}`, figure(x.similarity)];
      if (holdout) line.push(figure(x.holdoutSimilarity));
      line.push(`${figure(x.association)} (${x.numbers ? '|correlation|' : 'Cramér’s V'})`, x.counted ? 'yes' : 'no');
      if (anyNumbers) line.push(...[x.realCorrelation, x.syntheticCorrelation].map(r => x.numbers ? figure(r) : ''));
      return line;
    }));
  }
  function heat(parent, names) {
    const values = new Map(pairs.flatMap(x => [[x.first + '\0' + x.second, x], [x.second + '\0' + x.first, x]]));
    const t = element('table', element('div', parent, undefined, 'scroll'), undefined, 'heat');
    const head = element('tr', t);
    element('th', head);
    names.forEach(name => element('span', element('th', head, undefined, 'turned'), short(name, 16)));
    for (const row of names) {
      const line = element('tr', t);
      element('th', line, short(row, 20));
      for (const column of names) {
        const cell = element('td', line);
        const x = values.get(row + '\0' + column);
        if (!x) continue;
        const known = x.similarity !== null;
        cell.textContent = known ? (100 * x.similarity).toFixed(0) : '';
        cell.title = `${row} × ${column}: ${known ? figure(x.similarity) : 'no correlation'}`;
        cell.style.background = known ? color(x.similarity) : '#d5dae0';
        if (!x.counted) cell.className = 'pale';
      }
    }
  }
  // From red (0.8 and below) over white (0.9) to blue (1).
  function color(similarity) {
    const at = Math.max(0, Math.min(1, (similarity - 0.8) / 0.2));
    const mix = (a, b, t) => a.map((v, i) => Math.round(v + t * (b[i] - v)));
    const [red, white, blue] = [[214, 96, 77], [247, 247, 247], [67, 133, 190]];
    return `rgb(${at < 0.5 ? mix(red, white, 2 * at) : mix(white, blue, 2 * at - 1)})`;
  }

  // -- what gives the rows away
  const giveaways = columns.filter(c => c.importance !== null).sort((a, b) => b.importance - a.importance).slice(0, 20);
  if (giveaways.length) {
    const d = section('Detection', `The columns by which the trees tell synthetic rows from real ones: their share in what the trees gain. The trees reach ${of('detection')}; where that is near 0.5 the shares mean little.`);
    chart(d, '', {
      type: 'bar',
      data: { labels: giveaways.map(c => short(c.column, 24)), datasets: [{ label: 'importance', data: giveaways.map(c => c.importance), backgroundColor: colors[0] }] },
      options: options('importance', '', { indexAxis: 'y', legend: false, y: { ticks: { autoSkip: false } } }),
    }, { height: 70 + giveaways.length * 20 });
  }
  list(section('Made with', 'Where this comparison was made.'), Object.entries(data.environment));
})();
