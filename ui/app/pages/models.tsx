import { useChampions } from '../../environments/use-champions.ts';
import { ModelsPage } from '../../models/models-page.tsx';

export function Component() {
  return <ModelsPage championsOf={useChampions().ofModel} />;
}
