import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client, type DecisionSubject } from '../app/api.ts';

const refreshMs = 10_000;

/** A service in all its environments. */
export const serviceQuery = (service: string) =>
  queryOptions({
    queryKey: ['environments', 'service', service],
    queryFn: ({ signal }) => client.getStatus({ service, signal }),
    refetchInterval: refreshMs,
  });

/** What a selection would say now of every candidate of a slot. */
export const previewQuery = (service: string, environment: string) =>
  queryOptions({
    queryKey: ['environments', 'preview', service, environment],
    queryFn: ({ signal }) => client.previewSelection({ service, environment }, { signal }),
    placeholderData: keepPreviousData,
  });

/** The decisions about a slot, newest first, page by page. */
export const decisionsQuery = (service: string, environment: string) =>
  infiniteQueryOptions({
    queryKey: ['decisions', 'list', service, environment],
    queryFn: ({ pageParam, signal }) =>
      client.listDecisions({ service, environment, limit: 50, before: pageParam, signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: refreshMs,
  });

/** Whether the records of a service are all there and unchanged. Reads every one, so it is asked once. */
export const chainQuery = (service: string) =>
  queryOptions({
    queryKey: ['decisions', 'verify', service],
    queryFn: ({ signal }) => client.verifyDecisions({ service, signal }),
    staleTime: 60_000,
  });

export const decisionQuery = (id: string) =>
  queryOptions({
    queryKey: ['decisions', 'get', id],
    queryFn: ({ signal }) => client.getDecision(id, { signal }),
  });

/** What a version scored, and could not score. */
export const evaluationsQuery = ({ registeredModel, version }: { registeredModel: string; version: number }) =>
  queryOptions({
    queryKey: ['evaluations', registeredModel, version],
    queryFn: ({ signal }) => client.listEvaluations({ name: registeredModel, version, limit: 200, signal }),
  });

/** How a run or a version stood in every decision that looked at it. */
export const standingQuery = (subject: DecisionSubject) =>
  queryOptions({
    queryKey: ['decisions', 'why', subject],
    queryFn: ({ signal }) => client.why(subject, { signal }),
  });
