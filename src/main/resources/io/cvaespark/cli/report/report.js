(() => {
  'use strict';
  const { data, colors, element, section, partOf, grid, number, precise, percent, short, words, chart, options, barsOfLevels, distribution, tiles, list } = Page;

  // The range of all values but the first epoch's, where that lies far outside it and there are enough others.
  const withoutFirst = series => {
    const firsts = series.map(values => values[0]);
    const rest = series.flatMap(values => values.slice(1));
    const min = Math.min(...rest);
    const max = Math.max(...rest);
    const room = 0.05 * (max - min);
    const outside = firsts.some(v => v < min - 10 * room || v > max + 10 * room);
    return outside && series[0].length > 5 && room > 0
      ? { min: min - room, max: max + room, ticks: { includeBounds: false } } : undefined;
  };
  const OUTSIDE = 'the first epoch lies outside';

  // -- who it is, and how it ended
  const provenance = data.provenance;
  const latent = data.latent;
  document.title = data.title + ' - cvae-spark report';
  document.getElementById('title').textContent = data.title;
  document.getElementById('summary').textContent =
    `${data.variant}, ${number(provenance.training_rows)} training rows, ${provenance.epochs} epochs, trained with ${provenance.program} at ${words(provenance.created)}`;
  const kept = provenance.validation || provenance.train;
  const train = data.history.train;
  const evaluation = data.evaluation || {};
  const active = evaluation.active_units;
  const ELBO = {
    ae: '−reconstruction: an autoencoder has no prior, so there is no bound on the likelihood. Higher is better.',
    baseline: '−reconstruction, which without a latent is the log-likelihood of a row. Higher is better.',
  }[data.variant] ?? '−reconstruction − KL, a lower bound on the log-likelihood of a row. Higher is better.';
  const hasLatent = data.variant !== 'baseline';
  const terms = {
    ELBO,
    reconstruction: `How badly the decoder predicts the targets${hasLatent ? ' from the latent' : ''}: minus their log-likelihood. Lower is better.`,
    KL: hasLatent && 'How far the latent\u2019s distribution, given the row, is from the prior: what the latent says of the row that the prior does not. 0: nothing.',
    'active units': 'Dimensions of the latent that are in use: the variance over the rows of their posterior mean is above 0.01.',
    accuracy: 'The share of rows whose most probable class is their own.',
    β: hasLatent && 'The weight of the KL in what training minimises, reconstruction + β · KL. With 1 this is −ELBO.',
    nat: 'The unit of information that goes with the natural logarithm: 1.44 bits.',
  };
  if (kept) {
    const s = section('Result');
    const groups = element('div', s, undefined, 'groups');
    tiles(groups, `Quality: nats per ${provenance.validation ? 'validation' : 'training'} row, at epoch ${provenance.best_epoch} (kept)`,
      { ELBO: number(kept.elbo), reconstruction: number(kept.reconstruction), KL: hasLatent ? number(kept.kl) : undefined });
    tiles(groups, `Over the ${number(data.rows)} rows of this page`, {
      'active units': active === undefined ? undefined : `${active} of ${latent.dimensions}`,
      accuracy: evaluation.accuracy === undefined ? undefined : number(evaluation.accuracy, 4),
    });
    if (train) {
      tiles(groups, 'Speed of training', {
        'rows per second': number(provenance.training_rows * train.epoch.length / train.seconds.at(-1), 0),
        'seconds in steps': number(train.seconds.at(-1), 1),
      });
    }
    const list = element('dl', s);
    for (const [term, meaning] of Object.entries(terms)) {
      if (!meaning || (term === 'active units' && active === undefined) || (term === 'accuracy' && evaluation.accuracy === undefined)) continue;
      element('dt', list, term);
      element('dd', list, meaning);
    }
  }

  // -- training curves
  if (train) {
    const s = section('Training', 'One point an epoch.');
    const charts = grid(s);
    const constant = [];
    const lines = (title, y, key, splits, fromZero) => {
      const own = splits.filter(split => data.history[split]);
      const series = own.map(split => data.history[split][key]);
      if (new Set(series.flat()).size === 1) {
        constant.push(`${title} ${precise(series[0][0], 6)}`);
        return;
      }
      const range = fromZero ? undefined : withoutFirst(series);
      const epochs = data.history[own[0]].epoch;
      const x = { type: 'linear', ticks: { precision: 0 } };
      if (range) Object.assign(x, { min: epochs[0], max: epochs.at(-1) }); // else the axis would leave the first out
      chart(charts, title, {
        type: 'line',
        data: {
          datasets: own.map((split, i) => ({
            label: split, borderColor: colors[i], backgroundColor: colors[i], borderWidth: 2, pointRadius: 2, clip: { left: 4, right: 4, top: range ? 0 : 4, bottom: range ? 0 : 4 },
            data: data.history[split].epoch.map((epoch, j) => ({ x: epoch, y: series[i][j] })),
          })),
        },
        options: options('epoch', y, { legend: own.length > 1, x, y: range ?? { beginAtZero: fromZero } }),
      }, { note: range && OUTSIDE });
    };
    const both = ['train', 'validation'];
    const mirrored = both.filter(split => data.history[split]).map(split => data.history[split])
      .every(h => h.loss.every((loss, j) => Math.abs(loss + h.elbo[j]) <= 1e-6 * Math.abs(loss)));
    lines('ELBO', 'nats per row', 'elbo', both);
    lines('Reconstruction', 'nats per row', 'reconstruction', both);
    if (hasLatent) lines('KL', 'nats per row', 'kl', both);
    if (!mirrored) lines('Loss, what training minimises (validation: at the last β)', 'nats per row', 'loss', both);
    lines('Learning rate', '', 'learning_rate', ['train']);
    if (hasLatent) lines('β', '', 'beta', ['train']);
    lines('Training rows per second', '', 'rows_per_second', ['train'], true);
    const said = constant.length ? [`${constant.join(', ')} in every epoch.`] : [];
    if (mirrored) said.push('The loss is −ELBO.');
    if (said.length) element('p', s, said.join(' '), 'note');
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
  const conditions = data.conditions.join(', ');
  if (data.samples) {
    const { condition, labels, real, generated } = data.samples;
    const s = section('Samples', 'Left real images, right generated ones: the likelihood\u2019s mean' + (latent ? ' for z drawn from the prior.' : '.'),
      condition && `A line for each level of ${condition}.`,
      conditions && `Each image is generated for a real row of its line, given all of that row\u2019s conditions: ${conditions}.`);
    const side = element('div', s, undefined, 'side');
    if (labels.length) {
      const names = element('div', side, undefined, 'names');
      labels.forEach(label => element('span', names, label));
    }
    picture(side, real, 'real images');
    picture(side, generated, 'generated images');
  }
  if (data.columns && data.columns.length) {
    const charts = grid(section('Columns', `The share of values in ${number(data.rows)} real rows, and in as many generated`,
      conditions ? `for the same conditions (${conditions}).` : 'rows.',
      'The distance is the total variation distance of the two, half the sum of the bars\u2019 differences: 0 the same distribution, 1 nothing in common.'));
    for (const { column, labels, levels, real, synthetic, distance, outside } of data.columns) {
      const title = distance === null ? column : `${column} · distance ${number(distance)}`;
      distribution(charts, title, labels, levels, [['real', real], ['generated', synthetic]],
        outside ? `generated outside the real range: ${percent(outside)}` : undefined);
    }
  }

  // -- all rows against a synthetic table, as compare found it
  if (data.comparison) {
    const { file, old } = data.comparison;
    const s = section('Comparison', Comparison.tables(data.comparison) + '.', `More columns and pairs stand in ${file}.`,
      old && 'This comparison was made before the model was trained, so it says nothing of this model: sample again, and compare again.');
    Comparison.draw(data.comparison, partOf(s), { columns: 10, charts: 6, pairs: 10, importances: 10 });
  }

  // -- reconstructions
  const again = data.reconstructions;
  const origin = 'what is decoded from their latents';
  if (again && again.png) {
    const s = section('Reconstructions', `Above real images, below ${origin}.`);
    picture(s, again.png, 'images and their reconstructions');
  } else if (again) {
    const s = section('Reconstructions', `Real rows, and below each cell ${origin}.`);
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
  if (latent) {
    const given = Object.keys(latent.levels);
    const reading = latent.prior_sees_condition ? 'The prior is learned from the conditions c, so z may follow c: groups may lie apart.'
      : latent.decoder_sees_condition ? 'Mixed colours are as they should be: c is given, so z holds what c does not say.'
      : 'Groups that lie apart are told apart by z.';
    const s = section('Latent', `Posterior means of ${number(latent.points.length)} rows in their first principal components (${latent.explained.map(v => number(100 * v, 0) + ' %').join(' and ')} of the variance).`,
      given.length > 0 && reading);
    const select = given.length > 0 && element('select', element('label', s, 'Colours by '));
    given.forEach(column => element('option', select, column));
    const datasets = () => {
      const levels = select ? latent.levels[select.value] : latent.points.map(() => 'rows');
      const order = [...new Set(levels)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
      return order.map((level, i) => ({
        label: level, backgroundColor: colors[i % colors.length] + 'b0', pointRadius: 2.5,
        data: latent.points.filter((_, j) => levels[j] === level).map(([x, y]) => ({ x, y })),
      }));
    };
    const cloud = chart(s, '', { type: 'scatter', data: { datasets: datasets() }, options: options('first component', 'second component', { legend: given.length > 0 }) },
      { kind: 'chart tall' });
    if (select) {
      select.onchange = () => {
        cloud.data.datasets = datasets();
        cloud.update();
      };
    }
    const kl = evaluation.kl_per_dimension;
    if (kl && kl.length) {
      chart(s, 'KL of each dimension', {
        type: 'bar',
        data: { labels: kl.map((_, j) => j), datasets: [{ label: 'KL', data: kl, backgroundColor: colors[0] }] },
        options: options('dimension', 'nats', { legend: false }),
      }, { note: `${active} of ${latent.dimensions} are active: the variance over the rows of their posterior mean is above 0.01. A dimension with a KL near 0 says nothing of x that the prior does not say already` +
        (latent.prior_sees_condition ? '; as the prior is learned, it may still be active, by following c.' : '.') });
    }
  }

  // -- by condition
  const byCondition = Object.entries(evaluation.by_condition || {});
  if (byCondition.length) {
    const charts = grid(section('ELBO by condition', 'Where the model describes its rows well, and where not: nats per row, the number of rows in brackets.',
      'Only categorical conditions of at most 50 levels are shown.'));
    for (const [column, levels] of byCondition) {
      const labels = Object.entries(levels).map(([level, of]) => `${short(level, 16)} (${number(of.rows)}): ${of.elbo.toFixed(2)}`);
      barsOfLevels(charts, column, labels, [{ label: 'ELBO', data: Object.values(levels).map(of => of.elbo), backgroundColor: colors[0] }], 'nats per row', false);
    }
  }

  // -- time
  if (train) {
    const parts = ['compute_ms', 'exchange_ms', 'wait_ms'];
    const range = withoutFirst([train.epoch.map((_, j) => parts.reduce((sum, key) => sum + train[key][j], 0))]);
    const s = section('Time', 'Where the milliseconds of a step went, on average over each epoch: arithmetic, moving and updating parameters, waiting for the slowest worker.');
    chart(s, '', {
      type: 'bar',
      data: { labels: train.epoch, datasets: parts.map((key, i) => ({
        label: key.replace('_ms', ''), data: train[key], backgroundColor: colors[i],
      })) },
      options: options('epoch', 'ms per step', { x: { stacked: true }, y: { stacked: true, ...(range && { max: range.max, ticks: range.ticks }) } }),
    }, { note: range && OUTSIDE });
    element('p', s, `Workers: ${[...new Set(train.workers)].join(', ')}.`, 'note');
  }

  // -- what it was made of
  element('pre', section('Job'), data.job);
  list(section('Provenance', 'What the model says of itself.'),
    Object.entries(provenance).filter(([key]) => key !== 'model' && key !== 'training'));
  list(section('Made with', 'Where this report was made.'), Object.entries(data.environment));
})();
