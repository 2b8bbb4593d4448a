// What the page does in the browser: it draws the plots. One text, because it has to stand inside the page; it reads numbers
// only, and writes nothing but canvases. Colours are such that they hold on light, on dark and on paper.

export const SCRIPT: string = `
'use strict';
(() => {
  const charts = JSON.parse(document.getElementById('charts').textContent);
  const QUIET = '#7d8790', GRID = 'rgba(128, 136, 144, 0.18)';
  const COLORS = { main: '#3f83d1', least: 'rgba(63, 131, 209, 0.35)', most: 'rgba(63, 131, 209, 0.35)', step: '#2f9e6e', limit: '#d9822b' };
  const short = (value) => (Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toPrecision(3) : String(Number(value.toPrecision(6))));
  const time = (ms) => {
    if (Math.abs(ms) < 1000) return short(ms) + ' ms';
    if (Math.abs(ms) < 120000) return short(Math.round(ms / 100) / 10) + ' s';
    if (Math.abs(ms) < 7200000) return short(Math.round(ms / 6000) / 10) + ' min';
    return short(Math.round(ms / 360000) / 10) + ' h';
  };
  const UNITS = { ms: time, share: (value) => short(Math.round(value * 1000) / 10) + ' %', number: short };
  const options = ({ unit, x, lines }, width) => {
    const text = UNITS[unit];
    const value = (_, one) => (one == null ? '' : text(one));
    const series = lines.map(({ name, role }) => ({
      label: name,
      value,
      stroke: COLORS[role],
      width: role === 'main' || role === 'step' ? 1.5 : 1,
      dash: role === 'limit' ? [5, 4] : undefined,
      points: { show: role === 'main' && x.length <= 40, size: 5 },
      paths: role === 'step' ? uPlot.paths.stepped({ align: 1 }) : undefined,
    }));
    const at = (role) => lines.findIndex((line) => line.role === role) + 1;
    const bands = at('most') > 0 ? [{ series: [at('most'), at('least')], fill: 'rgba(63, 131, 209, 0.14)' }] : [];
    const axis = { stroke: QUIET, grid: { stroke: GRID, width: 1 }, ticks: { stroke: GRID, width: 1 }, font: '11px system-ui, sans-serif' };
    return {
      width,
      height: 220,
      scales: { x: { time: false }, y: unit === 'number' ? {} : { range: (_, low, high) => [0, Math.max(high, unit === 'share' ? 0.05 : 1) * 1.05] } },
      cursor: { sync: { key: 'cycles' }, drag: { x: true, y: false } },
      series: [{ label: 'cycle', value: (_, one) => (one == null ? '' : String(one)) }, ...series],
      bands,
      axes: [
        { ...axis, values: (_, all) => all.map((one) => (Number.isInteger(one) ? String(one) : '')) },
        { ...axis, size: 68, values: (_, all) => all.map(text) },
      ],
    };
  };
  for (const place of document.querySelectorAll('.plot')) {
    const chart = charts[Number(place.dataset.chart)];
    const plot = new uPlot(options(chart, place.clientWidth), [chart.x, ...chart.lines.map(({ y }) => y)], place);
    new ResizeObserver(() => {
      if (place.clientWidth > 0 && place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height: 220 });
    }).observe(place);
  }
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((one) => (one.open = true)));
  document.documentElement.dataset.drawn = String(document.querySelectorAll('.plot canvas').length);
})();
`;
