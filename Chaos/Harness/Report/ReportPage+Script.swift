extension ReportPage {
    /// Draws the page from its figures.
    static let script = #"""
        'use strict';
        const report = JSON.parse(document.getElementById('data').textContent);
        const main = document.getElementById('report');
        function element(name, attributes, ...children) {
          const node = document.createElement(name);
          for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
          node.append(...children.filter((child) => child !== null && child !== undefined));
          return node;
        }
        function shape(name, attributes, text) {
          const node = document.createElementNS('http://www.w3.org/2000/svg', name);
          for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
          if (text !== undefined) node.textContent = text;
          return node;
        }
        const number = (value) => value.toLocaleString('en');
        const ms = (value) => value >= 10000 ? (value / 1000).toFixed(1) + ' s'
          : (value >= 100 ? value.toFixed(0) : value.toFixed(1)) + ' ms';
        const seconds = (value) => value.toFixed(1) + ' s';
        function table(heads, rows) {
          const numeric = (head) => head.startsWith('#');
          const cell = (kind, index, content) =>
            element(kind, numeric(heads[index]) ? { class: 'number' } : {}, content);
          return element('table', {},
            element('thead', {}, element('tr', {}, ...heads.map((head, i) => cell('th', i, head.replace('#', ''))))),
            element('tbody', {}, ...rows.map((row) =>
              element('tr', {}, ...row.map((content, i) => cell('td', i, content))))));
        }
        function section(title, ...content) { main.append(element('h2', {}, title), ...content); }

        // What it was.
        main.append(
          element('h1', {}, report.scenario + ' ',
            element('span', { class: report.sound ? 'good' : 'bad' },
              report.sound ? 'everything held' : 'not everything held')),
          element('p', {}, report.summary),
          report.event ? element('p', { class: 'soft' }, 'Event of the guarantees: ' + report.event) : '',
          element('p', { class: 'soft' },
            `${report.nodes} nodes, ${report.documents} documents, ${report.editors} editors at ${report.rate} edits/s each, `
            + `${seconds(report.seconds)} on ${new Date(report.startedAt).toISOString().replace('T', ' ').slice(0, 19)} UTC`),
          element('p', {}, 'Again: ', element('code', {}, report.command)));
        const happened = report.faults.filter((fault) => fault.outcome === 'done');
        const card = (value, label) => element('div', { class: 'card' }, element('b', {}, value), element('span', {}, label));
        main.append(element('div', { class: 'cards' },
          card(number(report.counts.acknowledged), 'operations acknowledged'),
          card(number(happened.length), 'faults'),
          card(ms(report.latency.p50), 'ack p50'), card(ms(report.latency.p99), 'ack p99'),
          card(ms(report.latency.max), 'ack max'),
          card(number(report.counts.reconnects), 'reconnects'), card(number(report.counts.resent), 'sent again'),
          card(number(report.history.events), 'events judged')));

        // Time.
        const wide = 1080, left = 52, right = 20, top = 8;
        const span = Math.max(report.seconds, ...report.faults.map((fault) => fault.over), 1);
        const x = (time) => left + Math.min(1, Math.max(0, time / span)) * (wide - left - right);
        const latencyHeight = 190, rateHeight = 90, gap = 26;
        const lanes = [];
        for (const fault of happened) {
          let lane = lanes.findIndex((end) => end <= fault.from);
          if (lane < 0) lane = lanes.push(0) - 1;
          // A label needs room as well.
          lanes[lane] = Math.max(fault.over, fault.from + span * 0.13);
          fault.lane = lane;
        }
        const laneHeight = 18;
        const lanesTop = top + latencyHeight + gap + rateHeight + gap;
        const high = lanesTop + Math.max(1, lanes.length) * laneHeight + 24;
        const svg = shape('svg', { viewBox: `0 0 ${wide} ${high}`, role: 'img',
          'aria-label': 'Ack latency and throughput over time, with the faults' });
        for (const fault of happened) {
          svg.append(shape('rect', { x: x(fault.from), y: top, width: Math.max(1.5, x(fault.over) - x(fault.from)),
            height: latencyHeight + gap + rateHeight, fill: 'var(--wash)' }));
        }
        const values = [...report.timeline.max, ...report.timeline.p99].filter((value) => value !== null && value > 0);
        const low = 0.5, peak = Math.max(10, ...values);
        const y = (value) => top + latencyHeight
          - Math.log(Math.max(low, value) / low) / Math.log(peak / low) * latencyHeight;
        for (let mark = 1; mark <= peak; mark *= 10) {
          svg.append(shape('line', { x1: left, x2: wide - right, y1: y(mark), y2: y(mark), stroke: 'var(--line)' }),
            shape('text', { x: left - 6, y: y(mark) + 4, 'text-anchor': 'end' }, mark >= 1000 ? mark / 1000 + ' s' : mark + ' ms'));
        }
        function line(series, color, width) {
          let path = '', open = false;
          series.forEach((value, index) => {
            if (value === null) { open = false; return; }
            path += (open ? 'L' : 'M') + x((index + 0.5) * report.timeline.step).toFixed(1) + ' ' + y(value).toFixed(1);
            open = true;
          });
          svg.append(shape('path', { d: path, fill: 'none', stroke: color, 'stroke-width': width, 'stroke-linecap': 'round' }));
        }
        line(report.timeline.max, 'var(--max)', 1);
        line(report.timeline.p99, 'var(--p99)', 1.5);
        line(report.timeline.p50, 'var(--p50)', 2);
        const rateTop = top + latencyHeight + gap, most = Math.max(1, ...report.timeline.rate);
        const barWidth = Math.max(0.8, (wide - left - right) * report.timeline.step / span - 0.4);
        report.timeline.rate.forEach((value, index) => {
          const height = value / most * rateHeight;
          svg.append(shape('rect', { x: x(index * report.timeline.step), y: rateTop + rateHeight - height, width: barWidth,
            height, fill: 'var(--rate)', opacity: 0.75 }));
        });
        svg.append(shape('line', { x1: left, x2: wide - right, y1: rateTop + rateHeight, y2: rateTop + rateHeight, stroke: 'var(--line)' }),
          shape('text', { x: left - 6, y: rateTop + 9, 'text-anchor': 'end' }, Math.round(most) + '/s'),
          shape('text', { x: left - 6, y: rateTop + rateHeight, 'text-anchor': 'end' }, '0'));
        const steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
        const tick = steps.find((step) => span / step <= 14) || 7200;
        for (let time = 0; time <= span; time += tick) {
          svg.append(shape('line', { x1: x(time), x2: x(time), y1: rateTop + rateHeight, y2: rateTop + rateHeight + 4, stroke: 'var(--soft)' }),
            shape('text', { x: x(time), y: rateTop + rateHeight + 16, 'text-anchor': 'middle' }, time + ' s'));
        }
        for (const fault of happened) {
          const laneTop = lanesTop + fault.lane * laneHeight;
          const label = '#' + fault.number + ' ' + fault.text;
          const bar = shape('rect', { x: x(fault.from), y: laneTop, width: Math.max(2, x(fault.over) - x(fault.from)),
            height: laneHeight - 5, rx: 2, fill: 'var(--fault)', opacity: 0.35 });
          const sure = shape('rect', { x: x(fault.from), y: laneTop, width: Math.max(2, x(fault.until) - x(fault.from)),
            height: laneHeight - 5, rx: 2, fill: 'var(--fault)', opacity: 0.55 });
          bar.append(shape('title', {}, label));
          sure.append(shape('title', {}, label));
          svg.append(bar, sure);
          if (happened.length > 40) continue;
          const near = x(fault.from) > wide * 0.8;
          const text = shape('text', { x: near ? x(fault.from) - 4 : x(fault.from) + 4, y: laneTop + 10,
            'text-anchor': near ? 'end' : 'start' }, label);
          text.setAttribute('style', 'fill: var(--ink)');
          svg.append(text);
        }
        const key = (color, label) => element('span', {}, element('i', { style: `background:${color}` }), label);
        section('Faults over ack latency and throughput', svg, element('div', { class: 'legend' },
          key('var(--p50)', 'ack p50'), key('var(--p99)', 'ack p99'), key('var(--max)', 'ack max'),
          key('var(--rate)', 'operations/s'), key('var(--fault)', 'fault, and until it was undone')));

        // Verdicts.
        const tone = { held: 'good', violated: 'bad', 'not observed': 'none' };
        section('Guarantees', table(['', 'verdict', 'examined'], report.verdicts.map((verdict) => [
          `${verdict.guarantee} ${verdict.name}`,
          element('span', { class: tone[verdict.outcome] },
            verdict.outcome + (verdict.violations ? ` ${number(verdict.violations)} times` : '')),
          verdict.examined || ''])));
        for (const verdict of report.verdicts.filter((one) => one.violations)) {
          main.append(element('details', { open: '' },
            element('summary', { class: 'bad' }, `${verdict.guarantee}: the first ${verdict.evidence.length} of ${verdict.violations}`),
            ...verdict.evidence.map((one) => element('p', { class: 'evidence' }, `${one.rule}: ${one.message}`, element('br'),
              element('span', { class: 'soft' }, ['document', 'version', 'session', 'client', 'operation']
                .filter((name) => one[name]).map((name) => `${name} ${one[name]}`).join(', ')
                + `, lines ${one.lines.join(', ')} of history.jsonl`)))));
        }
        section('What had to hold', table(['', '', 'found'], report.expectations.map((one) => [
          element('span', { class: one.holds ? 'good' : 'bad' }, one.holds ? 'yes' : 'NO'), one.text, one.detail])));
        if (report.gaps.length) {
          section('Gaps by kind of fault',
            element('p', { class: 'soft' }, 'The longest time without an ack on a surviving node while somebody there waited for one: '
              + 'one for each fault and document that it met.'),
            table(['kind', '#faults', '#gaps', '#p50', '#p99', '#max'], report.gaps.map((gap) => [
              gap.kind, number(gap.faults), number(gap.count), ms(gap.p50), ms(gap.p99), ms(gap.max)])));
        }
        if (report.faults.length) {
          const rows = report.faults.slice(0, 500).map((fault) => [String(fault.number), seconds(fault.from),
            seconds(fault.until - fault.from), seconds(fault.over - fault.until), fault.kind, fault.text,
            fault.outcome === 'done' ? '' : element('span', { class: fault.outcome.startsWith('failed') ? 'bad' : 'none' }, fault.outcome)]);
          section('Faults', table(['#no.', '#at', '#lasted', '#undone after', 'kind', 'what', ''], rows));
        }
        const errors = Object.entries(report.counts.errors);
        section('Figures', table(['', '#'], [
          ['operations submitted', number(report.counts.submitted)], ['sent again', number(report.counts.resent)],
          ['acknowledged', number(report.counts.acknowledged)], ['reconnects', number(report.counts.reconnects)],
          ['times that a session was told of degraded', number(report.counts.degraded)],
          ...errors.map(([code, count]) => [`error ${code}`, number(count)]),
          ...Object.entries(report.history).map(([name, count]) => [`${name} in the history`, number(count)])]));
        """#
}
