import { useQuery } from '@tanstack/react-query';
import type { Run } from '../app/api.ts';
import { listFromUrl, listToUrl } from '../app/url-list.ts';
import { useUrlState } from '../app/url-state.ts';
import css from '../curves/curve-controls.module.css';
import { CurveControls } from '../curves/curve-controls.tsx';
import { MetricChart } from '../curves/metric-chart.tsx';
import { MetricPicker } from '../curves/metric-picker.tsx';
import { useCurveSettings } from '../curves/settings.ts';
import { Tick } from '../kit/form.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import { metricSummaryQuery } from './queries.ts';

/** So many charts are drawn until more are asked for. */
const chartsAtFirst = 8;

/** The curves of a run's metrics: those that the URL names (`metrics`), each in its own chart or all in one. */
export function RunCharts({ run }: { readonly run: Run }) {
  const [params, change] = useUrlState();
  const [settings, setSettings] = useCurveSettings();
  const summary = useQuery(metricSummaryQuery(run));
  if (summary.isPending) return <Loading what="metrics" rows={8} />;
  if (summary.isError) return <Failure error={summary.error} onRetry={summary.refetch} />;
  if (summary.data.length === 0) return <Empty title="This run logged no metrics" />;
  const known = summary.data.map(({ key }) => key);
  const curved = summary.data.filter(({ points }) => points > 1).map(({ key }) => key);
  const asked = params.get('metrics');
  const drawn = (
    asked === null ? (curved.length > 0 ? curved : known).slice(0, chartsAtFirst) : listFromUrl(asked)
  ).filter((metric) => known.includes(metric));
  const together = params.get('chart') === 'one';
  const running = run.status === 'RUNNING';
  const line = (metric: string, look: number) => ({ runId: run.runId, metric, name: metric, look });
  const shared = { settings, onSettings: setSettings, running };
  return (
    <>
      <div className={css['bar']}>
        <MetricPicker
          metrics={known}
          chosen={drawn}
          // An empty list is a choice as well; the URL says it by a comma.
          onChoose={(metrics) => change({ metrics: metrics.length === 0 ? ',' : listToUrl(metrics) })}
        />
        <Tick
          label="In one chart"
          checked={together}
          onChange={(event) => change({ chart: event.target.checked ? 'one' : '' })}
        />
        <CurveControls {...shared} />
      </div>
      {drawn.length === 0 ? (
        <Empty title="No metric is chosen" />
      ) : together ? (
        <MetricChart title={drawn.join(', ')} lines={drawn.map(line)} {...shared} />
      ) : (
        <div className={`${css['charts']} ${drawn.length === 1 ? css['wide'] : ''}`}>
          {drawn.map((metric) => (
            <MetricChart key={metric} title={metric} lines={[line(metric, known.indexOf(metric))]} {...shared} />
          ))}
        </div>
      )}
    </>
  );
}
