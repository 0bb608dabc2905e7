(() => {
  'use strict';
  const data = JSON.parse(document.getElementById('content').textContent);
  const page = document.getElementById('page');
  const colors = ['#1f6fb2', '#d9722e', '#3a9a5b', '#b5405f', '#7a5fb5', '#8a6d3b', '#2aa3a3', '#c49a1a', '#5b6675', '#e377c2', '#17508a', '#94b447'];
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.font.family = 'system-ui, sans-serif';
  Chart.defaults.color = '#5b6675';
  Chart.defaults.borderColor = '#e8ecf0';

  const element = (tag, parent, text, kind) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    if (kind) e.className = kind;
    parent.append(e);
    return e;
  };
  const section = (title, note) => {
    const s = element('section', page);
    element('h2', s, title);
    if (note) element('p', s, note, 'note');
    return s;
  };
  const number = (x, digits = 2) => x === null || x === undefined ? 'none'
    : Number(x).toLocaleString('en', { maximumFractionDigits: digits });
  const chart = (parent, config, kind = 'chart') => {
    const box = element('div', parent, undefined, kind);
    new Chart(element('canvas', box), config);
  };
  const axis = (title, extra = {}) => ({ title: { display: Boolean(title), text: title }, ...extra });
  const options = (title, x, y, more = {}) => ({
    plugins: { title: { display: Boolean(title), text: title, color: '#1c2430' }, legend: { labels: { boxWidth: 12 } }, ...more.plugins },
    scales: { x: axis(x, more.x), y: axis(y, more.y) },
  });

  // -- who it is, and how it ended
  const provenance = data.provenance;
  document.title = data.title + ' - cvae-spark report';
  document.getElementById('title').textContent = data.title;
  document.getElementById('summary').textContent =
    `${data.variant}, ${number(provenance.training_rows)} training rows, ${provenance.epochs} epochs, trained with ${provenance.program} at ${provenance.created}`;
  const kept = provenance.validation || provenance.train;
  const train = data.history.train;
  if (kept) {
    const s = section('Result', `of the epoch that is kept (${provenance.best_epoch}), per ${provenance.validation ? 'validation' : 'training'} row, in nats`);
    const tiles = element('div', s, undefined, 'tiles');
    const tile = (label, value) => {
      const t = element('div', tiles, undefined, 'tile');
      element('b', t, value);
      element('span', t, label);
    };
    tile('ELBO', number(kept.elbo));
    tile('reconstruction', number(kept.reconstruction));
    tile('KL', number(kept.kl));
    if (data.evaluation && data.evaluation.active_units !== undefined) tile('active units', data.evaluation.active_units);
    if (data.evaluation && data.evaluation.accuracy !== undefined) tile('accuracy', number(data.evaluation.accuracy, 4));
    if (train) {
      tile('rows per second', number(provenance.training_rows * train.epoch.length / train.seconds.at(-1), 0));
      tile('seconds in steps', number(train.seconds.at(-1), 1));
    }
  }

  // -- training curves
  if (train) {
    const charts = element('div', section('Training', 'one point an epoch; validation at the last value of β'), undefined, 'charts');
    const lines = (title, y, key, splits) => chart(charts, {
      type: 'line',
      data: {
        datasets: splits.filter(split => data.history[split]).map((split, i) => ({
          label: split, borderColor: colors[i], backgroundColor: colors[i], borderWidth: 2, pointRadius: 2,
          data: data.history[split].epoch.map((epoch, j) => ({ x: epoch, y: data.history[split][key][j] })),
        })),
      },
      options: options(title, 'epoch', y, { x: { type: 'linear', ticks: { precision: 0 } } }),
    });
    const both = ['train', 'validation'];
    lines('ELBO', 'nats per row', 'elbo', both);
    lines('Reconstruction', 'nats per row', 'reconstruction', both);
    lines('KL', 'nats per row', 'kl', both);
    lines('Loss, the objective itself', 'nats per row', 'loss', both);
    lines('Learning rate', '', 'learning_rate', ['train']);
    lines('β', '', 'beta', ['train']);
    lines('Training rows per second', '', 'rows_per_second', ['train']);
  }

  if (data.missing !== undefined) {
    section('No rows to compare with', data.missing === ''
      ? 'The job names no data. Give rows with --data to see samples, reconstructions and latents.'
      : `There is nothing at ${data.missing} any more. Give rows with --data to see samples, reconstructions and latents.`);
  }

  // -- samples
  const picture = (parent, base64, text) => {
    const img = element('img', parent);
    img.src = 'data:image/png;base64,' + base64;
    img.alt = text;
  };
  if (data.samples) {
    const s = section('Samples', 'Left real images, right in the same line what the model generates for their conditions: the likelihood\u2019s mean for z drawn from the prior.');
    const side = element('div', s, undefined, 'side');
    picture(side, data.samples.real, 'real images');
    picture(side, data.samples.generated, 'generated images');
  }
  if (data.columns && data.columns.length) {
    const charts = element('div', section('Columns', `The share of values in ${number(data.rows)} real rows, and in rows generated for the same conditions.`), undefined, 'charts');
    for (const column of data.columns) {
      chart(charts, {
        type: 'bar',
        data: { labels: column.labels, datasets: [
          { label: 'real', data: column.real, backgroundColor: colors[0] },
          { label: 'generated', data: column.synthetic, backgroundColor: colors[1] },
        ] },
        options: options(column.column, '', 'share'),
      });
    }
  }

  // -- reconstructions
  const again = data.reconstructions;
  if (again && again.png) {
    const s = section('Reconstructions', 'Above real images, below what the decoder makes of their latents.');
    picture(s, again.png, 'images and their reconstructions');
  } else if (again) {
    const s = section('Reconstructions', 'Each cell with what the decoder makes of the row\u2019s latent below it.');
    const table = element('table', element('div', s, undefined, 'scroll'));
    const head = element('tr', table);
    again.columns.forEach(name => element('th', head, name));
    again.originals.forEach((row, i) => {
      const line = element('tr', table);
      row.forEach((cell, j) => {
        const td = element('td', line, cell === null ? '(missing)' : cell);
        element('small', td, again.reconstructions[i][j]);
      });
    });
  }

  // -- the latent
  if (data.latent) {
    const groups = Object.entries(data.latent.points);
    const shares = data.latent.explained.map(v => number(100 * v, 0) + ' %');
    const s = section('Latent', `Posterior means of ${number(data.rows)} rows in their first principal components (${shares.join(' and ')} of the variance)` +
      (data.latent.condition ? `, by ${data.latent.condition}.` : '.'));
    chart(s, {
      type: 'scatter',
      data: { datasets: groups.map(([level, points], i) => ({
        label: level || 'rows', backgroundColor: colors[i % colors.length] + 'b0', pointRadius: 2.5,
        data: points.map(([x, y]) => ({ x, y })),
      })) },
      options: options('', 'first component', 'second component'),
    }, 'chart tall');
    const kl = data.evaluation && data.evaluation.kl_per_dimension;
    if (kl && kl.length) {
      chart(s, {
        type: 'bar',
        data: { labels: kl.map((_, j) => j), datasets: [{ label: 'KL', data: kl, backgroundColor: colors[0] }] },
        options: options('KL of each dimension: those near 0 are not used', 'dimension', 'nats', { plugins: { legend: { display: false } } }),
      });
    }
  }

  // -- by condition
  const byCondition = data.evaluation ? Object.entries(data.evaluation.by_condition || {}) : [];
  if (byCondition.length) {
    const charts = element('div', section('ELBO by condition', 'Where the model describes its rows well, and where not.'), undefined, 'charts');
    for (const [column, levels] of byCondition) {
      chart(charts, {
        type: 'bar',
        data: { labels: Object.keys(levels), datasets: [{ label: 'ELBO', data: Object.values(levels).map(l => l.elbo), backgroundColor: colors[0] }] },
        options: options(column, '', 'nats per row', { plugins: { legend: { display: false } } }),
      });
    }
  }

  // -- time
  if (train) {
    const s = section('Time', 'Where the milliseconds of a step went, on average over each epoch: arithmetic, moving and updating parameters, waiting for the slowest worker.');
    chart(s, {
      type: 'bar',
      data: { labels: train.epoch, datasets: ['compute_ms', 'exchange_ms', 'wait_ms'].map((key, i) => ({
        label: key.replace('_ms', ''), data: train[key], backgroundColor: colors[i],
      })) },
      options: options('', 'epoch', 'ms per step', { x: { stacked: true }, y: { stacked: true } }),
    });
    element('p', s, `Workers: ${[...new Set(train.workers)].join(', ')}.`, 'note');
  }

  // -- what it was made of
  const list = (s, entries) => {
    const table = element('table', element('div', s, undefined, 'scroll'));
    for (const [key, value] of entries) {
      const line = element('tr', table);
      element('th', line, key);
      element('td', line, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
  };
  element('pre', section('Job'), data.job);
  list(section('Provenance', 'what the model says of itself'),
    Object.entries(provenance).filter(([key]) => key !== 'model' && key !== 'training'));
  list(section('Made with', 'where this report was made'), Object.entries(data.environment));
})();
