import { ExperimentsPage } from '../../experiments/experiments-page.tsx';

export const Component = ExperimentsPage;
