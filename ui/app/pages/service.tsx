import { useParams } from 'react-router';
import { ServicePage } from '../../environments/service-page.tsx';

export function Component() {
  const name = useParams()['name'] ?? '';
  return <ServicePage key={name} name={name} />;
}
