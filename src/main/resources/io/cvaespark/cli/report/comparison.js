// A comparison of two tables, as the pages of `compare` and `report` draw it.
const Comparison = (() => {
  'use strict';
  const { colors, element, number, percent, short, chart, options, distribution, tiles } = Page;
  const MOST_CELLS = 60;
  const figure = x => x === null || x === undefined ? 'none' : x.toFixed(3);
  const share = x => x === null ? 'none' : x === 0 ? '0 %' : percent(x);
  const hasHoldout = data => data.reference === 'held-out rows';
  const order = (all, most) => all.length > most ? `The worst ${most} of ${all.length}.` : 'The worst first.';
  const tables = data => Object.entries(data.rows)
    .map(([role, n]) => `${role}: ${data.sources[role]}, ${number(n)} rows`).join(' · ');
  const table = (parent, heads, rows) => {
    const t = element('table', element('div', parent, undefined, 'scroll'));
    const head = element('tr', t);
    heads.forEach(h => element('th', head, h));
    for (const row of rows) {
      const line = element('tr', t);
      row.forEach(cell => element('td', line, cell));
    }
  };

  // -- the figures
  const result = (parent, data) => {
    const { metrics, pairs } = data;
    const of = (name, write = figure) => metrics[name] && write(metrics[name].synthetic);
    const real = (name, write = figure) => metrics[name] && metrics[name].reference !== null ? write(metrics[name].reference) : undefined;
    const facts = read => ({
      'shapes (1 is best)': read('shapes'),
      'trends (1 is best)': read('trends'),
      'detection (0.5 is best)': read('detection'),
      'AUC of the target': read('auc'),
      'F1 of the target': read('f1'),
      'rows with an unseen pair': read('unseen_pairs', share),
      'copies of real rows': read('copies', share),
    });
    tiles(parent, 'Synthetic rows', facts(of));
    tiles(parent, hasHoldout(data) ? 'Held-out rows: what rows can reach that are real' : 'Real rows: what they reach themselves', facts(real));
    const halves = hasHoldout(data) ? 'for real rows and held-out rows' : 'for one half of the real rows and the other';
    const meanings = {
      shapes: 'How alike the distributions of single columns are, on average: 1 − Kolmogorov–Smirnov distance for numbers, 1 − total variation distance for categories.',
      trends: `How alike pairs of columns depend on each other, on average over the ${number(pairs.filter(p => p.counted).length)} pairs that do depend in the real rows (|correlation| above 0.4, Cramér’s V above 0.3). Over all ${number(pairs.length)} pairs: ${of('trends_all')}.`,
      detection: `How well boosted trees tell ${number(data.learner_rows)} synthetic rows from as many real ones: the area under the ROC curve, of rows that the trees have not seen. Beside it the same ${halves}.`,
      'AUC, F1': data.target ? `How well trees that learned from synthetic rows predict ${data.target} in real rows. Beside it trees that learned from real rows.` : undefined,
      'unseen pair': 'Two values that never occur together in the real rows, of columns with fewer than 100 values.',
      copies: 'Rows that are equal to a real row in every column.',
    };
    const terms = element('dl', parent);
    for (const [term, meaning] of Object.entries(meanings)) {
      if (!meaning) continue;
      element('dt', terms, term);
      element('dd', terms, meaning);
    }
  };

  // -- columns
  const columnTable = (parent, data, most) => {
    const { columns } = data;
    const anyMissing = columns.some(c => c.missingReal > 0 || c.missingSynthetic > 0);
    const heads = ['column', 'kind', 'shape'];
    if (hasHoldout(data)) heads.push('shape of held-out rows');
    heads.push('values, real', 'values, synthetic');
    if (anyMissing) heads.push('missing, real', 'missing, synthetic');
    table(parent, heads, columns.slice(0, most).map(c => {
      const line = [c.column, c.number ? 'number' : 'category', figure(c.shape)];
      if (hasHoldout(data)) line.push(figure(c.holdoutShape));
      line.push(number(c.realValues), number(c.syntheticValues));
      if (anyMissing) line.push(share(c.missingReal), share(c.missingSynthetic));
      return line;
    }));
  };
  const distributions = (parent, data, most) => {
    const shapes = new Map(data.columns.map(c => [c.column, c.shape]));
    const charts = Page.grid(parent);
    for (const c of data.charts.slice(0, most)) {
      const series = [['real', c.real], ['synthetic', c.synthetic]];
      if (c.holdout) series.push(['held out', c.holdout]);
      distribution(charts, `${c.column} · shape ${figure(shapes.get(c.column))}`, c.labels, c.levels, series);
    }
  };

  // -- pairs
  const pairTable = (parent, data, worst) => {
    const heads = ['pair', 'similarity'];
    if (hasHoldout(data)) heads.push('of held-out rows');
    const anyNumbers = worst.some(x => x.numbers);
    heads.push('association', 'counts in trends');
    if (anyNumbers) heads.push('correlation, real', 'correlation, synthetic');
    table(parent, heads, worst.map(x => {
      const line = [`${x.first} × ${x.second}`, figure(x.similarity)];
      if (hasHoldout(data)) line.push(figure(x.holdoutSimilarity));
      line.push(`${figure(x.association)} (${x.numbers ? '|correlation|' : 'Cramér’s V'})`, x.counted ? 'yes' : 'no');
      if (anyNumbers) line.push(...[x.realCorrelation, x.syntheticCorrelation].map(r => x.numbers ? figure(r) : ''));
      return line;
    }));
  };
  const heat = (parent, data) => {
    const names = data.charts.map(c => c.column).sort((a, b) => data.order.indexOf(a) - data.order.indexOf(b));
    if (names.length > MOST_CELLS) return;
    const values = new Map(data.pairs.flatMap(x => [[x.first + '\0' + x.second, x], [x.second + '\0' + x.first, x]]));
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
        if (known) tint(cell, x.similarity);
        cell.classList.add(known ? 'known' : 'unknown');
        cell.classList.toggle('pale', !x.counted);
      }
    }
  };
  // From the worst colour (0.8 and below) over the middle one (0.9) to the best (1); the style sheet has the colours.
  const tint = (cell, similarity) => {
    const from = Math.max(-1, Math.min(1, (similarity - 0.9) / 0.1));
    cell.style.setProperty('--end', from < 0 ? 'var(--worst)' : 'var(--best)');
    cell.style.setProperty('--share', (100 * Math.abs(from)).toFixed(0) + '%');
  };

  // -- what gives the rows away
  const importances = (parent, columns) => chart(parent, '', {
    type: 'bar',
    data: { labels: columns.map(c => short(c.column, 24)), datasets: [{ label: 'importance', data: columns.map(c => c.importance), backgroundColor: colors[0] }] },
    options: options('importance', '', { indexAxis: 'y', legend: false, y: { ticks: { autoSkip: false } } }),
  }, { height: 70 + columns.length * 20 });

  // Draws the comparison `data`; part(title, notes) makes the element that a part of it stands in.
  const draw = (data, part, most) => {
    const { columns, charts, pairs } = data;
    result(part('Result', data.conclusion), data);
    columnTable(part('Columns', order(columns, most.columns), 'Values missing from numbers are left out of the shape; their shares stand beside it.'), data, most.columns);
    distributions(part('Distributions', 'The share of the rows in each bar.', order(charts, most.charts)), data, most.charts);
    if (pairs.length) {
      const p = part('Pairs', 'How alike pairs of columns depend on each other: blue is 1, red is 0.8 and below. Pale cells are pairs below the thresholds of association, which do not count in trends; grey ones have no correlation, as a column is constant.');
      heat(p, data);
      element('h4', p, 'Worst pairs');
      pairTable(p, data, pairs.filter(x => x.similarity !== null).slice(0, most.pairs));
    }
    const giveaways = columns.filter(c => c.importance !== null).sort((a, b) => b.importance - a.importance).slice(0, most.importances);
    if (giveaways.length) {
      importances(part('Detection', `The columns by which the trees tell synthetic rows from real ones: their share in what the trees gain. The trees reach ${figure(data.metrics.detection.synthetic)}; where that is near 0.5 the shares mean little.`), giveaways);
    }
  };
  return { draw, tables };
})();
