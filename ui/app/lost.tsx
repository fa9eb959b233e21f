import { Link, useLocation, useRouteError } from 'react-router';
import { Page } from '../kit/page.tsx';
import { Empty, Failure } from '../kit/states.tsx';
import { paths } from './paths.ts';

/** An address that no page has. */
export function NotFound() {
  const { pathname } = useLocation();
  return (
    <Page title="No such page">
      <Empty title={`There is no page at ${pathname}`}>
        <p>
          It may come with a later version of this server. <Link to={paths.home()}>See the experiments</Link>.
        </p>
      </Empty>
    </Page>
  );
}

/** A fault of the page itself. */
export function Broken() {
  const error = useRouteError();
  return (
    <main>
      <Page title="The page failed">
        <Failure
          error={error instanceof Error ? error : new Error(String(error))}
          onRetry={() => window.location.reload()}
        />
      </Page>
    </main>
  );
}
