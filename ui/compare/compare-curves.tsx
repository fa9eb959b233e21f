import { Link } from 'react-router';
import { paths } from '../app/paths.ts';
import { listFromUrl, listToUrl } from '../app/url-list.ts';
import { useUrlState } from '../app/url-state.ts';
import css from '../curves/curve-controls.module.css';
import { CurveControls } from '../curves/curve-controls.tsx';
import { MetricChart } from '../curves/metric-chart.tsx';
import { MetricPicker } from '../curves/metric-picker.tsx';
import { useCurveSettings } from '../curves/settings.ts';
import { Empty } from '../kit/states.tsx';
import type { ComparedRun } from './compare-page.tsx';

const chartsAtFirst = 4;

/** A chart for each metric that the URL names (`metrics`), with the curves of all runs. */
export function CompareCurves({ runs }: { readonly runs: readonly ComparedRun[] }) {
  const [params, change] = useUrlState();
  const [settings, setSettings] = useCurveSettings();
  const known = [...new Set(runs.flatMap(({ metrics }) => [...metrics.keys()]))].toSorted();
  // A metric whose last step is not the first one has a curve.
  const curved = known.filter((metric) => runs.some(({ metrics }) => (metrics.get(metric)?.step ?? 0) > 0));
  const asked = params.get('metrics');
  const drawn = (
    asked === null ? (curved.length > 0 ? curved : known).slice(0, chartsAtFirst) : listFromUrl(asked)
  ).filter((metric) => known.includes(metric));
  const running = runs.some(({ status }) => status === 'RUNNING');
  const ofRun = new Map(runs.map((run) => [run.title, run.runId]));
  const shared = { settings, onSettings: setSettings, running };
  if (known.length === 0) return <Empty title="These runs logged no metrics" />;
  return (
    <>
      <div className={css['bar']}>
        <MetricPicker
          metrics={known}
          chosen={drawn}
          onChoose={(metrics) => change({ metrics: metrics.length === 0 ? ',' : listToUrl(metrics) })}
        />
        <CurveControls {...shared} />
      </div>
      {drawn.length === 0 ? (
        <Empty title="No metric is chosen" />
      ) : (
        <div className={`${css['charts']} ${drawn.length === 1 ? css['wide'] : ''}`}>
          {drawn.map((metric) => (
            <MetricChart
              key={metric}
              title={metric}
              lines={runs
                .filter(({ metrics }) => metrics.has(metric))
                .map(({ runId, title, look }) => ({ runId, metric, name: title, look }))}
              nameOf={({ name }) => <Link to={paths.run(ofRun.get(name) ?? '')}>{name}</Link>}
              {...shared}
            />
          ))}
        </div>
      )}
    </>
  );
}
