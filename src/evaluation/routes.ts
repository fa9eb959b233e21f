import type { Route } from '../http/route.ts';
import { holdoutRoutes } from './holdouts/routes.ts';
import type { EvaluationService } from './service.ts';

/** The endpoints of the evaluation room under `/api/v1`. */
export const evaluationRoutes = ({ holdouts }: EvaluationService): Route[] => holdoutRoutes(holdouts);
