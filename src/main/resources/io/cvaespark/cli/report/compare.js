(() => {
  'use strict';
  const { data, section, list } = Page;
  document.title = data.title + ' - cvae-spark comparison';
  document.getElementById('title').textContent = data.title;
  document.getElementById('summary').textContent = Comparison.tables(data);
  Comparison.draw(data, section, { columns: Infinity, charts: 24, pairs: 30, importances: 20 });
  list(section('Made with', 'Where this comparison was made.'), Object.entries(data.environment));
})();
