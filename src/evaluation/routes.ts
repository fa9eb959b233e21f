import type { Route } from '../http/route.ts';
import { evaluationRoutes as routesOfEvaluations } from './evaluations/routes.ts';
import { holdoutRoutes } from './holdouts/routes.ts';
import type { EvaluationService } from './service.ts';

/** The endpoints of the evaluation room under `/api/v1`. */
export const evaluationRoutes = ({ holdouts, evaluations }: EvaluationService): Route[] => [
  ...holdoutRoutes(holdouts),
  ...routesOfEvaluations(evaluations),
];
