import { useParams } from 'react-router';
import { DecisionPage } from '../../environments/decision-page.tsx';

export function Component() {
  const id = useParams()['id'] ?? '';
  return <DecisionPage key={id} id={id} />;
}
