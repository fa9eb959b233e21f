import { useParams } from 'react-router';
import { useChampions } from '../../environments/use-champions.ts';
import { ModelPage } from '../../models/model-page.tsx';

export function Component() {
  const name = useParams()['name'] ?? '';
  return <ModelPage key={name} name={name} championsOf={useChampions().ofVersion} />;
}
