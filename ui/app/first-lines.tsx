import { Code } from '../kit/copy.tsx';
import { Section } from '../kit/page.tsx';
import css from './first-lines.module.css';

/** What to do with a server that has no run. */
export function FirstLines() {
  return (
    <Section title="No run yet" note="Three lines of Python log the first one.">
      <div className={css['lines']}>
        <Code
          label="Python that logs a first run"
          lines={[
            'import mlflow',
            `mlflow.set_tracking_uri("${window.location.origin}")`,
            'mlflow.log_metric("accuracy", 0.93)',
          ]}
        />
        <p>
          They need nothing but <code>pip install mlflow</code>. The run appears here when you come back to this tab.
        </p>
        <p>
          Or see everything at work first: <code>npm run demo</code> in Cellar’s own folder trains three forests on wine
          data, registers the best of them and puts it into production.
        </p>
      </div>
    </Section>
  );
}
