import { ModelsPage } from '../../models/models-page.tsx';

export const Component = ModelsPage;
