import { useParams } from 'react-router';
import { loadLines } from '../../artifacts/load-lines.ts';
import { ModelCard } from '../../artifacts/model-card.tsx';
import { modelPlace } from '../../artifacts/model-place.ts';
import { Considered } from '../../environments/considered.tsx';
import { useChampions } from '../../environments/use-champions.ts';
import { VersionActivity } from '../../environments/version-activity.tsx';
import { ExperimentLink } from '../../experiments/experiment-name.tsx';
import { Code } from '../../kit/copy.tsx';
import { VersionPage } from '../../models/version-page.tsx';

export function Component() {
  const { name = '', version = '' } = useParams();
  const champions = useChampions().ofVersion(name, version);
  return (
    <VersionPage
      key={`${name}/${version}`}
      name={name}
      version={version}
      champions={champions}
      experiment={(id) => <ExperimentLink id={id} />}
      decisions={<Considered subject={{ registeredModel: name, version: Number(version) }} what="this version" />}
      activity={(of) => <VersionActivity version={of} />}
      use={({ source }, uri) => {
        const place = modelPlace(source);
        return place === undefined ? (
          <Code
            label={`Python that loads the model ${name} version ${version}`}
            lines={loadLines(window.location.origin, uri)}
          />
        ) : (
          <ModelCard {...place} name={`${name} version ${version}`} uri={uri} />
        );
      }}
    />
  );
}
